"""The device table: what the variants do to frames, and how two answers are compared."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import devices
from devices import (
    VARIANTS,
    Difference,
    at_rate,
    compare,
    irregular,
    main,
    matched,
    mirrored,
    options_for,
    page,
    scaled,
    table,
    widened,
    with_drops,
    write,
)
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.result import Rep, Result

SIZE = (64, 48)


def shots(count, fps=30.0, size=SIZE):
    """Frames that get brighter by one a frame, at a steady rate."""
    for number in range(count):
        yield number / fps, np.full((size[1], size[0], 3), number % 256, np.uint8)


def picture(width, height):
    """One frame without a symmetry."""
    values = np.arange(width * height * 3).reshape(height, width, 3)
    return (values % 251).astype(np.uint8)


def only(frames):
    ((_, image),) = frames
    return image


def rep(number, side="left", start_s=None, hold_s=1.0, rise_cm=9.0):
    start_s = 3.0 * number if start_s is None else start_s
    return Rep(
        number=number,
        side=side,
        start_s=start_s,
        top_start_s=start_s + 0.6,
        peak_s=start_s + 1.0,
        top_end_s=start_s + 0.6 + hold_s,
        end_s=start_s + 2.2,
        hold_s=hold_s,
        up_s=0.6,
        down_s=0.6,
        rise_cm=rise_cm,
        rise_shin=0.2,
        peak_cm=None,
        peak_shin=None,
        bottom_cm=None,
        bottom_shin=None,
    )


def result(*reps):
    return Result(reps, (), (), ())


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_every_variant_goes_forward_in_time_and_ends_with_the_video(variant):
    frames = list(variant.change(shots(60)))
    times = [t_s for t_s, _ in frames]
    assert all(a < b for a, b in pairwise(times))
    assert times[0] <= 1 / 30 + 1e-9
    assert 59 / 30 - 0.1 < times[-1] <= 59 / 30 + 1e-9
    assert len({image.shape for _, image in frames}) == 1
    assert all(image.dtype == np.uint8 and image.flags.c_contiguous for _, image in frames)


@pytest.mark.parametrize(("fps", "count"), [(15, 30), (24, 48), (30, 60), (60, 119)])
def test_a_rate_has_so_many_frames_on_its_own_grid(fps, count):
    times = [t_s for t_s, _ in at_rate(shots(60), fps)]
    assert times == pytest.approx([number / fps for number in range(count)])


def test_half_the_rate_shows_every_second_picture_as_it_was():
    assert [int(image[0, 0, 0]) for _, image in at_rate(shots(7), 15)] == [0, 2, 4, 6]


def test_a_moment_in_between_is_blended_by_its_distance():
    frames = list(at_rate(((t_s, 40 * image) for t_s, image in shots(3)), 60))
    assert [int(image[0, 0, 0]) for _, image in frames] == [0, 20, 40, 60, 80]
    quarter = list(at_rate(((t_s, 40 * image) for t_s, image in shots(5)), 24))
    assert [int(image[0, 0, 0]) for _, image in quarter] == [0, 50, 100, 150]


def test_repeated_pictures_are_whole_ones():
    frames = list(at_rate(shots(3), 60, repeated=True))
    assert [int(image[0, 0, 0]) for _, image in frames] == [0, 0, 1, 1, 2]


def test_times_a_tick_beside_the_grid_are_on_it():
    ragged = ((round(t_s, 4), image) for t_s, image in shots(31))
    assert [int(image[0, 0, 0]) for _, image in at_rate(ragged, 30)] == list(range(31))


@pytest.mark.parametrize(
    ("short_px", "shape"),
    [(360, (360, 480)), (480, (480, 640)), (720, (720, 960)), (1080, (1080, 1440))],
)
def test_the_short_side_is_what_it_is_called(short_px, shape):
    assert only(scaled(shots(1, size=(640, 480)), short_px)).shape[:2] == shape


def test_a_portrait_video_is_scaled_by_its_width_and_has_even_sides():
    assert only(scaled(shots(1, size=(333, 592)), 360)).shape[:2] == (640, 360)


@pytest.mark.parametrize("size", [(64, 48), (48, 64), (90, 160), (160, 90)])
@pytest.mark.parametrize("aspect", [9 / 16, 16 / 9])
def test_a_padded_picture_has_its_shape_and_holds_the_whole_original(size, aspect):
    original = picture(*size)
    padded = only(widened(iter([(0.0, original)]), aspect))
    height, width = padded.shape[:2]
    assert width / height == pytest.approx(aspect, rel=0.03)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    np.testing.assert_array_equal(padded[top : top + size[1], left : left + size[0]], original)


def test_mirrored_flips_and_twice_is_the_original():
    original = picture(*SIZE)
    once = only(mirrored(iter([(0.0, original)])))
    np.testing.assert_array_equal(once[:, 0], original[:, -1])
    np.testing.assert_array_equal(only(mirrored(iter([(0.0, once)]))), original)


def test_one_of_every_ten_is_dropped_and_the_others_keep_their_times():
    frames = list(with_drops(shots(250)))
    assert len(frames) == 225
    for t_s, image in frames:
        assert t_s == image[0, 0, 0] / 30
    lost = sorted(set(range(250)) - {int(image[0, 0, 0]) for _, image in frames})
    assert len(set(np.diff(lost))) > 1


def test_a_variable_rate_has_gaps_of_one_to_three_frames_at_true_times():
    frames = list(irregular(shots(250)))
    numbers = [int(image[0, 0, 0]) for _, image in frames]
    assert [t_s for t_s, _ in frames] == [number / 30 for number in numbers]
    assert set(np.diff(numbers)) == {1, 2, 3}
    assert len(frames) == pytest.approx(2 / 3 * 250, rel=0.1)


@pytest.mark.parametrize("change", [irregular, with_drops])
def test_chance_is_the_same_in_every_run(change):
    assert [t_s for t_s, _ in change(shots(90))] == [t_s for t_s, _ in change(shots(90))]


def test_a_written_file_has_the_times_and_the_pictures(tmp_path):
    times = [0.0, 1 / 30, 0.1, 0.1125, 0.5]
    images = [np.full((49, 65, 3), 40 * number, np.uint8) for number in range(5)]
    write(tmp_path / "ragged.mp4", zip(times, images, strict=True), crf=12)
    with VideoFile(tmp_path / "ragged.mp4") as video:
        frames = list(video)
    assert [frame.t_s for frame in frames] == pytest.approx(times, abs=1e-4)
    assert frames[0].image.shape == (48, 64, 3)
    grey = [float(frame.image.mean()) for frame in frames]
    assert grey == pytest.approx([40 * number for number in range(5)], abs=3)


def test_a_variant_without_a_frame_is_refused(tmp_path):
    with pytest.raises(HeelriseError, match="no frames"):
        write(tmp_path / "none.mp4", iter(()), crf=12)


def test_equal_answers_differ_by_nothing():
    same = compare("a", result(rep(1), rep(2)), result(rep(1), rep(2)), mirrors=False)
    assert same == Difference("a", "", 0.0, 2, 0.0, 2, reps=2, near=2)
    assert same.within


def test_two_answers_without_a_rep_are_the_same():
    none = compare("a", result(), result(), mirrors=False)
    assert none == Difference("a", "", 0.0, None, 0.0, None)
    assert none.within
    assert none.where == "a"


@pytest.mark.parametrize(
    ("hold_s", "rise_cm", "within", "where"),
    [
        (1.1, 9.0, True, "a, rep 2"),
        (0.9, 8.5, True, "a, rep 2"),
        (1.12, 9.0, False, "a, rep 2"),
        (1.0, 9.51, False, "a, rep 2"),
    ],
)
def test_the_bounds_are_a_tenth_of_a_second_and_half_a_centimetre(hold_s, rise_cm, within, where):
    other = result(rep(1), rep(2, hold_s=hold_s, rise_cm=rise_cm))
    found = compare("a", result(rep(1), rep(2)), other, mirrors=False)
    assert found.within is within
    assert (found.near, found.reps) == (2 if within else 1, 2)
    assert found.where == where
    assert found.hold_s == pytest.approx(abs(hold_s - 1.0))
    assert found.rise_cm == pytest.approx(abs(rise_cm - 9.0))


def test_hold_and_rise_may_be_worst_in_different_reps():
    original = result(rep(1), rep(2), rep(3))
    other = result(rep(1, hold_s=1.05), rep(2), rep(3, rise_cm=9.4))
    found = compare("a", original, other, mirrors=False)
    assert (found.hold_rep, found.rise_rep) == (1, 3)
    assert found.where == "a, rep 3"


@pytest.mark.parametrize(
    ("reps", "counts"),
    [
        ([rep(1)], "1 left; original: 2 left"),
        ([], "0; original: 2 left"),
        ([rep(1), rep(2), rep(3)], "3 left; original: 2 left"),
        ([rep(1), rep(2, side="right")], "1 left, 1 right; original: 2 left"),
    ],
)
def test_a_rep_too_many_missing_or_on_the_other_leg_is_no_identical_count(reps, counts):
    found = compare("a", result(rep(1), rep(2)), result(*reps), mirrors=False)
    assert found.counts == counts
    assert not found.within
    assert found.near < found.reps
    assert counts in found.where


def test_as_many_reps_at_other_times_are_not_the_same_reps():
    found = compare("a", result(rep(1)), result(rep(1, start_s=30.0)), mirrors=False)
    assert not found.within


def test_in_a_mirror_left_is_right_and_both_is_both():
    original = result(rep(1), rep(2, side="right"), rep(3, side="both"))
    swapped = result(rep(1, side="right"), rep(2), rep(3, side="both"))
    assert compare("a", original, swapped, mirrors=True).within
    assert not compare("a", original, original, mirrors=True).within
    assert not compare("a", original, swapped, mirrors=False).within


def test_a_rep_in_two_pieces_goes_with_the_larger():
    whole = rep(1, start_s=0.0)
    small = replace(rep(1, start_s=0.0), end_s=0.5)
    large = replace(rep(2, start_s=0.6), end_s=2.2)
    assert matched([whole], [small, large], mirrors=False) == [(whole, large)]


def test_the_table_has_a_row_a_variant_with_the_worst_of_all_videos():
    rows = [
        (
            "calm",
            [
                Difference("a", "", 0.02, 1, 0.1, 2, 5, 5),
                Difference("b", "", 0.01, 1, 0.3, 4, 4, 4),
            ],
        ),
        (
            "wild",
            [
                Difference("a", "", 0.3, 5, 0.1, 2, 5, 3),
                Difference("b", "0", 0.0, None, 0.0, None, 4, 0),
            ],
        ),
    ]
    calm, wild = table(rows).splitlines()[2:]
    assert calm == "| calm | 2 of 2 | 0.020 s | 0.30 cm | yes | 9 of 9 | b, rep 4 |"
    assert wild == "| wild | 1 of 2 | 0.300 s | 0.10 cm | **no** | 3 of 9 | b (0) |"


def test_the_page_holds_table_command_and_what_each_variant_is():
    text = page("| the table |", ["a", "b"], VARIANTS, "python benchmarks/devices.py")
    assert "| the table |" in text
    assert "```\npython benchmarks/devices.py\n```" in text
    assert all(f"- **{variant.name}**: {variant.what}" in text for variant in VARIANTS)


def test_names_are_given_once():
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_what_is_known_of_a_sample_comes_from_its_json():
    options = options_for(devices.SAMPLES / "step_range_faults.mp4")
    assert (options.body_height_cm, options.surface) == (173, "step")
    assert options_for(devices.SAMPLES / "no_rep.mp4").surface == "floor"


@pytest.mark.parametrize(("rise_cm", "status"), [(9.2, 0), (9.8, 1)])
def test_the_exit_status_says_whether_all_is_within_bounds(
    tmp_path, monkeypatch, capsys, rise_cm, status
):
    def answer(video, name, model):
        return result(rep(1, rise_cm=9.0 if name is None else rise_cm))

    monkeypatch.setattr(devices, "answer", answer)
    monkeypatch.setattr(devices, "ensure_model", lambda: tmp_path)
    out = tmp_path / "page.md"
    arguments = ["one.mp4", "--only", "15fps", "dropped", "--out", str(out)]
    assert main(arguments) == status
    printed = capsys.readouterr().out
    assert printed.count("\n") == 4
    assert printed.strip() in out.read_text()
    assert "python benchmarks/devices.py one.mp4 --only 15fps dropped" in out.read_text()


def test_a_video_without_its_json_is_said_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(devices, "ensure_model", lambda: tmp_path)
    assert main([str(tmp_path / "missing.mp4")]) == 2
    assert "missing.json" in capsys.readouterr().err


def test_variants_are_written_with_labels_that_fit_them(tmp_path):
    write(tmp_path / "clip.mp4", shots(4), crf=12)
    truth = {"reps": [{"side": "left"}], "faults": [], "knee_flexion_right": [1.0]}
    (tmp_path / "clip.json").write_text(json.dumps(truth))
    chosen = ["--only", "mirrored", "noisy", "dim", "--write", str(tmp_path / "out")]
    assert devices.main([str(tmp_path / "clip.mp4"), *chosen]) == 0
    labels = {
        name: json.loads((tmp_path / "out" / name / "clip.json").read_text())
        for name in ("mirrored", "noisy", "dim")
    }
    assert labels["noisy"] == labels["dim"] == truth
    assert labels["mirrored"]["reps"] == [{"side": "right"}]
    assert labels["mirrored"]["knee_flexion_left"] == [1.0]
    with VideoFile(tmp_path / "out" / "dim" / "clip.mp4") as video:
        assert (video.info.width, video.info.height) == (52, 38)
        assert sum(1 for _ in video) == 4
