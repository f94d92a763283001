"""Who is notified, for tests: an HTTP server on loopback that keeps what it is told, refuses it, or never ends."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self


class Receiver:
    """As a context manager; `mood` is well, broken or slow, and a slow one trickles until it is closed."""

    def __init__(self, mood: str = "well") -> None:
        self.mood, self.heard, self.over = mood, list[dict[str, Any]](), Event()
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.heard.append(
                    json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                )
                if outer.mood == "slow":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while not outer.over.wait(0.2):
                        self.wfile.write(b"X: y\r\n")
                    return
                self.send_response(200 if outer.mood == "well" else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                del format, args

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.url = f"json://127.0.0.1:{self.server.server_port}/"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def texts(self) -> list[str]:
        return [one["message"] for one in self.heard]
