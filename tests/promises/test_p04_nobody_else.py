"""P4: no other participant learns what someone wrote, nor that they wrote."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.delivery import outbox
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.exchange import CommandName
from flows.schema import Audience
from tests.journeys.script import PEOPLE, Script, people_of
from tests.promises.ash import FILE, Ash, ash_family
from tests.promises.test_p12_danger import links_chat
from tests.service import library
from tests.telegram.emulator import Emulator, Person
from tests.telegram.emulator.markup import Button
from tests.telegram.player import come_in, play
from tests.web import files

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
CANARY = "heron-by-the-weir"


async def test_each_sees_their_own_chat_and_no_other(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        kit, dawn = ash.browser(), ash.browser()
        await kit.come_in(ash.person("kit")["web"])
        await kit.go_to("going_well")
        await kit.says(CANARY)
        await dawn.come_in(ash.person("dawn")["web"])
        for page in ("/chat", "/chat/code", "/help", "/privacy"):
            assert CANARY not in (await dawn.opens(page)).text
        taken = await dawn.client.post("/chat/mydata", data=dawn.paper.fields)
        assert CANARY.encode() not in taken.content


async def test_anothers_picture_is_not_there(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        kit, dawn = ash.browser(), ash.browser()
        await kit.come_in(ash.person("kit")["web"])
        await kit.go_to("going_well")
        await kit.does({"picture": ("x", files.photo(), "image/jpeg")})
        (row,) = ash.rows("attachment")
        await dawn.come_in(ash.person("dawn")["web"])
        own = await kit.client.get(f"/chat/attachment/{row['id']}")
        anothers = await dawn.client.get(f"/chat/attachment/{row['id']}")
        nobodys = await dawn.client.get(f"/chat/attachment/{uuid4()}")
        assert own.status_code == 200
        assert (anothers.status_code, anothers.text) == (nobodys.status_code, nobodys.text)


# --- every button that one chat was ever given, in every other chat ---

BIRCH = PEOPLE / "meeting-birch.yaml"
_LONG = 12
"""Characters: shorter words of theirs may be said for another reason."""


@dataclass(frozen=True)
class Chat:
    """Somebody's Telegram, and what nobody else may learn from it."""

    person: Person
    participant: UUID
    words: frozenset[str]
    language: str = "en"

    def given(self, telegram: Emulator) -> list[str]:
        """Every button's id that this chat was ever given; of those alike but for the revision,
        the first."""
        ids: dict[tuple[str, str], str] = {}
        for call in telegram.calls(chat=self.person.id):
            for found in _ids(call.params):
                state, choice, _ = found.split(":")
                ids.setdefault((state, choice), found)
        return list(ids.values())


def _ids(found: object) -> Iterator[str]:
    """However deep a keyboard stands in a call."""
    if isinstance(found, str) and "callback_data" in found:
        found = json.loads(found)
    if isinstance(found, dict):
        if isinstance(payload := found.get("callback_data"), str):
            yield payload
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _ids(one)


def _words(said: object) -> Iterator[str]:
    if isinstance(said, str) and len(said) >= _LONG:
        yield json.dumps(said, ensure_ascii=False)[1:-1]  # as letters are kept
    if isinstance(said, dict | list):
        for one in said.values() if isinstance(said, dict) else said:
            yield from _words(one)


