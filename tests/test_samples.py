"""The four sample videos end to end against their exact truth.

Two with the real pose model, two from landmarks that it gave (``heelrise extract``): the model
takes longer than all the rest.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from clips import SAMPLES, copy_start
from heelrise.models import ensure_model
from heelrise.recorded import analyze, analyze_recording
from heelrise.result import Rep, Result
from heelrise.settings import SessionOptions

ROOT = Path(__file__).parents[1]
RECORDED = Path(__file__).parent / "data"
# Of the one without a rep enough to go wrong in, of the other one four reps with a fault.
FIRST_S = {"no_rep": 12.0, "step_range_faults": 17.4}
NAMES = tuple(sorted(path.stem for path in SAMPLES.glob("*.mp4")))

TIME_S, HOLD_S = 0.15, 0.10  # medians over a clip
PEAK_S = 0.2  # a peak may lie this far outside of its true rep
EVENT_S = 0.75  # an event may lie this far from its true one
RISE_SHARE = 0.4  # of the true rise, median over a clip: an estimate from the body (README)

REP_FAULTS = {
    "low_peak": "incomplete_top",
    "no_bottom": "incomplete_bottom",
    "no_pause": "no_pause",
}
EVENTS = {"touch": "foot_touchdown", "lost_balance": "lost_balance"}


@dataclass(frozen=True)
class Sample:
    clip: Path
    truth: dict[str, Any]
    result: Result

    def pairs(self) -> list[tuple[dict[str, Any], Rep]]:
        """True and found reps in order; ``seconds`` turns the truth's frames into times."""
        return list(zip(self.truth["reps"], self.result.reps, strict=True))

    def seconds(self, frame: int) -> float:
        return float(frame / self.truth["fps"])


@pytest.fixture(scope="module", params=NAMES)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    truth = json.loads((SAMPLES / f"{request.param}.json").read_text())
    options = SessionOptions(body_height_cm=round(100 * truth["stature_m"]))
    clip = SAMPLES / f"{request.param}.mp4"
    recorded = RECORDED / f"{request.param}.npz"
    if recorded.exists():
        return Sample(clip, truth, analyze_recording(recorded, options)[0].result)
    model = ensure_model("full", progress=False)
    if request.param in FIRST_S:
        seconds = FIRST_S[request.param]
        clip = copy_start(clip, tmp_path_factory.mktemp("clip") / clip.name, seconds)
        frames = seconds * truth["fps"]
        truth["reps"] = [rep for rep in truth["reps"] if rep["end"] < frames]
        truth["faults"] = [fault for fault in truth["faults"] if fault["end"] < frames]
    return Sample(clip, truth, analyze(clip, options, model).result)


def test_the_samples_are_four_and_the_demo_is_one_of_them() -> None:
    assert len(NAMES) == 4
    demo = (ROOT / "src" / "heelrise" / "demo.mp4").read_bytes()
    assert demo in [(SAMPLES / f"{name}.mp4").read_bytes() for name in NAMES]


@pytest.mark.model
def test_every_rep_is_counted_on_its_leg(sample: Sample) -> None:
    assert [rep.side for rep in sample.result.reps] == [rep["side"] for rep in sample.truth["reps"]]
    for truth, rep in sample.pairs():
        start_s, end_s = sample.seconds(truth["start"]), sample.seconds(truth["end"])
        assert start_s - PEAK_S <= rep.peak_s <= end_s + PEAK_S, f"rep {rep.number}"


@pytest.mark.model
def test_times_are_right(sample: Sample) -> None:
    off = []
    for truth, rep in sample.pairs():
        moments = {
            "start": rep.start_s,
            "hold_start": rep.top_start_s,
            "hold_end": rep.top_end_s,
            "end": rep.end_s,
        }
        off += [abs(found_s - sample.seconds(truth[name])) for name, found_s in moments.items()]
    assert not off or median(off) <= TIME_S


@pytest.mark.model
def test_holds_are_right(sample: Sample) -> None:
    off = [abs(rep.hold_s - truth["hold_s"]) for truth, rep in sample.pairs()]
    assert not off or median(off) <= HOLD_S


@pytest.mark.model
def test_rises_are_of_the_right_size(sample: Sample) -> None:
    off = [abs(rep.rise_cm / (100 * truth["rise_m"]) - 1) for truth, rep in sample.pairs()]
    assert not off or median(off) <= RISE_SHARE


@pytest.mark.model
def test_each_rep_has_its_own_faults_and_no_others(sample: Sample) -> None:
    found = {
        rep.number: sorted(set(rep.faults) & set(REP_FAULTS.values())) for rep in sample.result.reps
    }
    true = {
        number: sorted(REP_FAULTS[kind] for kind in rep["faults"] if kind in REP_FAULTS)
        for number, rep in enumerate(sample.truth["reps"], start=1)
    }
    assert found == true


@pytest.mark.model
def test_touch_downs_and_lost_balance_are_found_where_they_are(sample: Sample) -> None:
    true = [fault for fault in sample.truth["faults"] if fault["kind"] in EVENTS]
    found = [
        fault
        for fault in sample.result.faults
        if fault.kind in EVENTS.values() and not fault.unsure
    ]
    assert Counter(EVENTS[fault["kind"]] for fault in true) == Counter(f.kind for f in found)
    for fault in true:
        start_s, end_s = sample.seconds(fault["start"]), sample.seconds(fault["end"])
        assert any(
            f.kind == EVENTS[fault["kind"]]
            and f.start_s <= end_s + EVENT_S
            and f.end_s >= start_s - EVENT_S
            for f in found
        ), fault


@pytest.mark.model
def test_where_nothing_is_a_rep_there_is_no_set_and_no_fault(sample: Sample) -> None:
    if not sample.truth["reps"]:
        assert sample.result.sets == ()
        assert sample.result.faults == ()
