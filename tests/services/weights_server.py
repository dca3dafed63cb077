"""A server on this computer that behaves well or badly, for fetching weights from."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

HOST = "127.0.0.1"


@dataclass
class Behaviour:
    """What the server does with the next requests."""

    content: bytes
    cuts: list[int] = field(default_factory=list)
    """After how many bytes each answer is cut; answers beyond are whole."""
    etag: str = '"v1"'
    last_modified: str = ""
    status: int = 200
    redirect: str = ""
    says_length: bool = True
    knows_ranges: bool = True
    forced_range: str = ""
    """A Content-Range to answer with, whatever was asked for."""
    gate: Event = field(default_factory=Event)
    """No content is sent before it is set; it is, unless a test has cleared it."""
    requests: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_GET(self) -> None:
        behaviour = self.behaviour
        behaviour.requests.append(dict(self.headers))
        if behaviour.redirect and self.path != "/moved":
            self.send_response(302)
            self.send_header("Location", behaviour.redirect)
            self.end_headers()
        elif behaviour.status != 200:
            self.send_error(behaviour.status)
        else:
            self._send_content(behaviour)

    def _send_content(self, behaviour: Behaviour) -> None:
        start = self._asked_start(behaviour)
        if start >= len(behaviour.content) > 0:
            self.send_error(416)
            return
        body = behaviour.content[start:]
        self.send_response(206 if start or behaviour.forced_range else 200)
        if start or behaviour.forced_range:
            size = len(behaviour.content)
            honest = f"bytes {start}-{size - 1}/{size}"
            self.send_header("Content-Range", behaviour.forced_range or honest)
        if behaviour.etag:
            self.send_header("ETag", behaviour.etag)
        if behaviour.last_modified:
            self.send_header("Last-Modified", behaviour.last_modified)
        if behaviour.says_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        behaviour.gate.wait()
        cut = behaviour.cuts.pop(0) if behaviour.cuts else len(body)
        self.wfile.write(body[:cut])

    def _asked_start(self, behaviour: Behaviour) -> int:
        validators = (behaviour.etag, behaviour.last_modified)
        if "Range" not in self.headers or not behaviour.knows_ranges:
            return 0
        if self.headers["If-Range"] not in validators:
            return 0
        return int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serve(behaviour: Behaviour) -> Iterator[str]:
    """Give the address of a running server, with a slash at its end."""
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
