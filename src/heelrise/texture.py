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
) -> Floats:
    """Return the heights of a track, those from one time to another by the trunk's texture too.

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
    mixed = height.copy()
    inside = (track.t_s >= from_s) & (track.t_s <= to_s)
    # A lost texture is NaN, which equals nothing.
    for number in np.unique(track.texture_run[inside]):
        run = np.flatnonzero(inside & (track.texture_run == number))
        if len(run) < limits.least_frames:
            continue
        times = track.t_s[run]
        off = np.interp(times - lag_s, times, track.texture[run]) - height[run]
        off -= np.median(off)
        if np.abs(off).max() <= limits.most_share * np.ptp(height[run]):
            mixed[run] += limits.share * off
    return mixed
