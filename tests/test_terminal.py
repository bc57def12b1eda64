"""The terminal: native log lines stay away from it, our own lines arrive."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from heelrise.terminal import complain, native_logs, printable, progress_bar


def run(code: str) -> subprocess.CompletedProcess[str]:
    head = "import os, sys\nfrom heelrise.terminal import native_logs, complain\n"
    return subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, check=False
    )


def test_native_lines_are_hidden_and_our_own_are_not() -> None:
    done = run(
        "with native_logs():\n"
        "    os.write(2, b'W0000 inference_feedback_manager.cc\\n')\n"
        "    complain('ours')\n"
        "    print('also ours', file=sys.stderr)\n"
        "os.write(2, b'after\\n')\n"
        "complain('still ours')\n"
    )
    assert done.stderr == "heelrise: ours\nalso ours\nafter\nheelrise: still ours\n"


def test_they_are_shown_on_request() -> None:
    done = run("with native_logs(shown=True): os.write(2, b'native\\n')")
    assert done.stderr == "native\n"


def test_an_error_inside_puts_everything_back() -> None:
    done = run(
        "before = sys.stderr, os.fstat(2)\n"
        "open_before = os.listdir('/dev/fd')\n"
        "try:\n"
        "    with native_logs(), native_logs():\n"
        "        raise RuntimeError\n"
        "except RuntimeError:\n"
        "    assert (sys.stderr, os.fstat(2)) == before\n"
        "    assert os.listdir('/dev/fd') == open_before\n"
        "    os.write(2, b'back\\n')\n"
    )
    assert (done.returncode, done.stderr) == (0, "back\n")


def test_an_uncaught_error_is_still_told() -> None:
    done = run("with native_logs():\n    raise RuntimeError('told')")
    assert done.returncode == 1
    assert done.stderr.endswith("RuntimeError: told\n")


def test_a_program_without_stderr_runs() -> None:
    done = run("os.close(2)\nwith native_logs():\n    complain('to nobody')\nprint('ran')")
    assert (done.returncode, done.stdout) == (0, "ran\n")


def test_a_stand_in_for_stderr_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stand_in)
    with native_logs():
        assert sys.stderr is stand_in


def test_a_complaint_is_one_harmless_line(capfd: pytest.CaptureFixture[str]) -> None:
    complain("a\nb\x1b[2J \udcff")
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "heelrise: a b?[2J ?\n"
    assert printable("\u00e9 \u4e2d") == "\u00e9 \u4e2d"


def test_a_complaint_fits_any_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, "ascii", write_through=True))
    complain("\u00e9")
    assert raw.getvalue() == b"heelrise: \\xe9" + os.linesep.encode()


def test_no_bar_when_stdout_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar("clip.mp4") as tell:
        for share in (None, 0.1, 1.0):
            tell(share)
    assert capfd.readouterr() == ("", "")


def test_the_bar_goes_to_stderr_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("heelrise.terminal._REDRAW_EVERY_S", 0.0)
    with progress_bar("a[b].mp4") as tell:
        tell(None)
        tell(0.25)
        tell(0.5)
    assert out.getvalue() == ""
    assert "a[b].mp4" in err.getvalue()
    assert "50%" in err.getvalue()
    assert re.search(r"\d:\d\d:\d\d", err.getvalue())
