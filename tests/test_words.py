"""The words of every language: complete, short, plain."""

from __future__ import annotations

import pytest

from heelrise.moment import Phase
from heelrise.report import FAULT_WORDS
from heelrise.result import SIDES
from heelrise.words import ENGLISH, LANGUAGES, Guide, Words

WORDS = pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES.keys())


@WORDS
def test_nothing_is_left_untold(words: Words) -> None:
    assert set(words.guides) == set(Guide)
    assert set(words.phases) == set(Phase)
    assert set(words.sides) == set(SIDES)
    assert set(words.cues) == set(FAULT_WORDS)


@WORDS
def test_what_must_be_read_from_afar_has_at_most_six_words(words: Words) -> None:
    lines = [*words.cues.values(), *words.guides.values(), words.praise, words.change_legs]
    lines += [words.both_done, words.undone, words.reset, words.lighter_model]
    assert all(1 <= len(line.split()) <= 6 for line in lines)


@WORDS
def test_the_order_of_the_cues_is_the_same_in_every_language(words: Words) -> None:
    assert list(words.cues) == list(ENGLISH.cues)


@WORDS
def test_every_key_is_told(words: Words) -> None:
    assert len(words.keys) == len(ENGLISH.keys)
    assert {key for key, _ in words.keys} >= {"1-9", "u", "r", "b", "m", "s", "f", "h"}


def test_the_languages_differ() -> None:
    english, german = LANGUAGES["en"], LANGUAGES["de"]
    assert not set(english.cues.values()) & set(german.cues.values())
    assert not set(english.guides.values()) & set(german.guides.values())
