"""Video file -> poses, with decoding and inference working ahead, on one core or on several.

With several jobs the video is read in parts, each by a reader of its own that starts a little
earlier: the pose model's filter, the person followed and the background need some seconds to be
what they would be. Where two parts meet, the later reader must follow the same person, or the
earlier one's work is done once more from its own start and goes on, until a seam holds again.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from heelrise.ahead import Ahead
from heelrise.frames import VideoFile
from heelrise.landmarks import STILL, Pose
from heelrise.pose import Picture, PoseReader, Prepared, picture_of
from heelrise.scene import same_person
from heelrise.settings import Framing

WARM_UP_S = 4.0
"""How much earlier a part is begun: two looks at the whole picture, and then some."""

LONGEST_S = 60.0
"""Longest part: so much is kept of one reader while the one before is not done."""

SHORTEST_S = 8.0
"""Below it the warm-up costs more than the other core gives."""

_MOST_AHEAD = 4  # pictures that wait for the next stage ...
_BYTES_AHEAD = 64_000_000  # ... but of an 8K camera's, 100 MB each, only one
_POSES_AHEAD = 8192  # two minutes at 60 a second, 2 KB each
_SEAM_FRAMES = 5  # that both readers have seen


@dataclass(frozen=True)
class VideoPart:
    """A part of the video: read from ``from_s``, believed from ``start_s`` to before ``end_s``."""

    number: int
    from_s: float
    start_s: float
    end_s: float


def video_parts(duration_s: float | None, jobs: int) -> tuple[VideoPart, ...]:
    """Cut a video into parts that take equally long, warm-up included.

    Parameters
    ----------
    duration_s : float or None
        What the file says; only the share of work depends on it, nothing of the result does.
    jobs : int
        How many readers there are.
    """
    if duration_s is None or jobs < 2 or duration_s < jobs * SHORTEST_S:
        return (VideoPart(0, -math.inf, -math.inf, math.inf),)
    count = jobs * math.ceil(duration_s / (jobs * LONGEST_S))
    each_s = (duration_s + (count - 1) * WARM_UP_S) / count
    starts = [-math.inf, *(k * (each_s - WARM_UP_S) + WARM_UP_S for k in range(1, count))]
    ends = [*starts[1:], math.inf]
    return tuple(
        VideoPart(number, start_s - WARM_UP_S, start_s, end_s)
        for number, (start_s, end_s) in enumerate(zip(starts, ends, strict=True))
    )


def pictures_ahead(width: int, height: int) -> int:
    """Return how many pictures of a size may wait for the next stage."""
    return max(1, min(_MOST_AHEAD, _BYTES_AHEAD // (3 * width * height)))


def looked_at(reader: PoseReader, pictures: Iterator[Picture]) -> Iterator[Pose]:
    """Yield the poses in pictures, in order.

    While the model looks at a picture the next one is prepared. And a pose is given away just
    before the next look: whoever waits for it then runs while the model looks, too.
    """
    with ThreadPoolExecutor(1, "prepare") as aside:
        pose: Pose | None = None
        following = _prepared(reader, pictures, aside)
        while following is not None:
            prepared = following.result()
            following = _prepared(reader, pictures, aside)
            if pose is not None:
                yield pose
            pose = reader.look(prepared)
        if pose is not None:
            yield pose


def _prepared(
    reader: PoseReader, pictures: Iterator[Picture], aside: ThreadPoolExecutor
) -> Future[Prepared] | None:
    """Have the next picture prepared, with what is known now; None when there is none."""
    picture = next(pictures, None)
    return None if picture is None else aside.submit(reader.prepare, picture, reader.last_px)


class PoseStream:
    """The poses of a video file, in order; closed by leaving the ``with`` block.

    Parameters
    ----------
    path : Path
        The video.
    model : Path
        A verified model.
    jobs : int
        How many readers work on it at once.

    Raises
    ------
    HeelriseError
        When the video cannot be read or the model not be started.

    Attributes
    ----------
    info : VideoInfo
    """

    def __init__(self, path: Path, model: Path, jobs: int = 1) -> None:
        """Open the video."""
        self._path, self._model = path, model
        self._undo = ExitStack()
        self._video = self._undo.enter_context(VideoFile(path))
        self._truncated = False
        self.info = self._video.info
        parts = video_parts(self.info.duration_s, jobs)
        self._poses = self._one() if len(parts) == 1 else self._several(parts, jobs)

    def __enter__(self) -> Self:
        """Return the stream."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close videos and models."""
        self._undo.close()

    def __iter__(self) -> Iterator[Pose]:
        """Return the iterator: good for one pass."""
        return self._poses

    @property
    def truncated(self) -> bool:
        """Whether, so far, a part of the file could not be decoded."""
        return self._truncated or self._video.truncated

    def _one(self) -> Iterator[Pose]:
        reader = self._undo.enter_context(PoseReader(self._model))
        most = pictures_ahead(self.info.width, self.info.height)
        pictures = self._undo.enter_context(Ahead(map(picture_of, self._video), most))
        yield from self._undo.enter_context(Ahead(looked_at(reader, pictures), _POSES_AHEAD))

    def _several(self, parts: tuple[VideoPart, ...], jobs: int) -> Iterator[Pose]:
        sources = []
        for job in range(jobs):
            video = self._video if job == 0 else self._undo.enter_context(VideoFile(self._path))
            reads = self._read(video, parts[job::jobs])
            source = self._undo.enter_context(Ahead(reads, _POSES_AHEAD))
            sources.append(groupby(source, key=lambda read: read[0]))
        seam = _Seam()
        again, again_from_s = self._undo.enter_context(ExitStack()), math.nan
        rest: Iterator[tuple[int, Iterator[Pose]]] = iter(())
        held = [next(source, None) for source in sources]
        for part in parts:
            job = part.number % jobs
            group = held[job]
            if group is None or group[0] != part.number:
                continue  # the video ends earlier than it says, or pauses for so long
            poses = seam.join(part, (pose for _, pose in group[1]))
            if poses is None:
                if again_from_s != seam.from_s:
                    again.close()
                    again_from_s = seam.from_s
                    rest = self._again(parts, again_from_s, again)
                own = (group for number, group in rest if number == part.number)
                poses = map(seam.moved, next(own, iter(())))
            for pose in poses:
                seam.passed(pose)
                yield pose
            held[job] = next(sources[job], None)

    def _read(
        self, video: VideoFile, own: tuple[VideoPart, ...]
    ) -> Generator[tuple[int, Pose], None, None]:
        """Read one job's parts, each with a reader of its own."""
        parts = iter(own)
        part = next(parts)
        reader: PoseReader | None = None
        try:
            for frame in video:
                while frame.t_s >= part.end_s:
                    if reader is not None:
                        reader.close()
                        reader = None
                    following = next(parts, None)
                    if following is None:
                        return
                    part = following
                if frame.t_s >= part.from_s:
                    reader = reader or PoseReader(self._model)
                    yield part.number, reader.read(frame)
        finally:
            if reader is not None:
                reader.close()
            self._truncated |= video.truncated

    def _again(
        self, parts: tuple[VideoPart, ...], from_s: float, undo: ExitStack
    ) -> Iterator[tuple[int, Iterator[Pose]]]:
        """Read on as the reader that was begun at ``from_s`` would have, by the part's number.

        From the same start it follows the same person, and tells the camera against the same
        picture.
        """
        video = undo.enter_context(VideoFile(self._path))
        whole = VideoPart(0, from_s, from_s, math.inf)
        reads = undo.enter_context(closing(self._read(video, (whole,))))
        starts = [part.start_s for part in parts]
        poses = (pose for _, pose in reads)
        return groupby(poses, key=lambda pose: bisect_right(starts, pose.t_s) - 1)


