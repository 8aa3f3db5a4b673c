"""Every page that a node shows, as addresses of the town of the tests.

Here: the table; a test compares it with the table of routes, so that no page is forgotten. Not here: what is
asked of them (`test_axe_in_chromium`, `test_payloads_in_chromium`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from localfed.web.routes import ROUTES

SCID: Final = "{scid:[1-9A-HJ-NP-Za-km-z]{46}}"

NO_PAGES: Final = (
    "/api/",
    "/.well-known/",
    "/static/",
    "/media/",
    "/mirror/",
    "/widget/",
    "/oembed",
    "/favicon.ico",
    "/{file:",
)
"""Where files and answers for programs are, and none for people."""


def _scid(town: Any) -> str:
    return str(town.kitchen.did.split(":")[2])


PAGES: Final[dict[str, Callable[[Any], list[str]]]] = {
    "/": lambda _: [
        "/",
        "/?q=veg&near=54.6,-2.3",
        "/?q=veg&near=54.6,-2.3&kind=offer&category=Food",
        "/?q=nothing+of+that+kind&near=54.6,-2.3&radius=1",
        "/?q=veg&view=map",
        "/?q=nothing+of+that+kind&view=map",
        "/?near=nowhere",
        "/?q=veg&cursor=broken",
        "/?near=Newport&radius=8.0",
        "/?q=vegetabels&view=print",
    ],
    "/about": lambda _: ["/about"],
    "/organisations": lambda _: ["/organisations"],
    f"/organisations/{SCID}": lambda town: [f"/organisations/{_scid(town)}"],
    "/ties": lambda _: ["/ties"],
    f"/documents/{SCID}/{{path:.+}}": lambda town: [town.page_of("veg"), town.page_of("cycles")],
    f"/enquiries/{SCID}/{{path:.+}}": lambda town: [
        town.page_of("veg").replace("/documents/", "/enquiries/"),
    ],
    "/withdraw/{secret:[A-Za-z0-9_-]{43}}": lambda _: ["/withdraw/" + "a" * 43],
    "/report": lambda _: ["/report"],
    "/embed": lambda _: ["/embed", "/embed?q=veg&near=54.6,-2.3&view=compact", "/embed?raduis=2"],
    f"/embed/organisations/{SCID}": lambda town: [f"/embed/organisations/{_scid(town)}"],
    f"/embed/documents/{SCID}/{{path:.+}}": lambda town: ["/embed" + town.page_of("veg")],
    "/embed/make": lambda _: ["/embed/make", "/embed/make?near=54.6,-2.3&kind=offer&limit=x"],
}
"""Route to the addresses at which it is looked at: found, not found, asked wrongly."""

ELSEWHERE: Final = ["/no-such-page"]


def routes_of_pages() -> set[str]:
    """Name the routes that may answer with a page."""
    return {
        route.path
        for route in ROUTES
        if route.method == "GET" and not route.path.startswith(NO_PAGES) and not is_file(route.path)
    }


def is_file(path: str) -> bool:
    """Whether a route answers with a file: its last part has an ending, or it lies in a folder of files."""
    last = path.rsplit("/", 1)[1]
    return "." in last.replace(".+", "") or path.startswith(
        ("/d/", "/p/", "/m/", "/feed/", "/snapshot/")
    )


def addresses(town: Any) -> list[str]:
    """Give every address."""
    return [address for make in PAGES.values() for address in make(town)] + ELSEWHERE
