"""Text messages as a way out, by GOV.UK Notify. Its template holds nothing but ((message)): what is
said is ours, in the person's own language."""

import asyncio
from dataclasses import dataclass

from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from bot.delivery.courier import Delivered, NotWanted, Result, TryAgain, Undeliverable
from bot.delivery.inviting import Write
from bot.delivery.letters import InvitationLetter
from bot.delivery.outbox import Claimed

_TIMEOUT_S = 20
_LATER = (429, 500, 502, 503, 504)
"""503 is also what the client says of a network that is down."""


@dataclass(frozen=True)
class Notify:
    """An account with GOV.UK Notify (docs.notifications.service.gov.uk/python.html)."""

    api_key: str
    template: str
    """Id of a text message template whose whole content is ((message))."""
    url: str


class TextSender:
    """Sends what the courier brings."""

    def __init__(self, notify: Notify, write: Write) -> None:
        self._notify = notify
        self._write = write

    async def send(self, claimed: Claimed) -> Result:
        letter = claimed.letter
        if not isinstance(letter, InvitationLetter):
            return Undeliverable("not_a_text")
        written = await self._write(claimed, letter)
        if written is None:
            return NotWanted()
        try:
            await asyncio.to_thread(self._post, written.to, written.text)
        except HTTPError as error:
            code = f"text_{error.status_code}"
            return TryAgain(code) if error.status_code in _LATER else Undeliverable(code)
        except InvalidResponse:
            return Delivered()  # it was taken; only what it said of that was no JSON
        return Delivered()

    def _post(self, to: str, message: str) -> None:
        # One for each message: it is not safe to share.
        client = NotificationsAPIClient(  # type: ignore[no-untyped-call]
            self._notify.api_key, base_url=self._notify.url, timeout=_TIMEOUT_S
        )
        with client.request_session:
            client.send_sms_notification(  # type: ignore[no-untyped-call]
                phone_number=to,
                template_id=self._notify.template,
                personalisation={"message": message},
            )


class NoTexts:
    """Where Notify is not set."""

    async def send(self, claimed: Claimed) -> Undeliverable:
        return Undeliverable("no_notify_key")
