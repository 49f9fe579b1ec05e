"""P4: no other participant learns what someone wrote, nor that they wrote."""

from uuid import UUID, uuid4

import pytest

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.promises.ash import ash_family
from tests.telegram.emulator.markup import Button
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


async def test_anothers_link_and_buttons_open_nothing_of_theirs(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        kit = await ash.on_the_web("kit", until="going_well")
        await kit.says(CANARY)
        dawn = await ash.in_telegram("dawn", until="worries")
        for payload in ("worries:hears_meeting:1", "review:look:1", "preview:send:99", "~help:x:1"):
            shown = next(one for one in reversed(dawn.screen) if one.buttons)
            dawn._tap(shown, Button("of another", payload))
            await dawn.quiet()
        assert all(CANARY not in message.text for message in dawn.screen)
        names = {name: ash.id_of(name) for name in ("dawn", "kit")}
        told = [row for row in ash.rows("delivery") if row["participant_id"] == names["kit"]]
        chats = {row["recipient"] for row in told if row["channel"] == "telegram"}
        assert f"telegram:{dawn.id}" not in chats
        assert isinstance(names["dawn"], UUID)