async def chats(ash: Ash) -> list[Chat]:
    """Dawn, who went all the way and asked for help; Craig, of her meeting; and Odette, who
    coordinates it, and prepares for another one herself, as Mair."""
    birch = {one["id"]: one for one in ash.service.meeting(BIRCH)["people"]}
    files = {one["id"]: one for path in (FILE, BIRCH) for one in people_of(path)}

    mair = ash.telegram.person("Odette")
    await links_chat(ash, mair)
    await come_in(mair, birch["mair"]["telegram"]["start"])
    await play(mair, Script(files["mair"]), until="worries")  # before alerts come, with buttons
    dawn, craig = await asyncio.gather(
        ash.in_telegram("dawn"), ash.in_telegram("craig", until="worries")
    )
    dawn.says("/help")
    await dawn.sees("Shall I tell")
    dawn.taps("Yes, tell Odette Farrow")
    await mair.sees("may need help")
    for command in ("/language", "/review", "/privacy", "/wipe"):
        dawn.says(command)
    await dawn.quiet()
    await ash.delivered()
    people = {"dawn": dawn, "craig": craig, "mair": mair}
    return [
        Chat(
            person,
            ash.id_of(name),
            frozenset(_words(files[name]["says"])),
            files[name]["language"],
        )
        for name, person in people.items()
    ]


def _theirs(ash: Ash, who: Chat) -> list[object]:
    """What is held of them."""
    tables = ("conversation", "summary", "alert", "attachment", "session")
    rows = [row for name in tables for row in ash.rows(name)]
    theirs = [row for row in rows if row["participant_id"] == who.participant]
    own = {row.get("id") for row in theirs}
    answers = [row for row in ash.rows("answer") if row["conversation_id"] in own]
    return [*theirs, *answers]


def _press(chat: Chat, ids: list[str]) -> None:
    shown = next(one for one in reversed(chat.person.screen) if one.buttons)
    for found in ids:
        chat.person._tap(shown, Button("of another", found))


async def test_every_button_of_one_chat_is_an_old_one_in_every_other(
    database: Database, service_key: ServiceKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks at what is put into the queue: to wait for Telegram after each would take long."""
    letters: list[tuple[str, str]] = []
    queue = outbox.queue

    def noted(session: Any, seal: Any, letter: Any, **more: Any) -> Any:
        letters.append((more["recipient"], letter.model_dump_json()))
        return queue(session, seal, letter, **more)

    async with ash_family(database, service_key) as ash:
        everybody = await chats(ash)
        dawn, _, odette = everybody
        assert len(dawn.given(ash.telegram)) > 80
        assert any(one.startswith("~alert:") for one in odette.given(ash.telegram))
        for presser in everybody[1:]:
            for name in CommandName:  # as another was given it: with their link's token
                presser.person.says(f"/{name} {ash.person('dawn')['telegram']['start']}")
        await ash.telegram.until(lambda: not ash.telegram.pending_updates, 60)
        await ash.delivered()
        monkeypatch.setattr(outbox, "queue", noted)
        for presser in everybody[1:]:
            others = [one for one in everybody if one is not presser]
            given = [found for one in others for found in one.given(ash.telegram)]
            ids = {found[: found.rindex(":")]: found for found in given}
            ids.pop("*:tell")  # in whichever chat it is, it is that person's own wish
            before = [_theirs(ash, one) for one in others]
            letters.clear()
            await _presses(ash, presser, list(ids.values()), letters)
            seen = [text for _, text in letters] + [one.text for one in presser.person.screen[-40:]]
            words = [word for one in others for word in one.words]
            assert not [text for text in seen if any(word in text for word in words)]
            assert {to for to, _ in letters} == {f"telegram:{presser.person.id}"}
            assert [_theirs(ash, one) for one in others] == before


async def _presses(ash: Ash, presser: Chat, ids: list[str], letters: list[tuple[str, str]]) -> None:
    """Those of questions, but for the one that is open here, are old ones, each of them."""
    states = {one["participant_id"]: one["state"] for one in ash.rows("conversation")}
    here = states[presser.participant]
    stale = library().wording.say("stale", Audience.ADULT, presser.language)
    old = [one for one in ids if one[0] not in "*~" and one.partition(":")[0] != here]
    _press(presser, old)
    await ash.telegram.until(lambda: not ash.telegram.pending_updates, 60)
    assert sum(stale in text for _, text in letters) == len(old)
    _press(presser, [one for one in ids if one not in old])
    await ash.telegram.until(lambda: not ash.telegram.pending_updates, 60)
