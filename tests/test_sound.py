import base64
import json
import os
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from heelrise.sound import (
    Mixer,
    Sound,
    Speaker,
    open_output,
    tone,
)
from heelrise.voice import Voice, find_voice_command, open_voice

RATES_HZ = (16000, 44100, 48000)
NASTY = ['say "it\'s" `id`', "$(touch pwned) && $HOME; | > x", "-f /etc/passwd", "--help", "Höher!"]


# ---- tones


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("sound", Sound)
def test_a_tone_is_short_and_never_loud(sound, rate_hz):
    samples = tone(sound, rate_hz)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 0.03 <= len(samples) / rate_hz <= 0.6
    assert 0.3 <= np.abs(samples).max() <= 0.5


@pytest.mark.parametrize("sound", Sound)
def test_a_tone_rises_from_silence_and_ends_in_it(sound):
    samples = tone(sound, 48000)
    for edge in (samples, samples[::-1]):
        assert edge[0] == 0
        # a quarter of the 5 ms ramp: 0.15 of the way up
        assert np.abs(edge[:60]).max() < 0.2 * np.abs(samples).max()
    assert np.abs(np.diff(samples)).max() < 0.15


def dominant_hz(samples: np.ndarray, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples, n=rate_hz))
    return float(np.argmax(spectrum))


def test_the_tones_of_a_rep_are_told_apart_by_their_pitch():
    kinds = (Sound.FAULT, Sound.TOP, Sound.REP, Sound.HELD)
    pitches = {sound: dominant_hz(tone(sound, 48000), 48000) for sound in kinds}
    assert pitches[Sound.FAULT] == pytest.approx(196, abs=5)
    assert pitches[Sound.TOP] == pytest.approx(880, abs=10)
    assert pitches[Sound.HELD] > 1.3 * pitches[Sound.TOP]
    in_order = sorted(pitches.values())
    assert all(high > 1.1 * low for low, high in pairwise(in_order))


def test_a_rep_goes_up_and_a_fault_lasts_longer_than_a_tick():
    rep = tone(Sound.REP, 48000)
    assert dominant_hz(rep[:4000], 48000) < dominant_hz(rep[-4000:], 48000)
    assert len(tone(Sound.FAULT, 48000)) > 3 * len(tone(Sound.TOP, 48000))


# ---- mixer


def filled(mixer: Mixer, frames: int, channels: int = 1) -> np.ndarray:
    block = np.full((frames, channels), np.nan, np.float32)
    mixer.fill(block)
    return block


def ramp(count: int) -> np.ndarray:
    return np.arange(1, count + 1, dtype=np.float32) / 100


def test_nothing_added_is_silence():
    assert not filled(Mixer(), 8, 2).any()


def test_a_tone_goes_on_through_the_blocks_in_every_channel():
    mixer = Mixer()
    mixer.add(ramp(10))
    heard = np.concatenate([filled(mixer, 4, 2) for _ in range(4)])
    wanted = np.concatenate([ramp(10), np.zeros(6, np.float32)])
    np.testing.assert_array_equal(heard, np.stack([wanted, wanted], axis=1))


def test_tones_that_overlap_are_added_up():
    mixer = Mixer()
    mixer.add(ramp(6))
    first = filled(mixer, 2)
    mixer.add(ramp(3))
    second = filled(mixer, 4)
    np.testing.assert_allclose(first[:, 0], [0.01, 0.02])
    np.testing.assert_allclose(second[:, 0], [0.04, 0.06, 0.08, 0.06], rtol=1e-6)


def test_too_loud_a_sum_is_clipped_and_the_tones_are_left_alone():
    mixer = Mixer()
    loud = np.array([0.5, -0.5], np.float32)
    for _ in range(5):
        mixer.add(loud)
    np.testing.assert_array_equal(filled(mixer, 3)[:, 0], [1.0, -1.0, 0.0])
    np.testing.assert_array_equal(loud, [0.5, -0.5])


