"""How someone may be written to: only by a way that they themselves said is safe (EVIDENCE.md, 1.4,
4: at home somebody else may read the letter, and hold the phone)."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from sqlalchemy.orm import Session

from bot.meetings.fields import BadField, email
from bot.meetings.writing import is_unusable, one_line
from bot.store.models import Participant
from bot.store.sealing import Seal
from flows.exchange import Plain

Sending = Literal["text", "mail"]
Way = Literal[Sending, "post"]

LONGEST_NOTE: Final = 300
"""Characters."""
_MOBILE: Final = re.compile(r"\+?[0-9]{7,15}")
_BETWEEN: Final = re.compile(r"[\s().\-\u2010-\u2015]")


class Contact(Plain):
    """What a coordinator has been told. Nothing is safe until somebody said so."""

    mobile: str = ""
    email: str = ""
    safe: tuple[Way, ...] = ()
    care: str = ""
    """What to take care of, in the coordinator's words: "not after six"."""

    def may(self, way: Way) -> bool:
        """Whether we may write to them so, and know where."""
        known = {"text": bool(self.mobile), "mail": bool(self.email), "post": True}
        return way in self.safe and known[way]


def contact_of(seal: Seal, participant: Participant) -> Contact:
    sealed = participant.sealed_contact
    if sealed is None:
        return Contact()
    return Contact.model_validate_json(
        seal.open("participant", participant.id, "sealed_contact", sealed)
    )


def keep_contact(session: Session, seal: Seal, participant: Participant, contact: Contact) -> None:
    participant.sealed_contact = seal.close(
        "participant", participant.id, "sealed_contact", contact.model_dump_json()
    )
    session.flush()


def read_contact(form: Mapping[str, str]) -> tuple[Contact, Mapping[str, str]]:
    """What was typed, and what is wrong with it, by field.

    Args:
        form: mobile, email, care; by_text, by_mail, by_post where they are ticked.
    """
    wrong: dict[str, str] = {}
    number = form.get("mobile", "").strip()
    address = form.get("email", "").strip()
    care = one_line(form.get("care", ""))
    ways: tuple[Way, ...] = ("text", "mail", "post")
    safe = tuple(way for way in ways if form.get(f"by_{way}"))
    try:
        number = mobile(number) if number else ""
    except BadField:
        wrong["mobile"] = "mobile"
    try:
        address = email(address) if address and len(address) <= 254 else address
    except BadField:
        wrong["email"] = "email"
    if len(address) > 254:
        wrong["email"] = "email"
    if is_unusable(care, LONGEST_NOTE):
        wrong["care"] = "care"
    if "text" in safe and not number:
        wrong["mobile"] = "needed"
    if "mail" in safe and not address:
        wrong["email"] = "needed"
    return Contact.model_construct(mobile=number, email=address, safe=safe, care=care), wrong


def mobile(text: str) -> str:
    """A number for text messages, without what stands between its digits. Raises BadField."""
    plain = _BETWEEN.sub("", text)
    if not _MOBILE.fullmatch(plain):
        raise BadField("this is no mobile number. Write it as 07700 900123 or +44 7700 900123.")
    return plain
