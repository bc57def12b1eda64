"""The accuracy benchmark: rules on motion with a known answer, matching, the forms of truth."""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accuracy
import heelrise
from accuracy import Errors, Tally, best_tally, match, on_leg, table, tally
from heelrise import landmarks as lm
from heelrise.recording import Recording
from heelrise.result import Rep
from motion import Film, Script
from motion_body import Camera
from motion_model import PERFECT
from rules import RULES, Floats, Views
from truth import TrueRep, Truth, TruthError, read_truth

FPS, SIZE = 30.0, (640, 480)
RULE = {rule.__name__: rule for _, rule in RULES}
REPS = 4


def moving(*landmarks: int, by_px: float) -> tuple[Floats, Floats]:
    """Somebody stands for a second, then lifts some landmarks four times in two seconds each."""
    times = np.arange(int(FPS * (1 + 2 * REPS))) / FPS
    xy_px = np.zeros((len(times), lm.LANDMARK_COUNT, 2))
    for side, x_px in (("left", 300.0), ("right", 340.0)):
        xy_px[:, lm.HIP[side]] = x_px, 220
        xy_px[:, lm.KNEE[side]] = x_px, 320
        xy_px[:, lm.ANKLE[side]] = x_px, 420
        xy_px[:, lm.HEEL[side]] = x_px - 10, 428
        xy_px[:, lm.TOE[side]] = x_px + 40, 428
    lift = by_px * (1 - np.cos(np.pi * np.maximum(times - 1, 0))) / 2
    for landmark in landmarks:
        xy_px[:, landmark, 1] -= lift
    return times, xy_px


MIDDLES = [2.0, 4.0, 6.0, 8.0]


def counts(views: Views) -> list[int]:
    return [len(peaks_s) for peaks_s in views]


@pytest.mark.parametrize(
    ("rule", "landmarks", "by_px"),
    [
        ("ankle_over_toe", [lm.LEFT_ANKLE], 30.0),
        ("ankle_rise", [lm.LEFT_ANKLE], 15.0),
        ("heel_peaks", [lm.LEFT_HEEL], 12.0),
        ("hip_peaks", [lm.LEFT_HIP, lm.RIGHT_HIP], 12.0),
    ],
)
def test_rule_counts_what_it_is_made_for(rule: str, landmarks: list[int], by_px: float) -> None:
    times, xy_px = moving(*landmarks, by_px=by_px)
    found = RULE[rule](times, xy_px, SIZE)
    assert found[0] == pytest.approx(MIDDLES, abs=0.05)


def turn(xy_px: Floats, moved: int, about: int, degrees: Floats, length_px: float) -> None:
    """Put a landmark where it is seen from another under an angle from straight up, clockwise."""
    angle = np.radians(degrees)
    way = np.stack([np.sin(angle), -np.cos(angle)], axis=-1)
    xy_px[:, moved] = xy_px[:, about] + length_px * way


@pytest.mark.parametrize(
    ("rule", "moved", "about", "rest_deg", "top_deg"),
    [
        ("knee_angle", lm.RIGHT_ANKLE, lm.RIGHT_KNEE, 170.0, 80.0),
        ("toe_angle", lm.RIGHT_TOE, lm.RIGHT_ANKLE, 90.0, 145.0),
    ],
)
def test_rule_of_an_angle(
    rule: str, moved: int, about: int, rest_deg: float, top_deg: float
) -> None:
    times, xy_px = moving(by_px=0)
    share = (1 - np.cos(np.pi * np.maximum(times - 1, 0))) / 2
    turn(xy_px, moved, about, rest_deg + (top_deg - rest_deg) * share, 100)
    _, right, _ = RULE[rule](times, xy_px, SIZE)
    assert right == pytest.approx(MIDDLES, abs=0.05)


@pytest.mark.parametrize(
    ("rule", "landmarks", "by_px"),
    [
        ("ankle_over_toe", [lm.LEFT_ANKLE], 15.0),
        ("ankle_rise", [lm.LEFT_ANKLE], 11.0),
        ("heel_peaks", [lm.LEFT_HEEL], 3.0),
        ("hip_peaks", [lm.LEFT_HIP, lm.RIGHT_HIP], 3.0),
    ],
)
def test_rule_counts_nothing_under_its_threshold(
    rule: str, landmarks: list[int], by_px: float
) -> None:
    times, xy_px = moving(*landmarks, by_px=by_px)
    assert sum(counts(RULE[rule](times, xy_px, SIZE))) == 0


