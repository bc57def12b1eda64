"""Short clips of the samples: packets copied, pictures untouched."""

from __future__ import annotations

from pathlib import Path

import av

SAMPLES = Path(__file__).parents[1] / "sample_videos"


def copy_start(source_path: Path, path: Path, seconds: float) -> Path:
    """Copy the beginning of a video; return where it is."""
    with av.open(str(source_path)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.pts is not None and packet.pts * stream.time_base < seconds:
                packet.stream = copy
                target.mux(packet)
    return path
