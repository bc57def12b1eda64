"""`heelrise review`: the command line of the human's last word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from heelrise.errors import HeelriseError
from heelrise.options import PATH, model_option, verbose_option
from heelrise.review_keys import KEYS
from heelrise.terminal import native_logs, printable

if TYPE_CHECKING:
    from heelrise.review_window import Reel

_KEYS_HELP = "\b\nKeys:\n" + "\n".join(f"  {key:7}{does}" for key, does in KEYS)


@click.command(epilog=_KEYS_HELP)
@click.argument("result", metavar="VIDEO|RESULT.json", type=PATH)
@click.option("--video", "video_path", metavar="F", type=PATH, help="The video, if it has moved.")
@model_option
@verbose_option
def review(*, result: Path, video_path: Path | None, model: str, verbose: bool) -> int:
    """Step through the reps of a result and put right what is wrong: the human has the last word.

    The human's version goes to RESULT.human.json, beside the machine's, which stays as it is. A
    video is analysed first, unless its result lies beside it (set.mp4, set.json).
    """
    from heelrise.outputs import Job, Outputs, check, write_text
    from heelrise.recording import is_recording
    from heelrise.result_file import read_result
    from heelrise.review import NO_TEST, Review, human_path, is_of
    from heelrise.review_window import Reviewing
    from heelrise.window import demand_screen

    demand_screen()
    if is_recording(result):
        raise HeelriseError(
            f"{result} holds landmarks and no picture to look at: review the video, or the JSON "
            "of these landmarks with --video F"
        )
    if result.suffix.lower() == ".json":
        machine_path = _machine_path_of(result)
    else:
        machine_path, video_path = result.with_suffix(".json"), result
        if not machine_path.exists():
            status = _analyze_beside(result, machine_path, model, verbose=verbose)
            if status:
                return status  # why has been said
    machine = read_result(machine_path)
    own = human_path(machine_path)
    # before the work: what cannot be saved at its end would be lost
    check([Job(machine_path, Outputs(json=own))], force=True)
    human = read_result(own) if own.exists() else None
    if human is not None and not is_of(human, machine):
        raise HeelriseError(
            f"{own} corrects another result than {machine_path} is now: move it away to begin anew"
        )
    named = machine["video"]["path"]
    if video_path is None and not named:  # as from the history, which keeps no name
        raise HeelriseError(f"{machine_path} names no video: name it with --video F")
    video = video_path or Path(named)

    def save(corrected: dict[str, Any]) -> None:
        write_text(own, json.dumps(corrected, indent=2, ensure_ascii=False) + "\n")

    with native_logs(shown=verbose):
        reviewing = Review(machine, human)
        if not Reviewing(reviewing, _reel(video, named=video_path is not None), save).run():
            print("nothing was saved")
            return 0
    corrected = reviewing.result()
    for name, found in (("machine", machine["counts"]), ("human", corrected["counts"])):
        print(
            f"{name:8} " + ", ".join(f"{side} {found[side]}" for side in ("left", "right", "both"))
        )
    if NO_TEST in corrected["warnings"]:
        print(NO_TEST)
    print(f"human's version: {printable(str(own))}")
    return 0


def _reel(video: Path, *, named: bool) -> Reel:
    """Read the video; where the result names it, say how to name another."""
    from heelrise.review_window import Reel

    try:
        return Reel(video)
    except HeelriseError as error:
        if named:
            raise
        raise HeelriseError(f"{error}; or name the video with --video F") from error


def _machine_path_of(result: Path) -> Path:
    """Return the machine's result, also where the human's version of it was named."""
    from heelrise.result_file import read_result
    from heelrise.review import machine_path

    if "review" not in read_result(result):
        return result
    machine = machine_path(result)
    if machine is None or not machine.exists():
        raise HeelriseError(
            f"{result} is a human's version, and the machine's result is not beside it: name that"
        )
    return machine


def _analyze_beside(video: Path, json_path: Path, model: str, *, verbose: bool) -> int:
    """Analyse a video into a result beside it; return the exit status."""
    from heelrise.jobs import run
    from heelrise.outputs import Outputs, check, plan
    from heelrise.settings import SessionOptions

    jobs = plan([video], Outputs(json=json_path), folders=False)
    check(jobs, force=False)
    return run(jobs, SessionOptions(), model, verbose=verbose, one_line=False)
