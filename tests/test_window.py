"""Which key a code is: letters as they are, none for what writes nothing."""

from __future__ import annotations

import pytest

from heelrise.window import key_of


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (-1, None),
        (27, "escape"),
        (ord("q"), "q"),
        (ord("Q"), "q"),
        (ord(" "), " "),
        (ord("["), "["),
        (0x100000 | ord("u"), "u"),  # GTK with Num Lock
        (0x30000 | ord("R"), "r"),  # with Shift and Caps Lock
        (0x10001B, "escape"),
        (0xFF51, None),  # Left, whose last byte is that of q
        (0xFF55, None),  # Page Up
        (0x10FF50, None),  # Home with Num Lock
        (0xFF61, None),  # Print
        (0x250000, None),  # Left on Windows
        (0xF702, None),  # Left on macOS
        (0xB2, None),  # the small 2 on French and German keyboards, no digit
        (0, None),
    ],
)
def test_only_keys_with_a_letter_are_keys(code: int, key: str | None) -> None:
    assert key_of(code) == key
