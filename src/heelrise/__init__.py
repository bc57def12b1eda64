"""heelrise counts and coaches the single-leg calf raise from one ordinary camera.

Examples
--------
A recorded set:

>>> import heelrise
>>> result = heelrise.analyze("set.mp4", body_height_cm=172)  # doctest: +SKIP
>>> result.counts  # doctest: +SKIP
{'left': 12, 'right': 11, 'both': 0}

A camera loop of one's own:

>>> session = heelrise.Session()
>>> with heelrise.PoseReader(heelrise.ensure_model()) as reader:  # doctest: +SKIP
...     for frame in frames:  # heelrise.Frame(t_s, index, image)
...         moment = session.update(reader.read(frame))
>>> result = session.finish()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from heelrise.errors import HeelriseError
    from heelrise.frames import VideoFile
    from heelrise.image import Frame
    from heelrise.library import SetResult, analyze
    from heelrise.models import ensure_model
    from heelrise.moment import Moment
    from heelrise.pose import PoseReader
    from heelrise.session import Session
    from heelrise.settings import SessionOptions, Settings

# Name -> where it is; imported when it is asked for, because `heelrise --help` must answer at once.
_PLACES = {
    "Frame": "heelrise.image",
    "HeelriseError": "heelrise.errors",
    "Moment": "heelrise.moment",
    "PoseReader": "heelrise.pose",
    "Session": "heelrise.session",
    "SessionOptions": "heelrise.settings",
    "SetResult": "heelrise.library",
    "Settings": "heelrise.settings",
    "VideoFile": "heelrise.frames",
    "analyze": "heelrise.library",
    "ensure_model": "heelrise.models",
}

__all__ = [
    "Frame",
    "HeelriseError",
    "Moment",
    "PoseReader",
    "Session",
    "SessionOptions",
    "SetResult",
    "Settings",
    "VideoFile",
    "__version__",
    "analyze",
    "ensure_model",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _PLACES:
        raise AttributeError(f"module 'heelrise' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """Name what is public."""
    return list(__all__)
