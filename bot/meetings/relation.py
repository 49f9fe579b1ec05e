"""What the confirm question may name: "Kit's mum", or the name where the file gives no relation."""

import re

_NAMES_SOMEONE = re.compile(r"['’]s\b|['’]\s|\bof\b|\bto\b", re.IGNORECASE)


def who_is_asked(name: str, relation: str) -> str:
    """The words after "Is this you:". Nothing but the relation where it names whose it is.

    Args:
        name: of the participant.
        relation: as the meeting's file has it, such as "Kit's dad, lives in Cardiff".
    """
    first = relation.partition(",")[0].strip()
    return first if _NAMES_SOMEONE.search(first) else name
