"""A made-up meeting with as many people as a measurement wants."""


def meeting_of(people: int) -> str:
    """A meeting file."""
    persons = "\n".join(
        f"  - {{id: p{n}, name: Person {n}, role: parent, age_band: adult, language: en, "
        f"channel: telegram, relation: Bench {n}'s mum, child: Bench}}"
        for n in range(people)
    )
    return (
        "meeting:\n  kind: family_group_conference\n  title: Bench\n"
        "  starts_at: 2030-03-20T16:30\n  timezone: Europe/London\n  place: Here\n"
        "  nation: england\n"
        "  coordinator: {name: Bench Coordinator, email: bench@example.org, language: en}\n"
        "  duty_contact: {email: duty@example.org}\npeople:\n" + persons + "\n"
    )
