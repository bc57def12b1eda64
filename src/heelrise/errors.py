"""The one exception the command line turns into one line on stderr and exit status 2."""

from __future__ import annotations

EXIT_MISTAKE = 1
EXIT_UNUSABLE = 2


class HeelriseError(Exception):
    """Something outside the program is wrong: the message says what, and what to do.

    The message is a single line without a trailing full stop's worth of jargon: it is
    shown to the user exactly as it is.
    """
