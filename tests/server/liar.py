"""A web server that says whatever a test tells it: the peer that lies. Here: no test."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.files.get(self.path)
        self.server.asked.append(self.path)
        self.send_response(404 if body is None else 200)
        kind = "text/html" if self.path == "/" else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@contextmanager
def lying(files, port=0):
    """Serve files by path on loopback; gives the server, with `url`, `files` and `asked`."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.files, server.asked = dict(files), []
    server.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