def test_a_device_that_asks_no_more_fills_no_memory():
    mixer = Mixer()
    for _ in range(1000):
        mixer.add(ramp(2))
    assert filled(mixer, 1)[0, 0] < 0.2


# ---- output


class FakeStream:
    def __init__(self, **options):
        self.options = options
        self.started = self.closed = False

    def start(self):
        self.started = True

    def close(self):
        self.closed = True

    def block(self, frames: int) -> np.ndarray:
        block = np.full((frames, self.options["channels"]), np.nan, np.float32)
        self.options["callback"](block, frames, None, None)
        return block


class FakePortAudioError(Exception):
    pass


@pytest.fixture
def device(monkeypatch):
    """A stand-in for the library, with one loudspeaker; `streams` are those opened."""
    streams = []

    def open_stream(**options):
        streams.append(FakeStream(**options))
        return streams[-1]

    fake = SimpleNamespace(
        PortAudioError=FakePortAudioError,
        query_devices=lambda kind: {"default_samplerate": 44100.0, "max_output_channels": 8},
        OutputStream=open_stream,
        streams=streams,
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def test_the_device_plays_what_it_is_given_until_closed(device):
    output = open_output()
    (stream,) = device.streams
    assert output.rate_hz == 44100
    assert stream.started
    assert stream.options["latency"] == "low"
    assert stream.options["samplerate"] == 44100
    output.play(ramp(3))
    np.testing.assert_array_equal(stream.block(4)[:, 1], [*ramp(3), 0])
    output.close()
    assert stream.closed


def test_playing_takes_no_time_and_survives_the_device(device):
    output = open_output()
    samples = tone(Sound.DONE, output.rate_hz)
    output.close()
    start_s = time.perf_counter()
    for _ in range(1000):
        output.play(samples)
    assert time.perf_counter() - start_s < 1.0


@pytest.mark.parametrize("error", [FakePortAudioError, OSError])
@pytest.mark.parametrize("name", ["query_devices", "OutputStream"])
def test_no_device_is_no_output(device, name, error):
    def fail(**options):
        raise error("no device")

    setattr(device, name, fail)
    assert open_output() is None


def test_a_device_that_does_not_start_is_given_back(device, monkeypatch):
    def fail(self):
        raise FakePortAudioError("busy")

    monkeypatch.setattr(FakeStream, "start", fail)
    assert open_output() is None
    assert device.streams[0].closed


def test_without_the_library_there_is_no_output(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert open_output() is None


def test_without_portaudio_there_is_no_output(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert open_output() is None


# ---- the command that speaks


def having(*programs):
    return lambda program: f"/bin/{program}" if program in programs else None


@pytest.mark.parametrize(
    ("platform", "programs", "command"),
    [
        ("darwin", ["say", "espeak"], ("/bin/say", "--")),
        (
            "linux",
            ["espeak", "espeak-ng", "spd-say"],
            ("/bin/spd-say", "--wait", "-l", "de", "--"),
        ),
        ("linux", ["espeak", "espeak-ng"], ("/bin/espeak-ng", "-v", "de", "--stdin")),
        ("linux", ["espeak"], ("/bin/espeak", "-v", "de", "--stdin")),
        ("linux", ["say", "powershell"], None),
        ("darwin", ["espeak"], None),
        ("win32", ["espeak"], None),
    ],
)
def test_finds_the_first_program_of_the_system(platform, programs, command):
    assert find_voice_command(platform, having(*programs), "de") == command


def test_windows_speaks_through_a_script_that_holds_no_text():
    command = find_voice_command("win32", having("powershell"))
    assert command[:-1] == ("/bin/powershell", "-NoProfile", "-NonInteractive", "-Command")
    assert "$input" in command[-1]
    assert '"' not in command[-1]


def test_a_machine_without_speech_has_no_voice(monkeypatch):
    monkeypatch.setattr("heelrise.voice.shutil.which", having())
    assert open_voice() is None


# ---- voice

# Writes down what reaches it, then takes as long as the file `seconds` tells.
PROGRAM = """#!{python}
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).parent
seconds = float((here / "seconds").read_text())
heard = {{"argv": sys.argv[1:], "stdin": sys.stdin.buffer.read().decode(), "pid": os.getpid()}}
with open(here / "heard", "a") as file:
    file.write(json.dumps(heard) + "\\n")
time.sleep(seconds)
with open(here / "spoken", "a") as file:
    file.write(json.dumps(heard) + "\\n")
"""

needs_posix = pytest.mark.skipif(os.name != "posix", reason="the program is a script")


# Has a program of its own at work, and tells the ids of both.
LONG_PROGRAM = """#!/bin/sh
sleep 60 &
echo $! $$ > "$0.part"
mv "$0.part" "$0.pids"
wait
"""


class Program:
    """A speech program that writes down what it is given."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.path = folder / "speak"
        self.path.write_text(PROGRAM.format(python=sys.executable))
        self.path.chmod(0o755)
        self.takes(0)

    def takes(self, seconds: float) -> None:
        (self.folder / "seconds").write_text(str(seconds))

    def lines(self, name: str) -> list[dict]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def wait_for(self, count: int, name: str = "spoken") -> list[dict]:
        wait_until(lambda: len(self.lines(name)) >= count)
        return self.lines(name)


def wait_until(true, limit_s: float = 20.0) -> None:
    until_s = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


@pytest.fixture
def voice_of():
    """Make voices that are closed after the test."""
    voices = []

    def make(*command, **options):
        voices.append(Voice(tuple(map(str, command)), **options))
        return voices[-1]

    yield make
    for voice in voices:
        voice.close()


@needs_posix
def test_text_reaches_stdin_as_it_is(program, voice_of):
    voice = voice_of(program.path, "-v", "en", "--stdin")
    for count, text in enumerate(NASTY, start=1):
        voice.say(text)
        heard = program.wait_for(count)[-1]
        assert (heard["argv"], heard["stdin"]) == (["-v", "en", "--stdin"], text)


@needs_posix
def test_text_reaches_the_last_argument_as_it_is(program, voice_of):
    voice = voice_of(program.path, "--wait", "--")
    for count, text in enumerate(NASTY, start=1):
        voice.say(text)
        heard = program.wait_for(count)[-1]
        assert (heard["argv"], heard["stdin"]) == (["--wait", "--", text], "")


@needs_posix
def test_text_reaches_powershell_on_stdin_alone(program, voice_of):
    command = find_voice_command("win32", lambda name: str(program.path))
    voice = voice_of(*command)
    for count, text in enumerate(NASTY, start=1):
        voice.say(text)
        heard = program.wait_for(count)[-1]
        assert heard["argv"] == list(command[1:])
        assert base64.b64decode(heard["stdin"]).decode() == text


@needs_posix
def test_what_no_program_can_be_given_is_left_out(program, voice_of):
    voice_of(program.path, "--").say("one\0two\nthree\ud800")
    assert program.wait_for(1)[0]["argv"] == ["--", "one?two three?"]


@needs_posix
def test_the_newest_line_waits_and_none_is_interrupted(program, voice_of):
    voice = voice_of(program.path, "--stdin")
    program.takes(1)
    voice.say("first")
    program.wait_for(1, "heard")
    for text in ("second", "third", "newest"):
        voice.say(text)
    program.takes(0)
    assert [line["stdin"] for line in program.wait_for(2)] == ["first", "newest"]
    time.sleep(0.2)
    assert len(program.lines("heard")) == 2


@needs_posix
def test_a_program_that_hangs_is_killed_and_the_next_line_spoken(program, voice_of):
    voice = voice_of(program.path, "--stdin", limit_s=2.0)
    program.takes(60)
    voice.say("hangs")
    pid = program.wait_for(1, "heard")[0]["pid"]
    program.takes(0)
    voice.say("next")
    assert [line["stdin"] for line in program.wait_for(1)] == ["next"]
    assert not is_running(pid)


@needs_posix
def test_closing_stops_at_once_and_leaves_no_process(tmp_path, voice_of):
    shell = tmp_path / "speak"
    shell.write_text(
        '#!/bin/sh\nsleep 60 &\necho $! $$ > "$0.part"\nmv "$0.part" "$0.pids"\nwait\n'
    )
    shell.chmod(0o755)
    voice = voice_of(shell, "--stdin")
    voice.say("long")
    voice.say("never")
    pids = tmp_path / "speak.pids"
    wait_until(pids.exists)
    start_s = time.monotonic()
    voice.close()
    assert time.monotonic() - start_s < 10  # not the minute that it would speak
    for pid in map(int, pids.read_text().split()):
        wait_until(lambda pid=pid: not is_running(pid) or is_zombie(pid))
    voice.say("after the end")
    voice.close()


def is_zombie(pid: int) -> bool:
    """A grandchild whose parent died is reaped by init, which a container may not have."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def test_a_voice_that_says_nothing_closes(voice_of):
    start_s = time.monotonic()
    voice_of("nowhere", "--").close()
    assert time.monotonic() - start_s < 5.0


@needs_posix
def test_a_program_that_fails_or_is_gone_is_silent(program, voice_of, capfd):
    gone = voice_of(program.folder / "gone", "--")
    gone.say("one")
    failing = voice_of("/bin/sh", "-c", "echo broken; echo broken >&2; exit 3", "--stdin")
    failing.say("one")
    time.sleep(0.3)
    program.path.rename(program.folder / "gone")
    gone.say("two")
    assert program.wait_for(1)[0]["argv"] == ["--", "two"]
    assert capfd.readouterr() == ("", "")


# ---- speaker


class StubOutput:
    rate_hz = 16000

    def __init__(self):
        self.played = []
        self.closed = False

    def play(self, samples):
        self.played.append(samples)

    def close(self):
        self.closed = True


class StubVoice:
    def __init__(self):
        self.said = []
        self.closed = False

    def say(self, text):
        self.said.append(text)

    def close(self):
        self.closed = True


def test_every_sound_is_played_at_the_rate_of_the_output():
    output = StubOutput()
    speaker = Speaker(output, None)
    for sound in Sound:
        speaker.play(sound)
    for sound, samples in zip(Sound, output.played, strict=True):
        np.testing.assert_array_equal(samples, tone(sound, 16000))


def test_no_tone_is_computed_while_playing(monkeypatch):
    output = StubOutput()
    speaker = Speaker(output, None)
    monkeypatch.setattr("heelrise.sound.tone", None)
    speaker.play(Sound.REP)
    speaker.play(Sound.REP)
    assert output.played[0] is output.played[1]


def test_muted_plays_and_says_nothing_until_it_is_not():
    output, voice = StubOutput(), StubVoice()
    speaker = Speaker(output, voice, muted=True)
    speaker.play(Sound.TOP)
    speaker.say("Rise higher")
    assert (output.played, voice.said) == ([], [])
    speaker.muted = False
    speaker.play(Sound.TOP)
    speaker.say("Lower slowly")
    speaker.muted = True
    speaker.play(Sound.TOP)
    speaker.say("Body upright")
    assert (len(output.played), voice.said) == (1, ["Lower slowly"])


def test_closing_closes_both():
    output, voice = StubOutput(), StubVoice()
    Speaker(output, voice).close()
    assert output.closed
    assert voice.closed


def test_a_machine_without_sound_or_speech_is_silent():
    speaker = Speaker(None, None)
    speaker.play(Sound.DONE)
    speaker.say("Done")
    speaker.close()
