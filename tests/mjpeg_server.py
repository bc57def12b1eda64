"""A camera on the network, played on this machine: MJPEG over HTTP, with a camera's bad habits."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

BOUNDARY = "heelrise"


def jpeg(image):
    """Return a BGR picture as JPEG bytes."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def pictures(width=64, height=48, count=20):
    """Return grey pictures that each differ from the one before."""
    return [np.full((height, width, 3), 40 + 8 * i, np.uint8) for i in range(count)]


class MjpegServer:
    """Serves the given pictures over and over at ``url``, every client from the same clock.

    Parameters
    ----------
    images : list of ndarray, shape (H, W, 3), uint8
        BGR.
    fps : float
        Pictures a second.

    Attributes
    ----------
    stalled : bool
        Connections stay open and nothing is sent.
    wanted : str or None
        What the Authorization header must be; None asks for nothing.
    connections : int
        How many clients have come so far.
    """

    def __init__(self, images=None, fps=30.0):
        self.fps = fps
        self.stalled = False
        self.wanted = None
        self.connections = 0
        self.show(pictures() if images is None else images)
        self._clients = set()
        self._server = None
        self._port = 0
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.vanish()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}/video"

    def show(self, images):
        """Serve other pictures from the next one on; another size is fine."""
        self._jpegs = [jpeg(image) for image in images]

    def listen(self):
        """Begin to listen, the second time on the port of the first."""
        self._on = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def drop(self):
        """Cut every connection; new ones are welcome."""
        for client in list(self._clients):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                self._clients.discard(client)

    def vanish(self):
        """Cut every connection and stop to listen, as if the phone had left the network."""
        self._on = False
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.drop()

    def serve(self, client, write):
        """Send pictures to one client until it or the server goes."""
        self.connections += 1
        self._clients.add(client)
        number = 0
        try:
            while self._on and client in self._clients:
                if not self.stalled:
                    data = self._jpegs[number % len(self._jpegs)]
                    number += 1
                    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                    write(f"--{BOUNDARY}\r\n{head}".encode() + data + b"\r\n")
                time.sleep(1 / self.fps)
        except OSError:
            pass
        finally:
            self._clients.discard(client)


def _handler(camera):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/text":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"hello\n" * 500)
            elif camera.wanted is not None and self.headers["Authorization"] != camera.wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
            elif self.path.partition("?")[0] != "/video":
                self.send_error(404)
            else:
                self.send_response(200)
                kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
                self.send_header("Content-Type", kind)
                self.end_headers()
                camera.serve(self.connection, self.wfile.write)

        def log_message(self, *_):
            pass

    return Handler
