"""Frame -> Pose with MediaPipe's pose landmarker: the one module that imports mediapipe."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from heelrise.camera_motion import CameraMotion, Small, small_grey
from heelrise.errors import HeelriseError
from heelrise.image import Frame, Image
from heelrise.landmarks import NOSE, STILL, CameraMove, Pose, TrunkPlace, nobody
from heelrise.place import Points, trunk_px
from heelrise.scene import FACE, Scene, Seen, same_person
from heelrise.settings import Framing
from heelrise.trunk_motion import TrunkMotion

# Longest side of the picture that is looked at as a whole: the model's own input is 224-256 px,
# and a 4K silhouette would cost more than the look.
_LOOK_SIDE_PX = 960
_LOOK_PEOPLE = 3
_ROW_PX = 16
# A pixel of the silhouette is the body's above this; at the top edge whole bodies give 0.00,
# bodies cut off 0.59-1.00 (measured).
_REACHES = 0.3
# Frames in which the model may find the person it is to change to; it takes 2 or 3.
_TURN_FRAMES = 8
_GREY = 127
# Room around a body whose surroundings are blanked, in its heights; beside it less where somebody
# else is about: a body is wider than its landmarks by 0.05.
_ROOM, _BESIDE = 0.15, 0.07
# How far, as a share of the picture's longer side, its corners must be from where a still camera
# would see them to be put back there, and from how far on the camera is going somewhere else.
_STEADY_FROM, _STEADY_TO = 0.0006, 0.05


@dataclass(frozen=True, eq=False)
class Body:
    """One body as the model gives it: pixels of the picture, shapes (33, 2), (33,), (H, W).

    The silhouette, 0..1, may be some columns wider than the picture.
    """

    xy_px: Points
    visibility: NDArray[np.float64]
    silhouette: NDArray[np.float32] | None = None


class Landmarker:
    """MediaPipe's pose landmarker with arrays in and out.

    Parameters
    ----------
    model : Path
        A verified ``.task`` bundle.
    follows : bool
        Follow one person from frame to frame (VIDEO mode), or look at every picture anew, at up
        to three people with their silhouettes (IMAGE mode).

    Raises
    ------
    HeelriseError
        When MediaPipe cannot be loaded or refuses the bundle.
    """

    def __init__(self, model: Path, follows: bool) -> None:
        """Load the model: 0.15 s, and 1.3 s for MediaPipe itself the first time."""
        try:
            import mediapipe  # 1.3 s: only where it is needed
            from mediapipe.tasks.python import BaseOptions, vision

            self._mediapipe: Any = mediapipe
            modes = vision.RunningMode
            options = vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(model)),
                running_mode=modes.VIDEO if follows else modes.IMAGE,
                num_poses=1 if follows else _LOOK_PEOPLE,
                output_segmentation_masks=not follows,
            )
            self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise HeelriseError(_why_not(error)) from error

    def close(self) -> None:
        """Free the model."""
        self._landmarker.close()

    def follow(self, rgb: Image, time_ms: int) -> list[Body]:
        """Return the person followed, or nobody; times must rise from call to call."""
        return self._bodies(rgb, self._landmarker.detect_for_video(self._wrap(rgb), time_ms))

    def look(self, rgb: Image) -> list[Body]:
        """Return everybody in one picture, at most three, with silhouettes."""
        # MediaPipe aborts the process over silhouettes whose rows are no multiple of 16 bytes.
        rest_px = -rgb.shape[1] % _ROW_PX
        padded = cv2.copyMakeBorder(rgb, 0, 0, 0, rest_px, cv2.BORDER_REPLICATE)
        return self._bodies(padded, self._landmarker.detect(self._wrap(padded)))

    def _wrap(self, rgb: Any) -> Any:
        return self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb)
        )

    def _bodies(self, rgb: Any, result: Any) -> list[Body]:
        height_px, width_px = rgb.shape[:2]
        masks = result.segmentation_masks or [None] * len(result.pose_landmarks)
        return [
            Body(
                np.array([(p.x * width_px, p.y * height_px) for p in points], dtype=np.float64),
                np.array([p.visibility for p in points], dtype=np.float64),
                # A copy: the memory belongs to the result.
                None if mask is None else mask.numpy_view().reshape(height_px, width_px).copy(),
            )
            for points, mask in zip(result.pose_landmarks, masks, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame in every form that is asked for: knows of no other, so it can be made ahead.

    Attributes
    ----------
    frame : Frame
        Where it comes from.
    rgb : ndarray, shape (H, W, 3), uint8
        RGB, as MediaPipe takes it.
    small : Small
        For the camera's motion.
    brightness : float
        Mean grey level, 0..255.
    """

    frame: Frame
    rgb: Image
    small: Small
    brightness: float


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture as the model wants it.

    Attributes
    ----------
    picture : Picture
        As it came.
    steady : ndarray, shape (H, W, 3), uint8
        RGB without the unrest of a hand-held camera.
    place : CameraMove
        Where the steady picture was put, against the first picture of the recording.
    camera : CameraMove
        Where the camera itself is, against the same.
    trunk : TrunkPlace or None
        Where the trunk is by its texture.
    """

    picture: Picture
    steady: Image
    place: CameraMove
    camera: CameraMove
    trunk: TrunkPlace | None


class PoseReader:
    """Follows one person from frame to frame, the larger one when there are several.

    VIDEO mode: deterministic, 1.5 times faster than single pictures, a third to a sixth of
    their jitter (measured), and a filter that goes by the frames' timestamps. It keeps whom it
    found first; so every two seconds or so a second model looks at the whole picture, and when
    :class:`~heelrise.scene.Scene` wants somebody else followed, the rest of the picture is
    blanked until the first model has found them, for two or three frames.

    Parameters
    ----------
    model : Path
        A verified ``.task`` bundle (see :mod:`heelrise.models`).
    framing : Framing, optional
        When to look, and who counts as larger.

    Raises
    ------
    HeelriseError
        When MediaPipe cannot be loaded or refuses the bundle.
    """

    def __init__(self, model: Path, framing: Framing | None = None) -> None:
        """Load the model that follows and the one that looks."""
        framing = framing or Framing()
        self._framing = framing
        self._follower, self._looker = _load(model)
        self._scene = Scene(framing)
        self._motion, self._trunk = CameraMotion(), TrunkMotion()
        self._anchor = STILL
        self._last_px: Points | None = None  # landmarks: of the last picture with somebody in it
        self._before_px: Points | None = None  # and what these were one picture earlier
        self._last_ms = -1
        self._wanted: Points | None = None  # the person to change to, until found
        self._turn_frames = 0
        self._inference_s = 0.0

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the models."""
        self.close()

    @property
    def inference_s(self) -> float:
        """How long the model took for the last picture, looks at the whole of it included."""
        return self._inference_s

    def close(self) -> None:
        """Free the models."""
        self._follower.close()
        self._looker.close()

    def change_model(self, model: Path) -> None:
        """Go on with another verified model; not while a look is under way.

        Only the models are changed. With a reader begun anew the camera would be back at its
        first place, and whoever nudged it before would be measured from a wrong floor.

        Raises
        ------
        HeelriseError
            When it cannot be loaded; the model of before goes on.
        """
        follower, looker = _load(model)
        self.close()
        self._follower, self._looker = follower, looker

    def read(self, frame: Frame) -> Pose:
        """Return the person's landmarks in pixels, or the pose of nobody.

        Parameters
        ----------
        frame : Frame
            Frames must come in the order of their times.
        """
        return self.look(self.prepare(picture_of(frame), self.before_px))

    @property
    def last_px(self) -> Points | None:
        """Where the person was seen last, pixels, shape (33, 2)."""
        return self._last_px

    @property
    def before_px(self) -> Points | None:
        """What :attr:`last_px` was before the last look, pixels, shape (33, 2)."""
        return self._before_px

    def prepare(self, picture: Picture, body_px: Points | None) -> Prepared:
        """Return a picture as the model wants it; may run beside the look at the one before.

        Parameters
        ----------
        picture : Picture
            They must come in the order of their times.
        body_px : ndarray, shape (33, 2), or None
            Where the person was **two** pictures before, which tells body and background: so the
            result is the same whether the look at the picture before is over or under way.
        """
        camera = self._motion.update(picture.small, body_px)
        trunk = self._trunk.update(picture.rgb, body_px, picture.frame.index)
        return Prepared(picture, *self._steadied(picture.rgb, camera), camera, trunk)

    def look(self, prepared: Prepared) -> Pose:
        """Return the pose in a prepared picture: all inference is here.

        Visibility is 0 for a face that the picture cuts off, and for all of a body that is
        hardly there (see :func:`heelrise.scene.implausible`).
        """
        rgb, light = prepared.picture.rgb, prepared.picture.brightness
        pose = replace(
            self._follow(prepared),
            brightness=light,
            camera=prepared.camera,
            trunk=prepared.trunk,
        )
        self._before_px = self._last_px
        self._last_px = pose.xy_px if pose.found else self._last_px
        if self._wanted is None and self._scene.due(pose):
            started_s = perf_counter()
            self._wanted = self._scene.update(pose, self._look_around(rgb))
            self._inference_s += perf_counter() - started_s
            self._turn_frames = 0
        if not pose.found:
            return pose
        if self._scene.astray(pose.t_s):
            unseen = nobody(pose.t_s, pose.index, pose.width_px, pose.height_px)
            return replace(unseen, brightness=light, camera=prepared.camera, trunk=prepared.trunk)
        visibility = pose.visibility
        if self._scene.doubtful:
            visibility = np.zeros_like(visibility)
        elif self._scene.head_cut:
            visibility = visibility.copy()
            visibility[FACE] = 0.0
        return replace(pose, visibility=visibility, people=max(self._scene.people, 1))

    def _follow(self, prepared: Prepared) -> Pose:
        """Return the person followed; nobody while the model turns to somebody else."""
        frame, seen, place = prepared.picture.frame, prepared.steady, prepared.place
        height_px, width_px = seen.shape[:2]
        # MediaPipe takes whole, strictly increasing milliseconds.
        time_ms = max(self._last_ms + 1, round(frame.t_s * 1000))
        self._last_ms = time_ms
        if self._wanted is not None:
            seen = only(seen, self._wanted)
        elif (box := self._scene.box(frame.t_s)) is not None:
            seen = only(seen, box, _BESIDE)
        started_s = perf_counter()
        bodies = self._follower.follow(seen, time_ms)
        self._inference_s = perf_counter() - started_s
        if self._wanted is not None:
            apart = self._framing.same_person_trunks
            self._turn_frames += 1
            if bodies and same_person(bodies[0].xy_px, self._wanted, apart):
                self._wanted = None
            else:
                bodies = []
                if self._turn_frames >= _TURN_FRAMES:
                    self._wanted = None
        if not bodies:
            return nobody(frame.t_s, frame.index, width_px, height_px)
        body = bodies[0]
        xy_px = body.xy_px
        if place != prepared.camera:
            size = (width_px, height_px)
            xy_px = prepared.camera.apply(place.undo(xy_px, *size), *size)
        # In single precision, as the model gives them: so they can be recorded without a loss.
        xy_px = xy_px.astype(np.float32).astype(np.float64)
        return Pose(frame.t_s, frame.index, xy_px, body.visibility, width_px, height_px)

    def _steadied(self, rgb: Image, camera: CameraMove) -> tuple[Image, CameraMove]:
        """Return the picture without the unrest of a hand-held camera, and where it was put.

        Before the model, not after it: its filter takes a shake of the picture for one of the body
        and follows it late, by as much as the body moves fast. A camera that pans is let go.
        """
        height_px, width_px = rgb.shape[:2]
        corners = np.array([[0, 0], [width_px, 0], [0, height_px]], dtype=np.float64)
        size = (width_px, height_px)
        steady = self._anchor.apply(camera.undo(corners, *size), *size)
        off = float(np.abs(steady - corners).max()) / max(size)
        if not _STEADY_FROM < off < _STEADY_TO:
            self._anchor = camera if off >= _STEADY_TO else self._anchor
            return rgb, camera
        warp = cv2.getAffineTransform(corners.astype(np.float32), steady.astype(np.float32))
        steadied = cv2.warpAffine(rgb, warp, size, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(steadied, dtype=np.uint8), self._anchor

    def _look_around(self, rgb: Image) -> list[Seen]:
        """Look at the whole picture, made smaller when it is large."""
        share = min(1.0, _LOOK_SIDE_PX / max(rgb.shape[:2]))
        if share < 1.0:
            rgb = np.asarray(
                cv2.resize(rgb, None, fx=share, fy=share, interpolation=cv2.INTER_AREA),
                dtype=np.uint8,
            )
        return [Seen(body.xy_px / share, reaches_top(body)) for body in self._looker.look(rgb)]


def _load(model: Path) -> tuple[Landmarker, Landmarker]:
    """Return the model that follows and the one that looks."""
    with ThreadPoolExecutor(1) as aside:  # both at once: native code, 0.15 s each
        looker = aside.submit(Landmarker, model, follows=False)
        follower = Landmarker(model, follows=True)
        return follower, looker.result()


def picture_of(frame: Frame) -> Picture:
    """Return a frame in every form that :class:`PoseReader` asks for."""
    rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    return Picture(frame, rgb, small_grey(frame.image), brightness(frame.image))


def brightness(image: Image) -> float:
    """Return the mean grey level, 0..255, of a picture (H, W, 3), from some 4000 of its pixels."""
    step = max(1, min(image.shape[:2]) // 64)
    return float(image[::step, ::step].mean())


def only(rgb: Image, xy_px: Points, beside: float = _ROOM) -> Image:
    """Return the picture (H, W, 3) with all but the box around points (N, 2) in grey.

    There is room of `beside` at the sides, in heights of the body.
    """
    height_px, width_px = rgb.shape[:2]
    low, high = xy_px.min(axis=0), xy_px.max(axis=0)
    margin = np.array([beside, _ROOM]) * float((high - low).max())
    left, top = np.clip(low - margin, 0, (width_px, height_px)).astype(int)
    right, bottom = np.clip(high + margin, 0, (width_px, height_px)).astype(int)
    blank = np.full_like(rgb, _GREY)
    blank[top:bottom, left:right] = rgb[top:bottom, left:right]
    return blank


def reaches_top(body: Body) -> bool:
    """Whether a body's silhouette goes on from the nose over the top edge of the picture.

    Above the nose of whole bodies it ends after 0.2-0.5 trunk lengths (measured).
    """
    if body.silhouette is None:
        return False
    height_px, width_px = body.silhouette.shape
    x_px, y_px = body.xy_px[NOSE]
    half_px = 0.3 * trunk_px(body.xy_px)
    left, right = np.clip((x_px - half_px, x_px + half_px + 1), 0, width_px).astype(int)
    above = body.silhouette[: int(np.clip(y_px, 1, height_px)), left:right]
    return bool(above.size and (above > _REACHES).any(axis=1).all())


def _why_not(error: Exception) -> str:
    """Say in one line why MediaPipe did not start and what to do."""
    text = " ".join(str(error).split())
    if "libGL" in text or "libEGL" in text or "libGLES" in text:
        return (
            f"a system library is missing ({text[:100]}): install it, on Debian or Ubuntu with "
            "'apt-get install libgl1 libegl1 libgles2 libglib2.0-0'"
        )
    return f"the pose model cannot be started: {text[:200]}"
