"""The clock: times only go forward, whatever the container says."""

from fractions import Fraction

import pytest

from heelrise.clock import FrameClock

MS = Fraction(1, 1000)


def times(stamps, fps=10.0, time_base=MS):
    clock = FrameClock(time_base, fps)
    return [clock.time_of(stamp) for stamp in stamps]


def test_good_stamps_come_out_as_they_are_from_zero():
    assert times([500, 533, 600, 633]) == pytest.approx([0.0, 0.033, 0.1, 0.133])


def test_negative_first_stamp_is_zero():
    assert times([-80, -40, 0, 40]) == pytest.approx([0.0, 0.04, 0.08, 0.12])


def test_29_97_does_not_drift_over_an_hour():
    ticks = [1001 * i for i in range(107_892)]
    assert times(ticks, 30000 / 1001, Fraction(1, 30000))[-1] == pytest.approx(
        107_891 * 1001 / 30000, abs=1e-9
    )


def test_missing_stamps_are_filled_in_at_the_average_rate():
    assert times([None, None, None]) == pytest.approx([0.0, 0.1, 0.2])
    assert times([0, None, 200, 300]) == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert times([None, None, 7000, 7100]) == pytest.approx([0.0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize("time_base", [None, Fraction(0), Fraction(-1, 1000)])
def test_no_time_base_is_no_stamps(time_base):
    assert times([0, 7, 9], time_base=time_base) == pytest.approx([0.0, 0.1, 0.2])


def test_a_repeated_or_backward_stamp_does_not_move_the_good_ones():
    result = times([0, 100, 100, 200, 150, 300, 400])
    assert [result[i] for i in (0, 1, 3, 5, 6)] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert 0.1 < result[2] < 0.2 < result[4] < 0.3


def test_a_clock_set_back_goes_on_from_there():
    stamps = [*range(0, 1000, 100), *range(0, 1000, 100)]
    result = times(stamps)
    assert result == sorted(set(result))
    assert result[-1] - result[-5] == pytest.approx(0.4)
    assert 1.4 < result[-1] < 2.0


def test_a_clock_that_stands_still_goes_on_at_the_average_rate():
    result = times([0] * 100)
    assert result == sorted(set(result))
    assert result[-1] == pytest.approx(9.9, abs=0.5)


def test_a_wild_stamp_is_no_pause():
    day = 86_400_000
    result = times([0, 100, day, 300, 400])
    assert result[2] < 0.3
    assert [result[i] for i in (3, 4)] == pytest.approx([0.3, 0.4])
    assert times([0, 100, 60_100])[-1] == pytest.approx(60.1)


@pytest.mark.parametrize("stamp", [2**63 - 1, -(2**63)])
def test_the_largest_stamps_keep_the_times_finite_and_increasing(stamp):
    result = times([stamp, 0, stamp, 1, stamp, 2] * 20)
    assert result == sorted(set(result))
    assert result[-1] < 120 * 3600
