"""Short clips of the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

SAMPLES = Path(__file__).parents[1] / "sample_videos"


def copy_start(source_path: Path, path: Path, seconds: float) -> Path:
    """Copy the packets of the beginning of a video, pictures untouched; return where it is."""
    with av.open(str(source_path)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.pts is not None and packet.pts * stream.time_base < seconds:
                packet.stream = copy
                target.mux(packet)
    return path


def half_the_pictures(source_path: Path, path: Path, seconds: float) -> Path:
    """Copy every other picture of the beginning of a video, at its time; return where it is."""
    with av.open(str(source_path)) as source, av.open(str(path), "w") as target:
        shown = source.streams.video[0]
        stream: Any = target.add_stream("libx264", rate=15, options={"crf": "12"})
        stream.width, stream.height = shown.width, shown.height
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", shown.time_base
        for number, frame in enumerate(source.decode(shown)):
            if frame.time is None or frame.time >= seconds:
                break
            if number % 2 == 0:
                target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path
