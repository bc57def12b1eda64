"""The body's height by landmarks and by the trunk's texture as one, steadier than either.

Landmarks know where the body is but move by a centimetre for a little noise; the texture knows by
how much it moves and nothing else. Most of the texture and some of the landmarks is the steadiest
(docs/accuracy.md).
"""

from __future__ import annotations

import numpy as np

from heelrise.settings import Texture
from heelrise.track import Floats, Track


def with_texture(
    track: Track, height: Floats, from_s: float, to_s: float, lag_s: float, limits: Texture
) -> tuple[Floats, Floats]:
    """Return the heights of a track, those from one time to another by the trunk's texture too.

    Beside them how far the texture was believed in each, from 0 to 1, and NaN where it was not
    followed; both have the shape (N,).

    Parameters
    ----------
    track : Track
        Trusted frames, with what was followed of the texture.
    height : ndarray, shape (N,)
        Of the body by the landmarks, shin lengths.
    from_s, to_s : float
        A rep and the rests around it, seconds.
    lag_s : float
        By how much landmarks come late, seconds; a texture does not.
    limits : Texture
    """
    mixed, believed = height.copy(), np.full(len(height), np.nan)
    inside = (track.t_s >= from_s) & (track.t_s <= to_s)
    # A lost texture is NaN, which equals nothing.
    for number in np.unique(track.texture_run[inside]):
        run = np.flatnonzero(inside & (track.texture_run == number))
        if len(run) < limits.least_frames:
            continue
        times = track.t_s[run]
        texture = np.interp(times - lag_s, times, track.texture[run])
        off = texture - height[run]
        off -= np.median(off)
        follows = np.abs(off).max() <= limits.most_share * np.ptp(height[run])
        believed[run] = _belief(texture, height[run], limits) if follows else 0.0
        mixed[run] += limits.share * believed[run] * off
    return mixed, believed


def _belief(texture: Floats, height: Floats, limits: Texture) -> float:
    """Return from 0 to 1 how far a texture is believed that moves less than the body does.

    An encoder leaves the blocks of a picture where they are as long as they move by little, and
    the texture with them; landmarks are read off the whole body and suffer less. How much less it
    moves is told where both move together: landmarks may also go elsewhere for a moment, with
    somebody who walks by, and then their own range says nothing.
    """
    (own, along), (_, whole) = np.cov(texture, height)
    if along <= 0 or own < limits.stands**2 * whole:
        return 0.0
    moved = own / along
    return float(np.interp(moved, (limits.held_back, limits.goes_along), (0.0, 1.0)))
