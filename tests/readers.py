"""What all stand-ins for the pose reader have in common: they say what is in a frame."""

from __future__ import annotations

from typing import Self

from heelrise.image import Frame
from heelrise.landmarks import Pose
from heelrise.pose import Picture


class StandIn:
    """A reader whose :meth:`read` is all there is to it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        pass

    @property
    def last_px(self) -> None:
        return None

    def prepare(self, picture: Picture, body_px: object) -> Picture:
        return picture

    def look(self, picture: Picture) -> Pose:
        return self.read(picture.frame)

    def read(self, frame: Frame) -> Pose:
        raise NotImplementedError
