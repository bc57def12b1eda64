"""Frame -> Pose, with a made-up model that finds coloured boxes; a few with the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from heelrise import pose as module
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.image import Frame, Image
from heelrise.landmarks import LEFT_HIP, LEFT_SHOULDER, NOSE, Pose
from heelrise.models import ensure_model
from heelrise.pose import Body, PoseReader, brightness, only, picture_of, reaches_top
from heelrise.poses import looked_at
from heelrise.scene import implausible, shin_px

WIDTH, HEIGHT, FPS = 640, 480, 15.0
GREY = 100
# A person is a box of one colour: left edge, top, width, height in pixels, RGB.
Box = tuple[int, int, int, int]
SMALL: tuple[Box, tuple[int, int, int]] = ((80, 240, 30, 150), (250, 10, 10))
LARGE: tuple[Box, tuple[int, int, int]] = ((400, 100, 60, 320), (10, 250, 10))
COLOURS = {"small": SMALL[1], "large": LARGE[1]}


def figure(left: float, top: float, width: float, height: float) -> np.ndarray:
    """Landmarks (33, 2) of a person who stands in a box."""
    down = np.ones(33)
    down[:11], down[11:13], down[13:15], down[15:25] = 0.07, 0.18, 0.33, 0.5
    down[25:27], down[27:] = 0.74, 0.97
    across = np.full(33, 0.5)
    across[11::2], across[12::2] = 0.7, 0.3
    return np.stack([left + width * across, top + height * down], axis=1)


def box_of(rgb: Image, colour: tuple[int, int, int]) -> Box | None:
    where = cv2.inRange(rgb, colour, colour)
    if cv2.countNonZero(where) < 1000:
        return None
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


class BoxModel:
    """Finds boxes; following, it keeps to the first one it found for as long as that is there."""

    made: list[BoxModel]
    drawn_px = 0.0  # from so near it goes along with whoever moves, as the real one does

    def __init__(self, model: Path, follows: bool) -> None:
        self.follows, self.keeps, self.closed = follows, "", False
        self.times_ms: list[int] = []
        self.looks = 0
        self.made.append(self)

    def close(self) -> None:
        self.closed = True

    def follow(self, rgb: Image, time_ms: int) -> list[Body]:
        assert self.follows
        self.times_ms.append(time_ms)
        found = self._boxes(rgb)
        if self.keeps not in found:
            had_somebody, self.keeps = bool(self.keeps), next(iter(found), "")
            if had_somebody:
                return []  # a model that has lost somebody searches from the next frame on
        if self.keeps == "small" and "large" in found:
            small, large = (found[name].xy_px[:, 0].mean() for name in ("small", "large"))
            self.keeps = "large" if abs(small - large) < self.drawn_px else "small"
        return [found[self.keeps]] if self.keeps else []

    def look(self, rgb: Image) -> list[Body]:
        assert not self.follows
        self.looks += 1
        return list(self._boxes(rgb).values())

    def _boxes(self, rgb: Image) -> dict[str, Body]:
        found = {name: box_of(rgb, colour) for name, colour in COLOURS.items()}
        return {name: self._body(rgb, box) for name, box in found.items() if box}

    def _body(self, rgb: Image, box: Box) -> Body:
        left, top, width, height = box
        silhouette = np.zeros(rgb.shape[:2], np.float32)
        silhouette[top : top + height, left : left + width] = 1.0
        if top == 0:  # a head it makes up in the trunk, as the real one does
            top, height = 80, height - 80
        return Body(figure(left, top, width, height), np.full(33, 0.9), silhouette)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> list[BoxModel]:
    BoxModel.made = []
    monkeypatch.setattr(module, "Landmarker", BoxModel)
    return BoxModel.made


def picture(*people: tuple[Box, tuple[int, int, int]]) -> Image:
    image = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    for (left, top, width, height), rgb in people:
        image[top : top + height, left : left + width] = rgb[::-1]
    return image


def read(shown: Callable[[float], Image], seconds: float) -> list[Pose]:
    with PoseReader(Path("unused.task")) as reader:
        return [reader.read(Frame(n / FPS, n, shown(n / FPS))) for n in range(int(seconds * FPS))]


def followed(poses: list[Pose]) -> str:
    """Who is followed, frame by frame: s(mall), l(arge), or - for nobody."""
    return "".join(
        "-" if not p.found else "l" if p.xy_px[NOSE, 0] > WIDTH / 2 else "s" for p in poses
    )


def changes(who: str) -> str:
    return "".join(a for a, b in zip(who, " " + who, strict=False) if a != b)


def test_landmarks_are_pixels_of_the_picture(models: list[BoxModel]) -> None:
    found = read(lambda _: picture(SMALL), 0.2)[0]
    assert found.found
    assert (found.width_px, found.height_px) == (WIDTH, HEIGHT)
    assert found.xy_px == pytest.approx(figure(*SMALL[0]))
    assert found.visibility == pytest.approx(0.9)
    assert (found.t_s, found.index, found.people) == (0.0, 0, 1)


def test_an_empty_picture_is_nobody(models: list[BoxModel]) -> None:
    poses = read(lambda _: picture(), 3.0)
    assert not any(pose.found for pose in poses)
    assert {pose.people for pose in poses} == {0}
    assert all(pose.brightness == GREY for pose in poses)


def test_times_given_to_the_model_rise_whatever_the_frames_say(models: list[BoxModel]) -> None:
    with PoseReader(Path("unused.task")) as reader:
        for index, time_s in enumerate((0.0, 0.0002, 0.0004, 0.5, 0.5004)):
            reader.read(Frame(time_s, index, picture(SMALL)))
    (follower,) = (model for model in models if model.follows)
    assert follower.times_ms == [0, 1, 2, 500, 501]
    assert all(model.closed for model in models)


def test_another_model_goes_on_with_camera_trunk_and_person(models: list[BoxModel]) -> None:
    wall = np.random.default_rng(1).integers(0, 255, (20, 27, 3)).astype(np.uint8)
    still = cv2.resize(wall, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    for (left, top, width, height), rgb in (SMALL, LARGE):
        still[top : top + height, left : left + width] = rgb[::-1]

    def read_all(change_at: int) -> list[Pose]:
        poses = []
        with PoseReader(Path("unused.task")) as reader:
            for n in range(40):
                if n == change_at:
                    reader.change_model(Path("lighter.task"))
                shown = np.roll(still, 12 if n >= 10 else 0, axis=0)  # nudged, and so it stays
                poses.append(reader.read(Frame(n / FPS, n, shown)))
        return poses

    kept, changed = read_all(99), read_all(30)
    assert kept[-1].camera.y_px == pytest.approx(12.0, abs=0.2)
    assert changes(followed(changed)) == "s-l"  # the larger, found by the first look
    for one, other in zip(kept, changed, strict=True):
        assert one.camera == other.camera
        assert one.trunk == other.trunk
        assert one.xy_px == pytest.approx(other.xy_px, nan_ok=True)
    assert len(models) == 6
    assert all(model.closed for model in models)


def test_a_larger_person_who_comes_in_and_stays_is_followed(models: list[BoxModel]) -> None:
    poses = read(lambda t: picture(SMALL, LARGE) if t >= 2.0 else picture(SMALL), 15.0)
    who = followed(poses)
    assert changes(who) == "s-l"
    assert who.count("-") <= 3
    assert 4.0 <= who.index("l") / FPS <= 9.0
    assert poses[-1].people == 2


def test_a_larger_person_passing_by_is_not_followed(models: list[BoxModel]) -> None:
    def shown(t_s: float) -> Image:
        left = int(200 + 120 * (t_s - 2.0))
        walker = ((left, 100, 60, 320), LARGE[1])
        return picture(SMALL, walker) if 2.0 <= t_s < 5.0 else picture(SMALL)

    poses = read(shown, 12.0)
    assert changes(followed(poses)) == "s"
    assert {pose.people for pose in poses} == {1, 2}
    assert poses[-1].people == 1


@pytest.mark.parametrize("stays", [True, False], ids=["stays", "walks off later"])
def test_who_stands_is_followed_although_the_model_goes_along_with_a_passer_by(
    models: list[BoxModel], monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    monkeypatch.setattr(BoxModel, "drawn_px", 25.0)

    def shown(t_s: float) -> Image:
        (left, top, width, height), colour = SMALL
        left += 0 if stays or t_s < 10.0 else int(100 * (t_s - 10.0))
        person = ((left, top, width, height), colour)
        x = int(620 - 120 * (t_s - 2.0))  # behind the person, from the right to the left
        walker = ((max(x, 0), 225, 40, 170), LARGE[1])
        return picture(walker, person) if 2.0 <= t_s < 7.0 else picture(person)

    poses = read(shown, 12.0)
    who = [pose.xy_px[NOSE, 0] if pose.found else np.nan for pose in poses]
    truth = [
        80 + 15 + (0 if stays or n / FPS < 10.0 else 100 * (n / FPS - 10.0)) for n in range(180)
    ]
    seen = ~np.isnan(who)
    off = np.abs(np.array(who) - truth)[seen]
    assert off.max() < 15.0
    gaps = "".join("x" if here else "-" for here in seen).split("x")
    assert max(len(gap) for gap in gaps) <= FPS  # a rep under way outlives a second


def test_a_smaller_person_is_not_followed(models: list[BoxModel]) -> None:
    poses = read(lambda t: picture(SMALL, LARGE) if t >= 2.0 else picture(LARGE), 12.0)
    assert changes(followed(poses)) == "l"


def test_of_two_at_the_start_the_larger_is_followed(models: list[BoxModel]) -> None:
    who = followed(read(lambda _: picture(SMALL, LARGE), 12.0))
    assert changes(who) == "s-l"
    assert who.index("l") <= 4


def test_when_the_larger_one_leaves_the_smaller_is_followed(models: list[BoxModel]) -> None:
    who = followed(read(lambda t: picture(SMALL, LARGE) if t < 6.0 else picture(SMALL), 12.0))
    assert changes(who).endswith("ls") or changes(who).endswith("l-s")


def test_the_same_frames_give_the_same_poses(models: list[BoxModel]) -> None:
    def shown(t_s: float) -> Image:
        return picture(SMALL, LARGE) if t_s >= 2.0 else picture(SMALL)

    assert followed(read(shown, 9.0)) == followed(read(shown, 9.0))


def test_looks_are_rare(models: list[BoxModel]) -> None:
    poses = read(lambda _: picture(LARGE), 20.0)
    (looker,) = (model for model in models if not model.follows)
    assert 0 < looker.looks <= len(poses) / 55


def test_a_head_that_is_cut_off_is_not_visible(models: list[BoxModel]) -> None:
    cropped = ((400, 0, 100, 420), LARGE[1])
    poses = read(lambda _: picture(cropped), 5.0)
    assert {implausible(pose, 80.0) for pose in poses} == {"head out of the picture"}
    assert all(pose.visibility[LEFT_SHOULDER] > 0.5 for pose in poses)
    whole = read(lambda _: picture(LARGE), 5.0)
    assert {implausible(pose, 80.0) for pose in whole} == {""}


@pytest.mark.parametrize("shape", [(480, 640, 3), (1280, 720, 3), (3, 5, 3)])
def test_brightness_is_the_mean_grey_level(shape: tuple[int, int, int]) -> None:
    assert brightness(np.full(shape, 37, np.uint8)) == 37.0
    noise = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert brightness(noise) == pytest.approx(noise.mean(), abs=4.0)


def test_only_keeps_the_person_and_blanks_the_rest() -> None:
    rgb = picture(SMALL, LARGE)[:, :, ::-1]
    kept = only(rgb, figure(*LARGE[0]))
    assert box_of(kept, SMALL[1]) is None
    assert box_of(kept, LARGE[1]) == LARGE[0]
    assert box_of(rgb, SMALL[1]) == SMALL[0]


def test_only_a_silhouette_that_goes_on_above_the_nose_reaches_the_top() -> None:
    standing = figure(*LARGE[0])

    def body(left: int, right: int, top: int = 0, gap: int = 0) -> Body:
        silhouette = np.zeros((HEIGHT, WIDTH), np.float32)
        silhouette[top:400, left:right] = 1.0
        silhouette[40 : 40 + gap] = 0.0
        return Body(standing, np.ones(33), silhouette)

    assert reaches_top(body(400, 460))
    assert not reaches_top(body(400, 460, top=80))
    assert not reaches_top(body(0, 100))  # somebody else's
    assert not reaches_top(body(400, 460, gap=10))  # a lamp above the head
    assert not reaches_top(Body(standing, np.ones(33)))


def test_a_bundle_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    bundle = tmp_path / "broken.task"
    bundle.write_bytes(b"not a bundle")
    with pytest.raises(HeelriseError, match="pose model cannot be started") as error:
        PoseReader(bundle)
    assert "\n" not in str(error.value)


SAMPLES = Path(__file__).parents[1] / "sample_videos"


@pytest.fixture(scope="module")
def model() -> Path:
    return ensure_model("full", progress=False)


def sample(count: int, step: int = 1) -> Iterator[Frame]:
    """Frames of the first sample video from its fourth second on, counted from 0."""
    found = sorted(SAMPLES.glob("*.mp4"))
    if not found:
        pytest.skip("no sample video here")
    with VideoFile(found[0]) as video:
        frames = list(islice((f for f in video if f.t_s >= 4.0), 0, count * step, step))
    for index, frame in enumerate(frames):
        yield Frame(frame.t_s - frames[0].t_s, index, frame.image)


@pytest.mark.model
def test_real_model_follows_the_whole_person(model: Path) -> None:
    with PoseReader(model) as reader:
        poses = [reader.read(frame) for frame in sample(20)]
    assert all(pose.found and pose.people == 1 for pose in poses)
    assert {implausible(pose, 80.0) for pose in poses} == {""}


@pytest.mark.model
def test_real_model_changes_to_the_larger_of_two(model: Path) -> None:
    with PoseReader(model) as reader:
        first = reader.read(next(sample(1)))
    beside_px = int(0.4 * np.ptp(first.xy_px[:, 1]))
    middle_px = int(first.xy_px[:, 0].mean())
    shins = []
    with PoseReader(model) as reader:
        for frame in sample(40):
            one = frame.image[:, max(0, middle_px - beside_px) : middle_px + beside_px]
            half = cv2.resize(one, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
            both = np.full((one.shape[0], one.shape[1] + half.shape[1], 3), 150, np.uint8)
            both[-half.shape[0] :, : half.shape[1]] = half
            if frame.index >= 10:  # the larger one comes in when the other is followed
                both[:, half.shape[1] :] = one
            # four frames a second, as if many more had been read between them
            pose = reader.read(Frame(frame.index / 4, 15 * frame.index, both))
            shins.append(shin_px(pose.xy_px) if pose.found else np.nan)
    usual = shin_px(first.xy_px)
    assert np.nanmedian(shins[:10]) == pytest.approx(0.6 * usual, rel=0.2)
    assert np.nanmedian(shins[-10:]) == pytest.approx(usual, rel=0.2)


@pytest.mark.model
def test_real_models_body_in_a_picture_cut_off_at_the_chest_is_not_believed(model: Path) -> None:
    with PoseReader(model) as reader:
        first = reader.read(next(sample(1)))
    trunk = first.xy_px[[LEFT_SHOULDER, LEFT_HIP], 1]
    cut_px = int(trunk[0] + 0.7 * (trunk[1] - trunk[0]))
    with PoseReader(model) as reader:
        poses = [
            reader.read(Frame(frame.t_s, frame.index, frame.image[cut_px:].copy()))
            for frame in sample(26, step=3)
        ]
    late = [pose for pose in poses if pose.t_s > 2.0 and pose.found]
    assert all(pose.xy_px[NOSE, 1] < 0 or implausible(pose, 80.0) for pose in late)


def test_prepared_ahead_or_one_by_one_the_poses_are_the_same(models: list[BoxModel]) -> None:
    """A hand-held camera, and somebody who walks: where they are tells what is background."""
    room = np.random.default_rng(4).integers(0, 80, (HEIGHT + 40, WIDTH + 40, 3), np.uint8)

    def frames() -> Iterator[Frame]:
        for index in range(60):
            dx, dy = 20 + round(6 * np.sin(index / 5)), 20 + round(5 * np.cos(index / 7))
            image = room[dy : dy + HEIGHT, dx : dx + WIDTH].copy()
            left, top, width, height = SMALL[0]
            image[top : top + height, left + 2 * index : left + 2 * index + width] = SMALL[1][::-1]
            yield Frame(index / FPS, index, image)

    with PoseReader(Path("unused.task")) as reader:
        one_by_one = [reader.read(frame) for frame in frames()]
    with PoseReader(Path("unused.task")) as reader:
        ahead = list(looked_at(reader, map(picture_of, frames())))
    assert [pose.camera for pose in ahead] == [pose.camera for pose in one_by_one]
    assert len({pose.camera for pose in ahead}) > 20
    assert all((a.xy_px == b.xy_px).all() for a, b in zip(ahead, one_by_one, strict=True))
