"""One stage ahead of the next: the same items in the same order, and nothing left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from heelrise.ahead import Ahead


def test_the_items_and_their_order_are_the_same() -> None:
    with Ahead(range(1000), 3) as items:
        assert list(items) == list(range(1000))
        assert list(items) == []


def test_none_is_an_item_like_others() -> None:
    with Ahead([None, 1, None], 1) as items:
        assert list(items) == [None, 1, None]


def test_it_works_ahead_in_another_thread_and_no_further_than_asked() -> None:
    made: list[tuple[int, str]] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append((number, threading.current_thread().name))
            yield number

    with Ahead(numbers(), 4) as items:
        time.sleep(0.3)
        # four wait, and one more was made and found no room
        assert [number for number, _ in made] == list(range(5))
        assert next(items) == 0
    assert {name for _, name in made} == {"ahead"}


def test_what_is_raised_comes_after_what_was_made_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    with Ahead(numbers(), 4) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="broken"):
            next(items)
        with pytest.raises(StopIteration):
            next(items)


@pytest.mark.parametrize("taken", [0, 1, 5])
def test_closing_ends_the_thread_and_lets_a_generator_clean_up_in_it(taken: int) -> None:
    cleaned: list[str] = []

    def numbers() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            cleaned.append(threading.current_thread().name)

    items = Ahead(numbers(), 2)
    assert [next(items) for _ in range(taken)] == list(range(taken))
    items.close()
    items.close()
    assert cleaned == ["ahead"]
    assert list(items) == []


def test_two_in_a_row_close_from_the_outside_in() -> None:
    with Ahead(range(1000), 2) as first, Ahead(map(str, first), 2) as second:
        assert next(second) == "0"
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