@pytest.mark.parametrize("rule", RULE)
def test_standing_still_counts_nothing(rule: str) -> None:
    assert sum(counts(RULE[rule](*moving(by_px=0), SIZE))) == 0


@pytest.mark.parametrize("rule", RULE)
def test_nobody_is_ever_seen(rule: str) -> None:
    times, xy_px = moving(by_px=0)
    assert sum(counts(RULE[rule](times, np.full_like(xy_px, np.nan), SIZE))) == 0


def test_frames_without_a_person_are_passed_over() -> None:
    times, xy_px = moving(lm.LEFT_ANKLE, lm.LEFT_HIP, lm.RIGHT_HIP, by_px=15)
    xy_px[::7] = np.nan
    assert counts(RULE["ankle_rise"](times, xy_px, SIZE))[0] == REPS
    assert counts(RULE["hip_peaks"](times, xy_px, SIZE)) == [REPS]


def test_a_rule_of_the_leg_has_three_views_and_the_hips_one() -> None:
    views = {name: len(rule(*moving(by_px=0), SIZE)) for name, rule in RULE.items()}
    assert views.pop("hip_peaks") == 1
    assert set(views.values()) == {3}


def true(start_s: float, side: Any = "left") -> TrueRep:
    """A rep of 2 s, half of it at the top, 8 cm high."""
    return TrueRep(side, start_s, start_s + 2, start_s + 0.5, start_s + 1.5, 1.0, 8.0)


@pytest.mark.parametrize(
    ("peaks_s", "pairs"),
    [
        ([1.0, 4.0], [(0, 0), (1, 1)]),
        ([-0.2, 5.2], [(0, 0), (1, 1)]),  # the slack
        ([-0.3, 5.3], []),
        ([0.2, 0.9, 1.8], [(0, 1)]),  # each rep once, by the peak nearest its middle
        ([4.0, 1.0], [(0, 1), (1, 0)]),
        ([2.5], []),
        ([], []),
    ],
)
def test_matching(peaks_s: list[float], pairs: list[tuple[int, int]]) -> None:
    assert match([true(0), true(3)], peaks_s) == pairs


def test_no_peak_is_two_reps() -> None:
    assert match([true(0), true(2.1)], [2.05]) == [(0, 0)]


def test_tally() -> None:
    reps = [true(0), true(3)]
    assert tally(reps, [1.0, 4.0]).exact
    right_number_wrong_place = tally(reps, [1.0, 9.0])
    assert right_number_wrong_place == Tally(true=2, found=2, matched=1)
    assert not right_number_wrong_place.exact
    assert right_number_wrong_place.off_by == 0
    assert tally([], []).exact


def test_the_better_view_is_taken() -> None:
    one, noisy, none = np.array([1.0]), np.array([1.0, 7.0, 8.0, 9.0]), np.empty(0)
    assert best_tally([true(0)], (noisy, none, one)) == Tally(1, 1, 1)
    assert best_tally([], (noisy, none, one)) == Tally(0, 0, 0)


def found(side: Any, peak_s: float, rise_cm: float | None = 9.0) -> Rep:
    times = (peak_s - 0.9, peak_s - 0.5, peak_s, peak_s + 0.3, peak_s + 1.0)
    return Rep(
        number=1, side=side, start_s=times[0], top_start_s=times[1], peak_s=times[2],
        top_end_s=times[3], end_s=times[4], hold_s=0.8, up_s=0.4, down_s=0.7, rise_cm=rise_cm,
        rise_shin=0.2, peak_cm=None, peak_shin=None, bottom_cm=None, bottom_shin=None,
    )  # fmt: skip


def test_the_leg_must_be_right_too() -> None:
    truth = Truth((true(0, "left"), true(3, "right")))
    errors = Errors()
    assert on_leg(truth, [found("left", 1.0), found("left", 4.0)], errors) == Tally(2, 2, 1)
    assert errors.time_s == pytest.approx([0.1, 0.0, 0.2, 0.0])
    assert errors.hold_s == pytest.approx([0.2])
    assert errors.rise_cm == pytest.approx([1.0])


def test_what_is_not_known_is_not_compared() -> None:
    errors = Errors()
    errors.add(TrueRep("left", 0, 2), found("left", 1.0))
    errors.add(true(0), found("left", 1.0, rise_cm=None))
    assert [len(errors.time_s), len(errors.hold_s), len(errors.rise_cm)] == [6, 1, 0]
    assert not any(line.startswith("rise") for line in accuracy.error_lines(errors))


