"""What every page of the coordinators' site is handed: the service's parts, and one visit."""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from bot.clock import Clock
from bot.coordinator.sign_in import SignIn
from bot.coordinator.views import Views
from bot.delivery.handing_over import HandingOver
from bot.privacy.days import Retention
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.library import Library

PATH = "/coordinator"
COOKIE = "beforehand_desk"
"""The session's; the family's has another name and never comes here."""
FORM_COOKIE = "beforehand_desk_form"
"""A random value that guards forms before anyone has signed in."""
LANGUAGE_COOKIE = "beforehand_desk_language"
"""What was chosen in this browser, for the pages before sign-in."""


class NotFound(LookupError):
    """Nothing here, or nothing of yours. One page for both (promise P23)."""

    code: ClassVar[str] = "not_found"


class FormRefused(Exception):
    """A form that did not come from our own page in this browser."""

    code: ClassVar[str] = "form_refused"


class FormTooLong(Exception):
    """More than any of its fields may hold, many times over."""

    code: ClassVar[str] = "form_too_long"


@dataclass(frozen=True)
class SignedIn:
    """The coordinator at the desk."""

    id: UUID
    name: str
    language: str
    administers: bool
    """Sets the service up, and sees none of the words (promise P23)."""
    has_password: bool
    has_code: bool
    """Their phone makes codes for us."""
    code_due: bool
    """Nothing is open to them until the code has come, or been set up."""


Unset = Callable[[], tuple[str, ...]]
"""What whoever runs the machine has still to set before families can use it."""


BotName = Callable[[], str]
"""The name of the service's bot in Telegram; empty until Telegram has told us."""


def nothing_unset() -> tuple[str, ...]:
    """Where nobody looks for it."""
    return ()


@dataclass(frozen=True)
class Desk:
    database: Database
    service_key: ServiceKey
    library: Library
    clock: Clock
    public_url: str
    views: Views
    sign_in: SignIn
    handing_over: HandingOver
    retention: Retention
    demo: bool = False
    unset: Unset = nothing_unset
    strict: bool = False
    """Nothing is open before a second factor is set up, not even to a link (promise P23)."""
    sends: frozenset[str] = frozenset()
    """Ways in which the service can send invitations: text, mail."""
    bot_name: BotName | None = None
    """None where the service has no bot in Telegram."""
    look_every_s: float = 4
    """Seconds between two looks for a page that stands open."""
    streams: Counter[UUID] = field(default_factory=Counter)
    """How many such pages each coordinator has."""

    @property
    def bot(self) -> str | None:
        """The bot's name, where links to it can be made."""
        return (self.bot_name() or None) if self.bot_name is not None else None

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")

    def give_cookie(
        self, response: Response, name: str, value: str, *, lasts_s: int | None = None
    ) -> None:
        """Lax: with Strict, a link in an e-mail would find nobody signed in.

        Args:
            lasts_s: seconds; until the browser is closed when None.
        """
        response.set_cookie(
            name,
            value,
            max_age=lasts_s,
            path=PATH,
            httponly=True,
            samesite="lax",
            secure=self.is_secure,
        )

    def take_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(
            name, path=PATH, httponly=True, samesite="lax", secure=self.is_secure
        )


@dataclass(frozen=True)
class Visit:
    """One request, with whoever is signed in."""

    request: Request
    session_token: str
    form_secret: str
    """The session's token, or, before sign-in, the form cookie's value."""
    who: SignedIn | None
    strangers_language: str
    """What the pages speak while nobody is signed in."""
    form: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""

    @property
    def signed_in(self) -> SignedIn:
        """Whoever this is, on a page that is not for anyone. Raises NotFound."""
        if self.who is None:
            raise NotFound
        return self.who

    @property
    def language(self) -> str:
        return self.who.language if self.who else self.strangers_language

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def form_token(self) -> str:
        return form_token(self.form_secret)

    def id_in_path(self, name: str) -> UUID:
        """Raises NotFound where it is no id at all."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError:
            raise NotFound from None


def new_form_key() -> str:
    """What a form carries so that two quick taps do a thing once."""
    return secrets.token_urlsafe(12)


Page = Callable[[Desk, Visit], Awaitable[Response]]


def new_form_secret() -> str:
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """What a form carries: known only to who can read the cookie, and not the cookie itself."""
    return hmac.new(secret.encode(), b"beforehand form", hashlib.sha256).hexdigest()


def check_form(request: Request, form: Mapping[str, str], secret: str, public_url: str) -> None:
    """Raises FormRefused unless the form comes from our own page (WEB.md, CSRF)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise FormRefused
    origin = request.headers.get("origin")
    if site is None and origin is not None and origin != "null":
        ours = (urlsplit(public_url).netloc, request.headers.get("host", ""))
        if urlsplit(origin).netloc not in ours:
            raise FormRefused
    if not secret or not hmac.compare_digest(
        form.get("token", "").encode(), form_token(secret).encode()
    ):
        raise FormRefused
