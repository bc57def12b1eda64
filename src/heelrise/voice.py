"""The system's own speech: one line at a time, on a thread of its own.

Saying returns at once and never fails; a machine without speech is a silent one, no error.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Literal

from heelrise.terminal import printable

Language = Literal["en", "de"]

# A line of the coach takes two or three seconds.
_SPEECH_LIMIT_S = 10.0
# How soon the end of a line, or the wish to close, is noticed.
_POLL_S = 0.05
_CLOSE_LIMIT_S = 2.0

# The host reads stdin as $input, in the code page of the console: base64 is the same in all.
_POWERSHELL_SCRIPT = (
    "$bytes = [Convert]::FromBase64String(-join @($input)); "
    "$text = [Text.Encoding]::UTF8.GetString($bytes); "
    "Add-Type -AssemblyName System.Speech; "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak($text)"
)


def find_voice_command(
    platform: str, which: Callable[[str], str | None], language: Language = "en"
) -> tuple[str, ...] | None:
    """Return the command that speaks, or None where there is no such program.

    Parameters
    ----------
    platform : str
        As `sys.platform`.
    which : callable
        Program -> its path or None, as `shutil.which`.
    language : {"en", "de"}
        Of the voice, where the program takes a language; `say` and PowerShell speak with the
        voice the user has chosen in the system.

    Returns
    -------
    tuple of str or None
        A command that ends with `--` takes the text as one more argument, any other on stdin.
    """
    commands: list[tuple[str, ...]]
    if platform == "darwin":
        commands = [("say", "--")]
    elif platform == "win32":
        options = ("-NoProfile", "-NonInteractive", "-Command")
        commands = [("powershell", *options, _POWERSHELL_SCRIPT)]
    else:
        commands = [
            # on stdin spd-say would take a line that begins with !-! as a command
            ("spd-say", "--wait", "-l", language, "--"),
            ("espeak-ng", "-v", language, "--stdin"),
            ("espeak", "-v", language, "--stdin"),
        ]
    for program, *arguments in commands:
        path = which(program)
        if path is not None:
            return (path, *arguments)
    return None


class Voice:
    """Speaks lines, one at a time, on a thread of its own.

    Parameters
    ----------
    command : tuple of str
        As found by :func:`find_voice_command`.
    limit_s : float
        After how many seconds a speech program is taken to hang and is killed.
    """

    def __init__(self, command: tuple[str, ...], limit_s: float = _SPEECH_LIMIT_S) -> None:
        """Start with nothing to say."""
        self._command = command
        self._limit_s = limit_s
        self._waiting: deque[str] = deque(maxlen=1)
        self._changed = Event()
        self._closed = Event()
        self._thread = Thread(target=self._run, name="heelrise-voice", daemon=True)
        self._thread.start()

    def say(self, text: str) -> None:
        """Speak a line after the one being spoken, in place of one still waiting.

        Returns at once and never fails: a line that cannot be spoken is not heard.
        """
        self._waiting.append(printable(text))
        self._changed.set()

    def close(self) -> None:
        """Stop in the middle of a word; no program is left behind."""
        self._closed.set()
        self._changed.set()
        self._thread.join(_CLOSE_LIMIT_S)

    def _run(self) -> None:
        while True:
            self._changed.wait()
            self._changed.clear()
            # a line said while another was spoken has set the event: none is left lying
            while self._waiting and not self._closed.is_set():
                self._speak(self._waiting.popleft())
            if self._closed.is_set():
                return

    def _speak(self, text: str) -> None:
        command, stdin = _with_text(self._command, text)
        # a broken program must not end the thread that speaks the next line
        with suppress(OSError), _start(command) as child:
            try:
                self._wait(child, stdin)
            finally:
                _end(child)

    def _wait(self, child: subprocess.Popen[bytes], stdin: bytes) -> None:
        """Wait until the line is spoken, the time is up, or the voice is closed."""
        until_s = monotonic() + self._limit_s
        with suppress(subprocess.TimeoutExpired):
            child.communicate(stdin, timeout=_POLL_S)
        while child.poll() is None and monotonic() < until_s:
            if self._closed.wait(_POLL_S):
                return


def open_voice(language: Language = "en") -> Voice | None:
    """Return the system's voice, or None where there is no speech program."""
    command = find_voice_command(sys.platform, shutil.which, language)
    return None if command is None else Voice(command)


def _with_text(command: tuple[str, ...], text: str) -> tuple[tuple[str, ...], bytes]:
    """Return the command to run for a text, and what to write to its stdin."""
    if command[-1] == "--":
        return (*command, text), b""
    if command[-1] == _POWERSHELL_SCRIPT:
        return command, b64encode(text.encode())
    return command, text.encode()


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # a group of its own, so that what the program started can be ended with it
        start_new_session=True,
        # Windows alone has it: else a console window opens over the picture
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a program that still runs, and on POSIX what it has started."""
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        child.kill()
    else:
        with suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