class _Seam:
    """Joins what two readers saw: the same person, and the camera against the first picture.

    Attributes
    ----------
    from_s : float
        Where the reader that is believed now was begun, seconds.
    """

    def __init__(self) -> None:
        self.from_s = -math.inf
        self._tail: deque[Pose] = deque(maxlen=_SEAM_FRAMES)  # of what was passed on
        self._offset = STILL  # the camera's move at the first picture of the reader of now
        self._apart = Framing().same_person_trunks

    def passed(self, pose: Pose) -> None:
        """Take a pose that was passed on."""
        self._tail.append(pose)

    def moved(self, pose: Pose) -> Pose:
        """Return a pose with the camera's move against the recording's first picture."""
        if self._offset == STILL:
            return pose
        return replace(pose, camera=pose.camera.after(self._offset))

    def join(self, part: VideoPart, poses: Iterator[Pose]) -> Iterator[Pose] | None:
        """Return a part's poses from the seam on; None when they do not go on from there."""
        if part.number == 0:
            return poses
        lead: deque[Pose] = deque(maxlen=_SEAM_FRAMES)
        first: Pose | None = None
        for pose in poses:
            if pose.t_s >= part.start_s:
                first = pose
                break
            lead.append(pose)
        if first is None:
            return iter(())  # it has no picture of its own: the video ends here, or pauses
        common = [
            (mine, theirs)
            for mine, theirs in zip(self._tail, lead, strict=False)
            if mine.index == theirs.index
        ]
        if len(common) < _SEAM_FRAMES or not all(self._same(*pair) for pair in common):
            return None
        mine, theirs = common[-1]
        self._offset = theirs.camera.inverse().after(mine.camera)
        self.from_s = part.from_s
        return map(self.moved, chain((first,), poses))

    def _same(self, mine: Pose, theirs: Pose) -> bool:
        if mine.found != theirs.found:
            return False
        return not mine.found or same_person(mine.xy_px, theirs.xy_px, self._apart)
