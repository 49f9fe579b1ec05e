"""What the detector hears, and what it lets be: each rule by itself, and all of them measured."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.safeguarding import assess
from flows.safeguarding.detector import languages
from flows.safeguarding.matching import Heard
from flows.safeguarding.measure import Labelled, by, good_enough, measure
from flows.safeguarding.phrases import Language, PhraseFile, PhraseUnusable

HERE = Path(__file__).parent


def messages(name: str) -> tuple[Labelled, ...]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return tuple(Labelled.read(row, at) for at, row in enumerate(csv.DictReader(file), 2))


@pytest.mark.parametrize(
    "text",
    [
        "he hits me",
        "HE HITS ME!!!",
        "he hitts me wen mum is at work",
        "he  h1ts   me",
        "he’s always hittin me",
        "hits me. every day. dad does",
    ],
)
def test_however_it_is_typed(text: str) -> None:
    assert "physical_abuse" in assess(text, "en").categories


@pytest.mark.parametrize(
    "text",
    [
        "he never hits me",
        "nobody hurts me",
        "dad used to hit us but he has been gone three years and we are safe",
        "I tried to end my life when I was a teenager, years ago",
        "this waiting is killing me",
        "im dead 💀 my nan wants to do a powerpoint",
        "on the news a lad got stabbed in town",
        "we learned about county lines in assembly",
    ],
)
def test_a_no_the_past_a_figure_of_speech_and_the_news_alarm_nobody(text: str) -> None:
    assert not assess(text, "en").alert


@pytest.mark.parametrize(
    "text",
    [
        "nobody knows he hits me",
        "he used to hit me and now he has started again",
        "it was like in the film, my dad hits me at home",
        "he never stops hitting me",
    ],
)
def test_what_only_looks_as_if_it_were_taken_back(text: str) -> None:
    assert assess(text, "en").alert


def test_another_language_than_the_chats_is_heard_too() -> None:
    assert assess("tata mnie bije i boję się wracać do domu", "en").alert
    assert assess("he hits me and I am scared to go home", "cy").alert
    assert assess("mujhe abhi khatra hai plz koi help karo", "ur").alert


def test_it_says_which_phrase_it_was_for_the_reviewer() -> None:
    heard = assess("i dont want to be alive anymore", "en")
    assert heard.categories[0] == "suicide"
    assert heard.matched


@given(st.text(max_size=400), st.sampled_from(["en", "ar", "bn", "xx"]))
@settings(max_examples=150, deadline=None)
def test_nothing_that_can_be_typed_breaks_it(text: str, language: str) -> None:
    assert assess(text, language).alert in (True, False)


def test_everyday_messages_reach_what_is_asked() -> None:
    """As people mostly write: in English at least 0.90 heard and at most 0.08 false alarms, over
    all other languages together 0.80 and 0.10."""
    assert good_enough(messages("everyday.csv"))


def test_hints_and_hard_negatives_do_not_get_worse() -> None:
    """Longer and more roundabout messages, made up by others than who wrote the phrases: here the
    detector is far from good, so that these figures are to be raised and never lowered."""
    for name, group in by(messages("harder.csv"), lambda one: one.language).items():
        measured = measure(group)
        recall, false_alarms = (0.55, 0.15) if name == "en" else (0.45, 0.30)
        assert measured.recall >= recall, name
        assert measured.false_alarm_rate <= false_alarms, name


def heard_in(text: str, **sections: object) -> list[str]:
    """The kinds of danger that a phrase file of its own hears."""
    language = Language.read(given_file(alarm={"hurt": ["hit me", "dad .. hit"]}, **sections))
    return [match.phrase.text for match in Heard(language, text).alarms()]


def test_any_form_of_a_word_alarms_where_the_file_says_so() -> None:
    assert not heard_in("he hitted me")
    assert heard_in("he hitted me", forms=[["hit", "hits", "hitted"]])


def test_another_form_takes_nothing_back() -> None:
    forms = [["hit", "hits", "hitted"]]
    assert heard_in("he hits me", harmless=["hitted me"], forms=forms)


def test_small_words_between_do_not_count() -> None:
    said = "dad then with his great big fist hit"
    assert not heard_in("hit only me")
    assert heard_in("hit only me", skipped=["only"])
    assert not heard_in(said, skipped=["his"])
    assert heard_in(said, skipped=["his", "great", "big"])
    assert not heard_in("dad. my hit", skipped=["my"]), "no word is skipped across a pause"


@pytest.mark.parametrize("text", ["ضرب اختي", "وضربها", "بالسكين والباب عم ينكسر"])
def test_a_word_is_known_with_what_clings_to_it(text: str) -> None:
    """In Arabic "and", "with the" and "her" are written as part of the word."""
    file = given_file(
        beginnings=["و", "ال", "بال", "وال"],
        endings=["ها"],
        alarm={"x": ["ضرب", "سكين .. باب"]},
    )
    assert list(Heard(Language.read(file), text).alarms())


@pytest.mark.parametrize("code", sorted(languages()))
def test_each_phrase_file_can_be_read(code: str) -> None:
    assert languages()[code].phrases


def given_file(**sections: object) -> PhraseFile:
    return PhraseFile.model_validate({"language": "en", "common": ["the"], "alarm": {}} | sections)


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"alarm": {"x": ["{nobody} hits"]}}, "nobody"),
        ({"alarm": {"x": ["hits?"]}}, "no word"),
        ({"alarm": {"x": ["two-words"]}}, "two-words"),
        ({"fillers": ["so"], "harmless": ["so much"]}, "filler"),
    ],
)
def test_a_phrase_that_cannot_work_is_named(sections: dict[str, object], problem: str) -> None:
    with pytest.raises(PhraseUnusable, match=problem):
        Language.read(given_file(**sections))


@pytest.mark.parametrize(
    "text",
    [
        "friend at school said she wants to kill herself",
        "a girl at school said her uncle touches her",
        "my mate says his dad hits him every night",
    ],
)
def test_what_somebody_near_has_told_is_no_news(text: str) -> None:
    assert assess(text, "en").alert
