"""E-mail as a way out. A mail holds a link and never a word that anybody wrote (promise P27). The
only link in one that opens something is an invitation's, which goes to that person alone."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import structlog

from bot.delivery.courier import Delivered, NotWanted, Result, TryAgain, Undeliverable
from bot.delivery.inviting import Write
from bot.delivery.letters import InvitationLetter, MailLetter
from bot.delivery.outbox import Claimed

_log = structlog.get_logger(__name__)
_TIMEOUT_S = 20


class SmtpUrlUnusable(ValueError):
    """The operator's: BEFOREHAND_SMTP_URL cannot be read."""


@dataclass(frozen=True)
class Smtp:
    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    """TLS from the first byte; otherwise STARTTLS where the server offers it."""
    sender: str

    @classmethod
    def parse(cls, url: str) -> "Smtp":
        """`smtp[s]://user:password@host:port?from=address`. Raises SmtpUrlUnusable."""
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SmtpUrlUnusable(
                "BEFOREHAND_SMTP_URL must look like smtp://user:password@host:587?from=address."
            )
        tls = parts.scheme == "smtps"
        return cls(
            parts.hostname,
            parts.port or (465 if tls else 587),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            tls,
            sender or f"beforehand@{parts.hostname}",
        )


class MailSender:
    """Sends what the courier brings."""

    def __init__(self, smtp: Smtp, write: Write) -> None:
        self._smtp = smtp
        self._write = write

    async def send(self, claimed: Claimed) -> Result:
        letter = claimed.letter
        if isinstance(letter, InvitationLetter):
            written = await self._write(claimed, letter)
            if written is None:
                return NotWanted()
            letter = MailLetter(to=written.to, subject=written.subject, text=written.text)
        if not isinstance(letter, MailLetter):
            return Undeliverable("not_a_mail")
        try:
            await aiosmtplib.send(
                self._mail(letter),
                hostname=self._smtp.host,
                port=self._smtp.port,
                username=self._smtp.username,
                password=self._smtp.password,
                use_tls=self._smtp.tls,
                timeout=_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused:
            return Undeliverable("mail_refused")
        except aiosmtplib.SMTPResponseException as error:
            code = f"mail_{error.code}"
            return Undeliverable(code) if error.code in (550, 551, 553) else TryAgain(code)
        except (aiosmtplib.SMTPException, OSError):
            return TryAgain("mail_network")
        return Delivered()

    def _mail(self, letter: MailLetter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._smtp.sender
        mail["To"] = letter.to
        mail["Subject"] = letter.subject
        mail["Message-ID"] = make_msgid(domain=self._smtp.sender.rpartition("@")[2] or None)
        mail.set_content(letter.text)
        return mail


class NoMail:
    """Where no mail server is set: says so once for each letter, and does not wait for one."""

    async def send(self, claimed: Claimed) -> Undeliverable:
        return Undeliverable("no_smtp_url")


class PretendMail:
    """For the demo: nothing leaves this machine, and nobody is told that it did not arrive."""

    async def send(self, claimed: Claimed) -> Delivered:
        return Delivered()
