"""Small parts of an HTML page, and text from outside made fit for one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from heelrise.terminal import printable


def section(title: str, content: str, kind: str = "") -> str:
    """Put content under a title; ``kind`` is its class for the style."""
    named = f' class="{kind}"' if kind else ""
    return f"<section{named}><h2>{title}</h2>{content}</section>"


def scroll(label: str, content: str) -> str:
    """Put what may be too wide for a phone into a box that scrolls, by keys too."""
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">{content}</div>'


def table(caption: str, head: str, body: str) -> str:
    """Put rows under a caption and a head, in a box that scrolls."""
    content = f"<table><caption>{caption}</caption>{head}<tbody>{body}</tbody></table>"
    return scroll(caption, content)


def head(*columns: tuple[str, str]) -> str:
    """Name the columns of a table, each with its class."""
    cells = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def bullets(lines: Iterable[str]) -> str:
    """List lines that may come from outside."""
    return f"<ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul>"


def note(content: str) -> str:
    """Set a paragraph smaller and paler."""
    return f'<p class="note">{content}</p>'


def text(value: str) -> str:
    """Return text from outside fit for HTML, also inside an attribute."""
    # a name on disk may hold bytes that are no UTF-8; Python reads them as lone surrogates
    readable = value.encode("utf-8", "replace").decode("utf-8")
    return escape(printable(readable), quote=True)


def href(path: str) -> str:
    """Return a file's path as a relative address: no scheme and no query can come of it."""
    address = quote(os.fsencode(path))
    if address.startswith("/"):
        return "/" + address.lstrip("/")  # two would begin a host's name
    return address if address.startswith("../") else f"./{address}"
