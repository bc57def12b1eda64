"""The keys of `heelrise review`, for its window and its help; nothing heavy is imported here."""

from __future__ import annotations

KEYS: tuple[tuple[str, str], ...] = (
    ("n p", "next, previous rep"),
    ("space", "play the rep"),
    (", .", "a picture back, on"),
    ("a", "accept the rep"),
    ("d", "delete it"),
    ("i", "add one, or bring back"),
    ("s", "left, right, both"),
    ("[ ]", "starts, ends here"),
    ("1-8", "put a fault on, or off"),
    ("u", "undo"),
    ("q", "save and leave"),
    ("Esc", "leave, save nothing"),
)
"""Each key and what it does, in few words."""
