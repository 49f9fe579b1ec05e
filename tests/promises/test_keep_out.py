"""Answers kept out of a Telegram chat: cleared as they are kept, and swept before the 48th hour."""

from datetime import timedelta

import pytest

from bot.delivery.courier import GIVE_UP_AFTER
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.promises.ash import Ash, ash_family
from tests.telegram.emulator import Person, Refusal, ServerError
from tests.telegram.player import question

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def words_of(person: Person) -> list[str]:
    return [message.text for message in person.screen if not message.from_bot]


def quoted(person: Person, words: str) -> bool:
    return any(words in message.text for message in person.screen)


async def turns_it_on(ash: Ash, person: Person) -> None:
    person.says("/hide")
    await person.sees("Ready.")
    await person.quiet()
    person.taps(next(b.data for b in question(person).buttons if b.data and "keep_out" in b.data))
    await person.quiet()
    await ash.delivered()


async def settles(ash: Ash, person: Person) -> None:
    """All that they sent is taken, and all that came of it has arrived."""
    await person.quiet()
    await ash.delivered()


async def sweeps(ash: Ash) -> None:
    await ash.service.app.rounds.round()
    await ash.delivered()


async def test_it_is_offered_once_where_the_phone_is_asked_about(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        offers = [m for m in dawn.screen if "I can clear each answer from this chat" in m.text]
        assert len(offers) == 1


async def test_each_answer_leaves_the_chat_once_it_is_kept(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        await turns_it_on(ash, dawn)
        told = " ".join(message.text for message in dawn.screen)
        for limit in ("older than 48 hours", "what your phone has shown you", "Telegram keeps"):
            assert limit in told
        dawn.says("Nobody believes me about the money")
        dawn.sends_sticker()
        dawn.says("/review")
        await dawn.sees("Here is everything")
        await settles(ash, dawn)
        assert words_of(dawn) == []
        assert quoted(dawn, "Nobody believes me"), "they can read what is kept, when they ask"
        dawn.says("one more thing")
        await settles(ash, dawn)
        dawn.says("/start")
        await settles(ash, dawn)
        assert words_of(dawn) == []
        assert len([m for m in dawn.screen if "Nobody believes me" in m.text]) <= 1
        kept = [row for row in ash.rows("answer") if row["step"] == "worries"]
        assert kept, "out of the chat is not out of the list"


async def test_what_is_left_is_swept_before_telegram_would_refuse_it(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        await turns_it_on(ash, dawn)
        before = len(dawn.screen)
        assert before
        ash.clock.move(timedelta(hours=39))
        await sweeps(ash)
        assert len(dawn.screen) == before
        ash.clock.move(timedelta(hours=1, minutes=30))
        await sweeps(ash)
        assert dawn.screen == []


async def test_an_outage_of_telegram_only_puts_it_off(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        await turns_it_on(ash, dawn)
        ash.clock.move(timedelta(hours=40, minutes=30))
        ash.telegram.fails("deleteMessages", ServerError(502), times=GIVE_UP_AFTER)
        for _ in range(24):
            await sweeps(ash)
            ash.clock.move(timedelta(minutes=15))
        assert dawn.screen == []


async def test_a_refused_deletion_never_stops_the_rest(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.says("Nobody believes me about the money")
        await settles(ash, dawn)
        refused = Refusal(400, "Bad Request: message can't be deleted for everyone")
        ash.telegram.fails("deleteMessages", refused, times=1)
        ash.telegram.fails("deleteMessage", refused, times=1)
        dawn.says("/hide")
        await dawn.sees("Ready.")
        await settles(ash, dawn)
        assert len(dawn.screen) == 2, "the one that was refused, and what is said last"


async def test_what_is_older_than_48_hours_stays_as_they_were_told(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        old = {message.id for message in dawn.screen}
        ash.clock.move(timedelta(hours=49))
        dawn.says("Nobody believes me about the money")
        await settles(ash, dawn)
        dawn.says("/hide")
        await dawn.sees("Ready.")
        await settles(ash, dawn)
        assert not quoted(dawn, "Nobody believes me")
        assert {message.id for message in dawn.screen[:-1]} == old


async def test_everything_heard_is_cleared_not_only_answers(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.sends_sticker()
        dawn.says("/privacy")
        dawn.sends_contact()
        await settles(ash, dawn)
        dawn.says("/hide")
        await dawn.sees("Ready.")
        await settles(ash, dawn)
        assert [message.text for message in dawn.screen] == ["Ready."]


async def test_only_numbers_and_times_are_noted(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        await ash.in_telegram("dawn", until="worries")
        rows = ash.rows("heard_message")
        assert rows
        assert set(rows[0]) == {"chat", "message", "at"}


async def test_it_can_be_turned_off(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        await turns_it_on(ash, dawn)
        dawn.says("/hide")
        await dawn.sees("Ready.")
        await settles(ash, dawn)
        dawn.taps(next(b.data for b in question(dawn).buttons if b.data and "keep_in" in b.data))
        await dawn.sees("stay in this chat")
        dawn.says("Nobody believes me about the money")
        await settles(ash, dawn)
        assert words_of(dawn) == ["Nobody believes me about the money"]


async def test_the_choice_outlasts_a_draft_that_went(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        await turns_it_on(ash, dawn)
        ash.clock.move(timedelta(days=31))
        await sweeps(ash)
        dawn.says("I am back")
        await settles(ash, dawn)
        dawn.says("and again")
        await settles(ash, dawn)
        assert "and again" not in words_of(dawn)