def test_the_own_doubt_of_a_rise_is_held_against_its_error() -> None:
    class Doubtful:
        """A rep with the field, whether or not heelrise's has it."""

        rise_sd_cm = 2.0

        def __getattr__(self, name: str) -> Any:
            return getattr(found("left", 1.0), name)

    errors = Errors()
    errors.add(true(0), Doubtful())  # type: ignore[arg-type]
    assert errors.rise_in_sd == pytest.approx([0.5])
    errors.rise_in_sd.extend([1.0, 1.5, 3.0])
    assert "0.25 of the rises are within 0.67 sd" in accuracy.error_lines(errors)[-1]
    assert "0.75 within 2 sd" in accuracy.error_lines(errors)[-1]


def test_table() -> None:
    clips = [
        {"good": Tally(4, 4, 4), "blind": Tally(4, 0, 0)},
        {"good": Tally(6, 7, 6), "blind": Tally(6, 0, 0)},
        {"good": Tally(0, 2, 0), "blind": Tally(0, 0, 0)},
    ]
    _, good, blind = (line.split() for line in table(clips).splitlines())
    assert good == ["good", "1", "2", "1.00", "0.77", "1.00"]
    assert blind == ["blind", "1", "1", "3.33", "-", "0.00"]


IN_FRAMES = {
    "fps": 25,
    "frames": 500,
    "stature_m": 1.7,
    "reps": [
        {"side": "right", "start": 100, "end": 150, "peak": 125},
        {"side": "left", "start": 25, "hold_start": 35, "peak": 40, "hold_end": 60, "end": 75,
         "rise_m": 0.08, "hold_s": 1.0, "faults": []},
    ],
}  # fmt: skip
IN_SECONDS = {
    "schema_version": 1,
    "settings": {"body_height_cm": 170.0, "surface": "auto"},
    "reps": [
        {"number": 1, "side": "left", "start_s": 1.0, "top_start_s": 1.4, "peak_s": 1.6,
         "top_end_s": 2.4, "end_s": 3.0, "hold_s": 1.0, "rise_cm": 8.0},
        {"side": "both", "start_s": 3.0, "end_s": 3.5},
        {"side": "right", "start_s": 4.0, "end_s": 6.0, "rise_cm": None},
    ],
}  # fmt: skip


@pytest.mark.parametrize("content", [IN_FRAMES, IN_SECONDS])
def test_truth_in_both_forms(tmp_path: Path, content: dict[str, Any]) -> None:
    truth = read_truth(written(tmp_path / "clip.json", content))
    assert truth.body_height_cm == pytest.approx(170)
    left, right = truth.reps
    assert (left.side, right.side) == ("left", "right")
    assert [left.start_s, left.top_start_s, left.top_end_s, left.end_s] == [1.0, 1.4, 2.4, 3.0]
    assert (left.hold_s, left.rise_cm) == (1.0, 8.0)
    assert (right.start_s, right.end_s, right.top_start_s, right.hold_s) == (4.0, 6.0, None, None)
    assert (left.middle_s, right.middle_s) == (pytest.approx(1.9), 5.0)


def test_truth_of_the_samples() -> None:
    counted = {path.stem: len(read_truth(path).reps) for path in accuracy.SAMPLES.glob("*.json")}
    assert counted["no_rep"] == 0
    assert counted["floor_profile_clean"] == 6


def frames(**changed: Any) -> str:
    rep = {"side": "left", "start": 25, "end": 75, **changed}
    return json.dumps({"fps": 25, "reps": [rep]})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "Expecting"),
        ("[]", "no object"),
        ("{}", "'fps' is missing"),
        ('{"fps": 0, "reps": []}', "its fps is 0"),
        ('{"fps": true, "reps": []}', "where a number belongs"),
        ('{"fps": 30, "reps": 3}', "no list of objects"),
        ('{"fps": 30, "reps": [3]}', "no list of objects"),
        ('{"schema_version": 2, "reps": []}', "its schema_version is 2"),
        ('{"schema_version": 1, "settings": [], "reps": []}', "its settings are no object"),
        ('{"schema_version": 1, "review": [], "reps": []}', "its review is no object"),
        (frames(side="both"), "'both'"),
        (frames(start=None), "where a number belongs"),
        (frames(start="soon"), "where a number belongs"),
        (frames(end=math.nan), "where a number belongs"),
        (frames(end=25), "moments of its rep 1"),
        (frames(hold_start=80), "moments of its rep 1"),
        (frames(start=-5), "moments of its rep 1"),
    ],
)
def test_a_bad_truth_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "clip.json"
    path.write_text(text)
    with pytest.raises(TruthError) as raised:
        read_truth(path)
    message = str(raised.value)
    assert str(path) in message
    assert complaint in message
    assert "\n" not in message


