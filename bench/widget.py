"""The widget: from the moment a page asks for its script to the first results on the screen, in Chromium.

Here: a page on another port that embeds the directory of a real node, opened with nothing in any cache. The
times are those of the browser's own clock, by marks that the widget sets.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from statistics import median
from typing import Any

from bench.browser import browsing
from bench.rows import Row, at_most
from bench.stage import Stage

_TARGET_MS = 150
_NEAR = "53.48,-2.24"
_MARKS = """() => {
  const script = performance.getEntriesByType('resource').find(one => one.name.endsWith('/widget.js'));
  const at = name => performance.getEntriesByName(name)[0]?.startTime;
  return at('localfed:results') && [at('localfed:start') - script.startTime, at('localfed:results') - script.startTime];
}"""


def measure(stage: Stage) -> list[Row]:
    """Open the page again and again."""
    with (
        stage.publisher.serving() as served,
        _website(served.url) as page_url,
        browsing() as browser,
    ):
        # The first start warms the browser and the node's index, as any node is that has been visited.
        times = [_open(browser, page_url) for _ in range(stage.sizes.pages + 1)][1:]
    scripts, results = zip(*times, strict=True)
    target, met = at_most(median(results), _TARGET_MS, "ms")
    return [
        Row(what="widget: its modules loaded and running, p50", figure=median(scripts), unit="ms"),
        Row(
            what="widget: from asking for the script to first results, p50",
            figure=median(results),
            unit="ms",
            target=target,
            met=met,
        ),
        Row(what="the same, slowest", figure=max(results), unit="ms"),
    ]


def _open(browser: Any, url: str) -> tuple[float, float]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    found = page.wait_for_function(_MARKS).json_value()
    context.close()
    return found[0], found[1]


@contextmanager
def _website(node: str) -> Iterator[str]:
    """Serve a page that embeds the directory of a node, from another port."""
    html = (
        f'<!doctype html><html lang="en-GB"><title>Village</title><link rel="icon" href="data:,">'
        f'<script type="module" src="{node}/widget.js"></script>'
        f'<localfed-directory near="{_NEAR}"><a href="{node}">Directory</a></localfed-directory></html>'
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(html)))
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
