"""Who else is in the picture, and is the body all there: what a look at the whole picture says.

The pose model follows one person and tells neither that somebody larger has come in nor that
the head it reports is invented. A look every few seconds does. This room only judges what was
seen (:class:`Seen`); :mod:`heelrise.pose` does the looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heelrise.landmarks import (
    LEFT_ANKLE,
    LEFT_HEEL,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_TOE,
    NOSE,
    RIGHT_ANKLE,
    RIGHT_HEEL,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_TOE,
    Pose,
)
from heelrise.place import HIPS, SHOULDERS, Place, Points, apart, middle, trunk_px
from heelrise.settings import Framing

FACE = slice(0, 11)
WRISTS = (15, 16)
# One point a part of the body, so that the share of them in the picture is the share of the body.
_BODY = [
    *(NOSE, LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE),
    *(LEFT_ANKLE, RIGHT_ANKLE, LEFT_HEEL, RIGHT_HEEL, LEFT_TOE, RIGHT_TOE),
]


@dataclass(frozen=True, eq=False)
class Seen:
    """One body in a look at the whole picture.

    Attributes
    ----------
    xy_px : ndarray, shape (33, 2)
        Landmarks, pixels of the picture.
    reaches_top : bool
        Whether its silhouette runs on from the nose over the top edge of the picture.
    """

    xy_px: Points
    reaches_top: bool = False


def shin_px(xy_px: Points) -> float:
    """Return the longer shin of landmarks (33, 2), pixels: the other one may be foreshortened."""
    shins = xy_px[[LEFT_KNEE, RIGHT_KNEE]] - xy_px[[LEFT_ANKLE, RIGHT_ANKLE]]
    return float(np.linalg.norm(shins, axis=1).max())


def size_px(xy_px: Points, width_px: int, height_px: int) -> float:
    """Return how long a body, landmarks (33, 2), is of which the picture shows so much; pixels.

    Trunk, thigh and shin end to end, so that a squat does not shrink it much, times the share of
    the body inside the picture: somebody cut off by the border is no candidate to be measured.
    """
    thighs = xy_px[HIPS] - xy_px[[LEFT_KNEE, RIGHT_KNEE]]
    length_px = trunk_px(xy_px) + float(np.linalg.norm(thighs, axis=1).max()) + shin_px(xy_px)
    points = xy_px[_BODY]
    inside = (points >= 0).all(axis=1) & (points < (width_px, height_px)).all(axis=1)
    return length_px * float(inside.mean())


def same_person(one: Points, other: Points, apart_trunks: float) -> bool:
    """Whether two sets of landmarks (33, 2) are of one body: shoulders and hips coincide."""
    return apart(one, other) < apart_trunks


def implausible(pose: Pose, shin_px: float) -> str:
    """Say why a body that was found cannot be believed; empty when nothing speaks against it.

    Parameters
    ----------
    pose : Pose
        With somebody in it.
    shin_px : float
        The person's usual shin length.

    Notes
    -----
    In a picture cut off at the waist or the chest the model squeezes a whole body into what it
    sees, with the head in the trunk and every visibility above 0.9, or finds one that lies in a
    shoe. What gives the first away is the silhouette: it runs over the top edge, or the model
    finds nobody when it looks again. :class:`Scene` notices and
    :class:`~heelrise.pose.PoseReader` marks it: the face, or the whole body, is not visible.
    The other one has no proportions of somebody who stands or squats. Measured in 33 clips of
    whole people, squats and leans included, in trunk lengths: hips below the shoulders 0.66-1.0,
    the lower ankle below the hips 0.99-1.86, nose above the shoulders 0.14-0.59.
    """
    if shin_px <= 0:
        return "too small in the picture"
    if not pose.visibility.any() or not _stands(pose.xy_px):
        return "not a whole body"
    if not pose.visibility[FACE].any():
        return "head out of the picture"
    return ""


class Scene:
    """Remembers what the looks said: how many people, who is to be followed, is the head there.

    One odd look neither changes the person followed nor takes their head away: it must be seen
    again. Only of somebody just found the first look is believed, because nothing is lost yet.

    Attributes
    ----------
    people : int
        How many people the picture holds, the one followed included.
    head_cut : bool
        Whether the body followed runs out of the picture at the top.
    doubtful : bool
        Whether the looks do not find the body followed, its head near the top edge.
    """

    def __init__(self, framing: Framing) -> None:
        """Start with nothing seen."""
        self._f = framing
        self.people = 1
        self.head_cut = False
        self.doubtful = False
        self._last: tuple[float, int] | None = None  # time and frame of the last look
        self._again = False  # the last look said something new
        self._found = False  # somebody was followed at the last look
        self._found_s = -np.inf  # when somebody was last followed
        self._new = True  # whoever is followed has not been looked at
        self._rival: Points | None = None  # somebody clearly larger ...
        self._rival_since_s = 0.0  # ... who stays where they are since then
        self._confirmed = False  # a look has seen this person
        self._missed = 0  # looks in a row that have not
        self._cut_before: bool | None = None  # what the last look said of the head
        self._place = Place(framing)

    def due(self, pose: Pose) -> bool:
        """Take whom the next frame shows followed; return whether it is time for a look."""
        if pose.found:
            if pose.t_s - self._found_s > self._f.lost_s:
                self._forget_person()
            self._found_s = pose.t_s
            self._place.follow(pose.t_s, pose.xy_px)
        if self._last is None:
            return True
        since_s, frames = pose.t_s - self._last[0], pose.index - self._last[1]
        if pose.found and self._place.odd:
            return since_s >= self._f.look_odd_s
        if self._again or pose.found != self._found:
            return since_s >= self._f.look_again_s
        return since_s >= self._f.look_every_s and frames >= self._f.look_every_frames

    def update(self, pose: Pose, looked: Sequence[Seen]) -> Points | None:
        """Take what a look at this frame found; return the landmarks of who is to be followed.

        Returns
        -------
        ndarray, shape (33, 2), or None
            None as long as the one followed is the right one.
        """
        mine, others = self._sort(pose, looked)
        people = int(pose.found) + len(others)
        self._again = people != self.people
        self.people = people
        self._last = (pose.t_s, pose.index)
        self._found = pose.found
        if pose.found:
            self._confirm(pose, mine)
            self._judge_head(mine)
        stayed = self._place.look(
            pose.t_s,
            pose.xy_px if pose.found else None,
            None if mine is None else mine.xy_px,
            [seen.xy_px for seen in others],
        )
        if stayed is not None:
            return stayed
        wanted = self._choose(pose, others)
        self._new = self._new and not pose.found
        if wanted is not None and pose.found:
            self._forget_person()
        return wanted

    def astray(self, t_s: float) -> bool:
        """Whether the body followed may be somebody else's who walks by."""
        return self._place.astray(t_s)

    def box(self, t_s: float) -> Points | None:
        """Return points (N, 2) about which alone the person is to be looked for, or None."""
        return self._place.box(t_s)

    def _forget_person(self) -> None:
        self._place.forget()
        self.head_cut = False
        self.doubtful = False
        self._new = True
        self._rival = None
        self._confirmed = False
        self._missed = 0
        self._cut_before = None

    def _sort(self, pose: Pose, looked: Sequence[Seen]) -> tuple[Seen | None, list[Seen]]:
        """Return the person followed and the other people, the largest first."""
        size = (pose.width_px, pose.height_px)
        mine: Seen | None = None
        others: list[Seen] = []
        upright = [seen for seen in looked if _upright(seen.xy_px)]
        for seen in sorted(upright, key=lambda s: -size_px(s.xy_px, *size)):
            apart = self._f.same_person_trunks
            if pose.found and same_person(seen.xy_px, pose.xy_px, apart):
                mine = mine or seen
            elif not any(same_person(seen.xy_px, other.xy_px, apart) for other in others):
                others.append(seen)
        if not others:
            return mine, others
        own_px = size_px(pose.xy_px, *size) if pose.found else 0.0
        least_px = self._f.smallest_person * max(own_px, size_px(others[0].xy_px, *size))
        return mine, [seen for seen in others if size_px(seen.xy_px, *size) >= least_px]

    def _confirm(self, pose: Pose, mine: Seen | None) -> None:
        """Doubt a body that only the following believes in, where its head may be missing."""
        self._confirmed = self._confirmed or mine is not None
        near_top = pose.xy_px[NOSE, 1] < self._f.near_top_shin * shin_px(pose.xy_px)
        missed = mine is None and bool(near_top)
        self._missed = self._missed + 1 if missed else 0
        self._again = self._again or missed
        self.doubtful = self._missed >= (3 if self._confirmed else 2)

    def _judge_head(self, mine: Seen | None) -> None:
        cut = None if mine is None else self._cut(mine)
        if cut is None:
            self._again = self._again or self._cut_before is None
            return
        if self._cut_before is None or cut == self._cut_before:
            self.head_cut = cut
        self._again = self._again or self.head_cut != cut
        self._cut_before = cut

    def _cut(self, mine: Seen) -> bool | None:
        """Whether the body runs over the top edge in this look; None when it cannot be told."""
        if not mine.reaches_top:
            return False
        shin = shin_px(mine.xy_px)
        nose_px = mine.xy_px[NOSE, 1]
        hands_up = bool((mine.xy_px[list(WRISTS), 1] < self._f.hand_shin * shin).any())
        crown_only = 0 <= nose_px < self._f.crown_shin * shin
        return None if hands_up or crown_only else True

    def _choose(self, pose: Pose, others: Sequence[Seen]) -> Points | None:
        """Return who is to be followed instead, or None."""
        if not others:
            self._rival = None
            return None
        size = (pose.width_px, pose.height_px)
        largest = others[0].xy_px
        if not pose.found:
            return largest
        if size_px(largest, *size) <= self._f.larger * size_px(pose.xy_px, *size):
            self._rival = None
            return None
        if self._new:
            return largest
        stays = self._rival is not None and same_person(
            largest, self._rival, self._f.same_person_trunks
        )
        if not stays:
            self._rival_since_s = pose.t_s
        self._rival = largest
        self._again = True
        return largest if pose.t_s - self._rival_since_s >= self._f.takeover_s else None


def _upright(xy_px: Points) -> bool:
    """Whether the shoulders are above the hips: phantoms in the furniture lie or hang."""
    return bool(middle(xy_px, HIPS)[1] - middle(xy_px, SHOULDERS)[1] > trunk_px(xy_px) / 3)


def _stands(xy_px: Points) -> bool:
    """Whether head, shoulders, hips and ankles are one above the other as in a standing body."""
    trunk = trunk_px(xy_px)
    shoulders_y, hips_y = middle(xy_px, SHOULDERS)[1], middle(xy_px, HIPS)[1]
    legs = xy_px[[LEFT_ANKLE, RIGHT_ANKLE], 1].max() - hips_y
    return bool(
        hips_y - shoulders_y > 0.5 * trunk and legs > 0.7 * trunk and xy_px[NOSE, 1] < shoulders_y
    )