def test_truth_in_no_text_at_all(tmp_path: Path) -> None:
    path = tmp_path / "clip.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TruthError, match="is no truth"):
        read_truth(path)
    with pytest.raises(TruthError, match="cannot read"):
        read_truth(tmp_path / "missing.json")


def written(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(scope="module")
def film() -> Film:
    """A set of three on the left leg, then a squat."""
    return Script().set_of("left", 3).squat().stand(1.0).film(Camera(15.0), PERFECT)


@pytest.fixture
def folder(tmp_path: Path, film: Film) -> Path:
    """A video that only the stand-in for the pose model can read, and its truth."""
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "set.mp4").write_bytes(b"a video")
    reps = [
        {"side": rep.side, "start_s": rep.start_s, "end_s": rep.end_s} for rep in film.truth.reps
    ]
    written(folder / "set.json", {"schema_version": 1, "reps": reps})
    return folder


@pytest.fixture
def looked_at(tmp_path: Path, film: Film, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the pose model by the film, and tell which videos were looked at."""
    seen: list[str] = []
    model = tmp_path / "model"
    model.write_bytes(b"model")

    def extract(video: Path, name: str, model: Path, tell: object) -> Recording:
        seen.append(video.name)
        return Recording(tuple(film.poses), 30.0, name, "sha", truncated=False)

    monkeypatch.setattr(accuracy, "extract", extract)
    monkeypatch.setattr(accuracy, "ensure_model", lambda name: model)
    return seen


def run(folder: Path, *more: str) -> int:
    return accuracy.main([str(folder), "--cache", str(folder.parent / "cache"), *more])


def test_one_command_prints_the_table(
    folder: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder) == 0
    title, _, _, *rows = capsys.readouterr().out.splitlines()
    assert title == "clips: 1, single-leg reps: 3"
    assert rows[0].split() == ["heelrise", "1", "1", "0.00", "1.00", "1.00"]
    assert rows[1].split()[-5:] == ["1", "1", "0.00", "1.00", "1.00"]
    assert [row.split("  ")[0] for row in rows[2 : 2 + len(RULES)]] == [name for name, _ in RULES]
    assert rows[-1].startswith("start, top and end: off by 0.0")
    assert looked_at == ["set.mp4"]


def test_a_video_is_looked_at_again_only_when_it_or_the_model_changed(
    folder: Path, looked_at: list[str]
) -> None:
    run(folder)
    run(folder)
    assert len(looked_at) == 1
    (folder / "set.mp4").rename(folder / "other.mp4")
    (folder / "set.json").rename(folder / "other.json")
    run(folder)
    assert len(looked_at) == 1
    (folder / "other.mp4").write_bytes(b"another video")
    run(folder)
    assert len(looked_at) == 2
    (folder.parent / "model").write_bytes(b"another model")
    run(folder)
    assert len(looked_at) == 3


def test_a_bad_truth_ends_it_before_any_work(
    folder: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "set.json").write_text("{}")
    assert run(folder) == 2
    out, err = capsys.readouterr()
    assert (out, looked_at) == ("", [])
    assert err == f"accuracy: {folder / 'set.json'} is no truth: 'fps' is missing\n"


def test_a_video_without_truth_is_left_out_and_named(
    folder: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "new.mov").write_bytes(b"a video")
    assert run(folder) == 0
    assert "new.mov is left out: new.json is missing" in capsys.readouterr().err
    assert looked_at == ["set.mp4"]


def test_nothing_to_score(
    folder: Path, looked_at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "set.json").unlink()
    assert run(folder) == 2
    assert "no video has its truth beside it" in capsys.readouterr().err
    assert run(folder / "nowhere") == 2
    assert "nowhere" in capsys.readouterr().err
    assert looked_at == []


def test_the_package_knows_nothing_of_the_benchmarks() -> None:
    source = Path(heelrise.__file__).parent
    names = {"accuracy", "rules", "truth", "benchmarks"}
    for module in source.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in names, module
            elif isinstance(node, ast.Import):
                assert not names & {alias.name.split(".")[0] for alias in node.names}, module
