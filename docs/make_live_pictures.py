"""Makes the pictures of docs/live.md from the sample videos (`make live-pictures`).

The pictures go through the same pose reader, core, workout and overlay as those of a camera; only
window and sound are left out, and the guidance at the start shows a body too far away on purpose.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from heelrise.coach import Coach
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.live_overlay import LiveView, draw_live
from heelrise.models import ensure_model
from heelrise.moment import Phase
from heelrise.pose import PoseReader
from heelrise.session import Session
from heelrise.settings import Live
from heelrise.terminal import native_logs
from heelrise.words import ENGLISH
from heelrise.workout import Stage, Workout

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "live"
AIM = 5


@dataclass(frozen=True)
class Shot:
    """One picture: which clip, what it shows, and from when on it may be taken (seconds)."""

    name: str
    clip: str
    what: str
    from_s: float


SHOTS = (
    Shot("guidance", "floor_profile_clean", "setup", 0.2),
    Shot("ready", "floor_profile_clean", "ready", 1.0),
    Shot("rising", "floor_profile_clean", "rising", 8.0),
    Shot("hold", "floor_profile_clean", "hold", 14.0),
    Shot("fault", "balance_and_touch_down", "fault", 8.0),
    Shot("change", "floor_profile_clean", "change", 10.0),
)


def main() -> int:
    """Write docs/live/NAME.png for every shot."""
    FOLDER.mkdir(exist_ok=True)
    with native_logs():
        for clip in dict.fromkeys(shot.clip for shot in SHOTS):
            _film(clip, [shot for shot in SHOTS if shot.clip == clip])
    return 0


def _film(clip: str, shots: list[Shot]) -> None:
    left = list(shots)
    session, workout = Session(), Workout(AIM)
    coach = Coach(quiet_s=Live().quiet_s, praises=True)
    path = ROOT / "sample_videos" / f"{clip}.mp4"
    with VideoFile(path) as video, PoseReader(ensure_model("full")) as reader:
        for frame in video:
            moment = session.update(reader.read(frame))
            now, cue = workout.update(moment), coach.cue(moment)
            seen = {
                "setup": now.stage is Stage.SETUP,
                "ready": now.stage is Stage.READY,
                "rising": moment.phase is Phase.RISING and moment.hold_s == 0,
                "hold": moment.phase is Phase.TOP and 0.4 < now.hold_share < 0.8,
                "fault": cue == ENGLISH.cues["foot_touchdown"],
                "change": now.change_legs,
            }
            for shot in [s for s in left if s.from_s <= frame.t_s and seen[s.what]]:
                image = frame.image.copy()
                draw_live(image, moment, cue, LiveView(now, AIM, video.info.fps), mirrored=True)
                target = FOLDER / f"{shot.name}.png"
                if not cv2.imwrite(str(target), image, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
                    raise HeelriseError(f"{target} cannot be written")
                print(target)
                left.remove(shot)
    if left:
        raise HeelriseError(f"{path}: not seen: {', '.join(shot.name for shot in left)}")


if __name__ == "__main__":
    sys.exit(main())
