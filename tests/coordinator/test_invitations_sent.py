"""Invitations that are sent, against servers that speak SMTP and GOV.UK Notify's protocol."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import jwt
import pytest
from aiohttp import web
from sqlalchemy import select, union_all, update

from bot import meetings
from bot.delivery.letters import InvitationLetter
from bot.store.database import Database
from bot.store.models import Delivery, Invitation, Participant
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import PEOPLE
from tests.journeys.test_families import signed_in
from tests.overheard import Overheard, nothing_is_overheard
from tests.promises.coordinators_side import Post, on_the_disk, post
from tests.service import Service, library, serving
from tests.telegram.emulator import MovableClock

__all__ = ["nothing_is_overheard"]

ACCOUNT = "0c4d3b0e-6a53-4a8c-9f57-1c1d8f1b7a11"
SECRET = "7d9f64f2-90b4-4a1e-8a35-5c0f6a1d2e33"  # noqa: S105 - made up
TEMPLATE = "b3a6f1de-27c5-4f5b-9d1c-6c8f0a4e7d55"
MOBILE = "07700900123"


@dataclass
class Notify:
    """GOV.UK Notify, as far as text messages go (its REST API documentation)."""

    address: str = ""
    texts: list[dict[str, Any]] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    """Answers to give before it works."""

    async def take(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers["Authorization"].partition(" ")
        claims = jwt.decode(
            token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": True}
        )
        assert (scheme, claims["iss"]) == ("Bearer", ACCOUNT)
        if self.fails:
            status = self.fails.pop(0)
            body = {"status_code": status, "errors": [{"error": "E", "message": "no"}]}
            return web.json_response(body, status=status)
        self.texts.append(await request.json())
        return web.json_response({"id": TEMPLATE}, status=201)

    async def refused(self, left: int = 0) -> None:
        """As often as it was to be, but for so many times."""
        for _ in range(500):
            if len(self.fails) == left:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it was not asked")

    async def has(self, count: int) -> None:
        for _ in range(500):
            if len(self.texts) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{len(self.texts)} texts, not {count}")


@contextlib.asynccontextmanager
async def notify_server() -> AsyncIterator[Notify]:
    notify, app = Notify(), web.Application()
    app.router.add_post("/v2/notifications/sms", notify.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    notify.address = f"http://{host}:{port}"
    try:
        yield notify
    finally:
        await runner.cleanup()


@dataclass
class Sending:
    """Odette at her desk, and what leaves it."""

    service: Service
    clock: MovableClock
    made: dict[str, Any]
    desk: httpx.AsyncClient
    post: Post
    notify: Notify

    async def id_of(self, reference: str) -> UUID:
        asked = select(Participant.id).where(Participant.reference == reference)
        return await self.service.database.run(lambda session: session.scalars(asked).one())

    async def page(self, person: str) -> str:
        return f"/coordinator/person/{await self.id_of(person)}"

    async def does(self, person: str, what: str = "", **form: str) -> None:
        page = await self.page(person)
        shown = (await self.desk.get(page)).text
        held = dict(re.findall(r'name="(token|key)" value="([^"]+)"', shown))
        answer = await self.desk.post(
            f"{page}{what}", data={**held, **form}, follow_redirects=False
        )
        assert answer.status_code == 303, (what, answer.status_code)

    async def sees(self, person: str) -> str:
        return (await self.desk.get(await self.page(person))).text

    async def status(self) -> str:
        last = (
            select(Delivery.status)
            .where(Delivery.kind == "invitation")
            .order_by(Delivery.number.desc())
            .limit(1)
        )
        return await self.service.database.run(lambda session: session.scalars(last).one())

    async def settled(self) -> None:
        """What was tried has been noted, and nothing is under way."""
        under_way = select(Delivery.number).where(
            Delivery.status == "waiting", Delivery.lease_until.is_not(None)
        )
        untried = select(Delivery.number).where(Delivery.status == "waiting", Delivery.attempt == 0)
        for _ in range(500):
            if await self.service.database.run(
                lambda session: session.scalars(union_all(under_way, untried)).first() is None
            ):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("something is still on its way")

    async def live(self, person: str) -> list[str]:
        """How the links to the web were given that still open."""
        theirs = select(Invitation.given_by).where(
            Invitation.participant_id == await self.id_of(person),
            Invitation.purpose == "web",
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        found = await self.service.database.run(lambda session: session.scalars(theirs).all())
        return sorted(one or "" for one in found)

    async def ends(self, status: str) -> None:
        for _ in range(500):
            if await self.status() == status:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{await self.status()}, not {status}")


@contextlib.asynccontextmanager
async def sending(database: Database, service_key: ServiceKey) -> AsyncIterator[Sending]:
    clock = MovableClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    async with (
        post() as box,
        notify_server() as notify,
        serving(
            database,
            service_key,
            clock,
            smtp_url=f"smtp://127.0.0.1:{box.port}?from=hello@example.org",
            notify_api_key=f"beforehand-{ACCOUNT}-{SECRET}",
            notify_text_template=TEMPLATE,
            notify_url=notify.address,
        ) as service,
    ):
        made = service.meeting(PEOPLE / "meeting-ash.yaml")
        desk = await signed_in(service, made)
        try:
            yield Sending(service, clock, made, desk, box, notify)
        finally:
            await desk.aclose()


async def opened_by(link: str) -> str:
    async with httpx.AsyncClient(follow_redirects=True) as visitor:
        shown = await visitor.get(link)
        held = dict(re.findall(r'name="(csrf)" value="([^"]+)"', shown.text))
        chat = await visitor.post(link, data=held)
        return urlsplit(str(chat.url)).path


@pytest.mark.asyncio
@pytest.mark.both_databases
async def test_a_text_message_holds_a_link_that_works_once_and_nothing_of_the_meeting(
    database: Database, service_key: ServiceKey
) -> None:
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile="07700 900 123", by_text="yes")
        page = await odette.sees("dawn")
        assert "Send it by text message to 07700900123" in page
        await odette.does("dawn", "/text")
        await odette.notify.has(1)
        [text] = odette.notify.texts
        assert (text["phone_number"], text["template_id"]) == (MOBILE, TEMPLATE)
        message = text["personalisation"]["message"]
        for given_away in ("Kit", "meeting", "conference", "child"):
            assert given_away not in message
        [link] = re.findall(r"^https?://\S+/i/[\w-]+$", message, re.M)
        await odette.ends("sent")
        assert link.rpartition("/")[2] not in on_the_disk(odette.service)
        assert await opened_by(link) == "/chat"
        assert await opened_by(link) != "/chat"
        seen = await odette.sees("dawn")
        assert "A text message," in seen
        assert "Used " in seen
        first = odette.made["people"][0]["web"]
        assert await opened_by(first) != "/chat", "the one that was used ends the others"


@pytest.mark.asyncio
async def test_a_mail_is_in_their_language_and_goes_to_them_alone(
    database: Database, service_key: ServiceKey, nothing_is_overheard: Overheard
) -> None:
    async with sending(database, service_key) as odette:
        await odette.does("marjorie", email="marjorie@example.org", by_mail="yes")
        await odette.does("marjorie", "/mail")
        await odette.post.has(1)
        [mail] = odette.post.mails
        assert "To: marjorie@example.org" in mail
        assert "Subject: A private link for you" in mail
        assert "Kit" not in mail
        [link, *_] = re.findall(r"https?://\S+/i/[\w-]+", mail)
        assert await opened_by(link) == "/chat"
    nothing_is_overheard.check()


@pytest.mark.asyncio
async def test_what_nobody_said_is_safe_is_not_sent(
    database: Database, service_key: ServiceKey
) -> None:
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile=MOBILE, email="dawn@example.org")
        await odette.does("dawn", "/text")
        await odette.does("dawn", "/mail")
        page = await odette.sees("dawn")
        assert "/text" not in page
        asked = select(Delivery).where(Delivery.kind == "invitation")
        assert await database.run(lambda session: session.scalars(asked).all()) == []


@pytest.mark.asyncio
async def test_what_is_not_safe_any_more_or_called_off_stays_here(
    database: Database, service_key: ServiceKey
) -> None:
    async with sending(database, service_key) as odette:
        odette.notify.fails = [503]
        await odette.does("dawn", mobile=MOBILE, by_text="yes")
        await odette.does("dawn", "/text")
        await odette.notify.refused()
        await odette.settled()
        await odette.does("dawn", mobile=MOBILE)
        odette.clock.move(timedelta(minutes=10))
        await odette.ends("cancelled")
        assert odette.notify.texts == []
        odette.notify.fails = [503]
        await odette.does("craig", mobile=MOBILE, by_text="yes")
        await odette.does("craig", "/text")
        await odette.notify.refused()
        await odette.settled()
        await database.run(
            lambda session: meetings.cancel_meeting(
                session,
                KeyRing(session, service_key),
                library().wording,
                UUID(odette.made["meeting"]),
                odette.clock(),
            )
        )
        odette.clock.move(timedelta(minutes=10))
        await odette.ends("cancelled")
        assert odette.notify.texts == []


@pytest.mark.asyncio
@pytest.mark.both_databases
async def test_links_that_are_taken_back_are_not_sent_after_that(
    database: Database, service_key: ServiceKey
) -> None:
    """Notify is down when Odette sends it; somebody else holds that phone by the time it is up."""
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile=MOBILE, by_text="yes")
        odette.notify.fails = [503]
        await odette.does("dawn", "/text")
        await odette.notify.refused()
        await odette.settled()
        await odette.does("dawn", "/take-back")
        odette.clock.move(timedelta(minutes=10))
        await odette.ends("cancelled")
        await odette.settled()
        assert (odette.notify.texts, await odette.live("dawn")) == ([], [])

        odette.notify.fails = [503]
        await odette.does("dawn", "/text")
        await odette.notify.refused()
        await odette.settled()
        page = await odette.page("dawn")
        held = dict(re.findall(r'name="(token)" value="([^"]+)"', await odette.sees("dawn")))
        shown = await odette.desk.post(f"{page}/new-link", data=held)
        assert shown.status_code == 200
        odette.clock.move(timedelta(minutes=10))
        await odette.ends("cancelled")
        await odette.settled()
        assert (odette.notify.texts, await odette.live("dawn")) == ([], ["link"])


@pytest.mark.asyncio
async def test_it_goes_to_the_number_that_is_theirs_when_it_leaves(
    database: Database, service_key: ServiceKey
) -> None:
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile=MOBILE, by_text="yes")
        odette.notify.fails = [503]
        await odette.does("dawn", "/text")
        await odette.notify.refused()
        await odette.settled()
        await odette.does("dawn", mobile="07700900456", by_text="yes")
        odette.clock.move(timedelta(minutes=10))
        await odette.ends("sent")
        assert [text["phone_number"] for text in odette.notify.texts] == ["07700900456"]


@pytest.mark.asyncio
@pytest.mark.both_databases
async def test_what_has_to_be_tried_again_is_one_link_and_one_line(
    database: Database, service_key: ServiceKey
) -> None:
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile=MOBILE, by_text="yes")
        odette.notify.fails = [503, 503]
        await odette.does("dawn", "/text")
        for left in (1, 0):
            await odette.notify.refused(left)
            await odette.settled()
            odette.clock.move(timedelta(minutes=10))
        await odette.ends("sent")
        assert (await odette.sees("dawn")).count("A text message,") == 1
        assert await odette.live("dawn") == ["link", "text"]
        [text] = odette.notify.texts
        [link] = re.findall(r"https?://\S+/i/[\w-]+", text["personalisation"]["message"])
        assert await opened_by(link) == "/chat"


@pytest.mark.asyncio
async def test_whoever_is_in_already_is_sent_no_second_link(
    database: Database, service_key: ServiceKey
) -> None:
    """The first try was taken, though nobody said so: its link is used before the second."""
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile=MOBILE, by_text="yes")
        odette.notify.fails = [503]
        await odette.does("dawn", "/text")
        await odette.notify.refused()
        await odette.settled()
        now = odette.clock()
        by_text = update(Invitation).where(Invitation.given_by == "text").values(used_at=now)
        await database.run(lambda session: session.execute(by_text))
        odette.clock.move(timedelta(minutes=10))
        await odette.ends("cancelled")
        assert odette.notify.texts == []


def test_a_letter_that_was_queued_with_its_number_can_still_be_opened() -> None:
    """By the version before: one that cannot be read would hold up all others."""
    queued = {"invites": ACCOUNT, "way": "text", "to": MOBILE}
    assert InvitationLetter.model_validate(queued).way == "text"


@pytest.mark.asyncio
async def test_two_taps_send_once_and_what_did_not_arrive_is_said(
    database: Database, service_key: ServiceKey
) -> None:
    async with sending(database, service_key) as odette:
        await odette.does("dawn", mobile=MOBILE, by_text="yes")
        await odette.does("dawn", "/text", key="the same form")
        await odette.does("dawn", "/text", key="the same form")
        await odette.ends("sent")
        assert len(odette.notify.texts) == 1
        odette.notify.fails = [400]
        await odette.does("dawn", "/text")
        await odette.ends("failed")
        assert "The text message did not arrive" in await odette.sees("dawn")
