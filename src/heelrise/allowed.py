"""What libav is allowed of files and streams that anybody may have made."""

from __future__ import annotations

MAX_PIXELS = 8192 * 4320
"""Largest picture decoded: what an 8K camera makes. Beyond it one BGR picture takes over 100 MB,
and a decoder holds several; no phone or webcam films that large."""

FILE_OPTIONS = {
    "protocol_whitelist": "file",
    # Playlists and the like (HLS, DASH, concat) are left out on purpose: they make the demuxer
    # open other files and addresses; so are the ones that take any text for a picture (tty).
    "format_whitelist": (
        "mov,matroska,webm,avi,gif,apng,mpegts,mpeg,mpegvideo,m4v,flv,asf,ogg,mxf,dv,nut,ivf,rm,"
        "wtv,h264,hevc,av1,obu,mjpeg,yuv4mpegpipe,"
        "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe"
    ),
    "max_pixels": str(MAX_PIXELS),
}

STREAM_SCHEMES = ("http", "https", "rtsp", "rtp", "udp", "tcp")
"""What the address of a stream may begin with."""

STREAM_OPTIONS = {
    # Redirects and session descriptions may name other addresses: never a file.
    "protocol_whitelist": "http,https,tcp,tls,rtsp,rtp,udp",
    # As for files, no playlists; no still pictures either, which are no stream.
    "format_whitelist": (
        "mpjpeg,mjpeg,rtsp,rtp,sdp,mpegts,mpeg,mpegvideo,h264,hevc,m4v,flv,matroska,webm,mov,asf,"
        "ogg"
    ),
    "max_pixels": str(MAX_PIXELS),
}
