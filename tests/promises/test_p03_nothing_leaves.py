"""P3: nothing leaves before you have seen exactly what will be sent, and tapped Send."""

from collections.abc import Callable

import pytest

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.journeys.script import PEOPLE, people_of
from tests.promises.coordinators_side import (
    CoordinatorsSide,
    Remembering,
    coordinators_side,
    quotes_in_chat,
    quotes_on_page,
)
from tests.service import Service
from tests.telegram import player
from tests.telegram.emulator import Emulator, MovableClock
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

DAWN, _CRAIG, KIT, _MARJORIE = people_of(PEOPLE / "meeting-ash.yaml")


async def nowhere(side: CoordinatorsSide, phrases: list[str], log: str) -> None:
    """None of these words, and no piece of what was planted with them."""
    assert len(phrases) > 5
    for place, text in {**await side.everything(), "log": log}.items():
        for phrase in [*phrases, "⟦planted at", "planted"]:
            assert phrase not in text, place


async def test_a_draft_in_telegram_is_nowhere_and_what_is_sent_is_what_was_seen(
    database: Database,
    service_key: ServiceKey,
    clock: MovableClock,
    telegram: Emulator,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with coordinators_side(database, service_key, clock, telegram) as side:
        script = Remembering(DAWN)
        dawn = telegram.person("Dawn")
        await player.come_in(dawn, side.link("dawn")["telegram"]["start"])
        await player.play(dawn, script, until="review")
        before = len(dawn.screen)
        await player.play(dawn, script, until="preview")
        await dawn.quiet()
        await side.roundup()
        await side.post.has(3)  # an alert, to two inboxes, and the roundup
        assert "may need help now" in "".join(side.post.mails), "P12's exception: that, and when"
        log = "".join(capfd.readouterr()) + caplog.text
        await nowhere(side, script.typed, log)
        seen = quotes_in_chat(dawn.screen[before:])
        assert set(script.typed) <= set(seen), "they have seen all of it, letter for letter"

        # Changed after it was on the screen: look again.
        send = player.payload(player.question(dawn), "send")
        shown = player.question(dawn)
        first = next(m for m in dawn.screen if not m.from_bot and "planted" in m.text)
        dawn.edits(first, "other words than were seen")
        await dawn.quiet()
        dawn.taps_old(shown, send)
        await dawn.quiet()
        assert not [mail for mail in side.post.mails if "Something new to read" in mail]
        await player.play(dawn, script, until="preview")
        seen = quotes_in_chat([player.question(dawn)])
        await player.play(dawn, script, until="sent")
        await side.chat.sees("has sent you what they want to say")
        await side.chat.quiet()
        page = (await side.desk.get(f"/coordinator/summary/{await side.id_of('dawn')}")).text
        got = quotes_in_chat(side.chat.screen)
        assert "other words than were seen" in seen
        assert sorted(got) == sorted(seen), "in their chat: exactly what was seen"
        assert first.text not in page
        written = [one for one in seen if "planted" in one or "other words" in one]
        assert sorted(one for one in quotes_on_page(page) if one in written) == sorted(written)
        await side.post.has(4)
        for phrase in [*script.typed, "planted", "other words"]:
            assert phrase not in "".join(side.post.mails), "a mail holds a link, and no word"
        assert "planted" not in "".join(capfd.readouterr()) + caplog.text


async def test_a_draft_in_the_web_chat_is_nowhere_and_what_is_sent_is_what_was_seen(
    database: Database,
    service_key: ServiceKey,
    clock: MovableClock,
    telegram: Emulator,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with coordinators_side(database, service_key, clock, telegram) as side:
        script = Remembering(KIT)
        kit = Visitor.of(side.service.address, {})
        async with kit.client:
            await kit.come_in(side.link("kit")["web"])
            await kit.plays(script, until="preview")
            await kit.see_chat()
            await side.roundup()
            log = "".join(capfd.readouterr()) + caplog.text
            await nowhere(side, script.typed, log)
            seen = quotes_on_page(newest(kit.paper.text))
            assert set(script.typed) <= set(seen)

            old = dict(kit.paper.fields)
            await kit.taps("change")
            await kit.taps("going_well")
            await kit.taps("change")
            await kit.says("more ⟦planted later⟧")
            kit.paper.fields.update({name: old[name] for name in ("state", "revision")})
            await kit.taps("send")
            assert "has sent" not in "".join(m.text for m in side.chat.screen)
            assert not [mail for mail in side.post.mails if "Something new to read" in mail]
            await kit.see_chat()
            await kit.plays(script, until="preview")
            await kit.see_chat()
            seen = quotes_on_page(newest(kit.paper.text))
            await kit.plays(script)
            await side.chat.sees("has sent you what they want to say")
            await side.chat.quiet()
            assert quotes_in_chat(side.chat.screen) == [], "he is 13: his words go by no Telegram"
            page = (await side.desk.get(f"/coordinator/summary/{await side.id_of('kit')}")).text
            written = [words for words in seen if "planted" in words]
            assert "more ⟦planted later⟧" in written
            assert sorted(one for one in quotes_on_page(page) if "planted" in one) == sorted(
                written
            )


def newest(page: str) -> str:
    """The chat's last bubble."""
    return page[page.index('id="newest"') : page.index("</ol>")]


async def test_a_button_that_says_send_sends_nothing_but_what_stands_above_it(
    service: Service, visitor: Callable[[], Visitor], database: Database
) -> None:
    """A forged form: no preview was ever shown."""
    from sqlalchemy import func, select

    from bot.store.models import Summary

    made = service.meeting(PEOPLE / "meeting-ash.yaml")
    kit = visitor()
    await kit.come_in(made["people"][2]["web"])
    await kit.go_to("name")
    await kit.says("Kit")
    for state in ("preview", "review", "sent", "name"):
        await kit.does(state=state, choice="send", revision="1")
    sent = await database.run(lambda session: session.scalar(select(func.count(Summary.id))))
    assert sent == 0
