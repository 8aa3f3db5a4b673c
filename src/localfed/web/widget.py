"""The widget as files: its modules, and the same joined into one file that a page can pin by its hash.

Here: /widget.js, /widget/MODULE.js, /widget/versions.json, /widget/VERSION/FILE. Not here: what is in them
(`src/localfed/widget/`), joining (`widget_joined`).
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files as package_files
from typing import Final

import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict

from localfed.protocol.errors import UnknownPage
from localfed.web.answers import ASK_AGAIN, JSON, answer_bytes, hash_tag, headers_of
from localfed.web.node import NODE, Node
from localfed.web.views import origin_of
from localfed.web.widget_joined import (
    ENTRY,
    JOINED,
    integrity_of,
    join_entry,
    join_widget,
    without_comments,
)

_SCRIPT: Final = "text/javascript; charset=utf-8"
_NEVER_CHANGES: Final = "public, max-age=31536000, immutable"
_GZIP_LEVEL: Final = 9


Files = dict[str, bytes]
"""The files of one version, by name."""


class VersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the widget that a page can pin."""

    version: str
    url: str
    integrity: str
    """For the attribute of that name."""
    bytes: int
    gzip_bytes: int
    tag: str
    """The element of a page that loads it."""


class VersionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of the widget that a node serves."""

    latest: str
    """The address that is always the newest."""
    versions: tuple[VersionAnswer, ...]


class _File(msgspec.Struct, frozen=True, kw_only=True):
    body: bytes
    small: bytes
    tag: str


async def show_entry(request: web.Request) -> web.Response:
    """Answer with what registers the element, joined: one request instead of ten, one after the other.

    The same modules lie below /widget/, for pages that import them by themselves.
    """
    return _answer(request, _pack(_entry(request.app[NODE].version)), ASK_AGAIN)


async def show_module(request: web.Request) -> web.Response:
    """Answer with one module.

    Raises:
        UnknownPage: there is no such module.

    """
    name = f"widget/{request.match_info['name']}"
    if name not in modules():
        message = "there is no such module of the widget"
        raise UnknownPage(message)
    return _answer(request, _file(name), ASK_AGAIN)


async def show_joined(request: web.Request) -> web.Response:
    """Answer with the widget of one version, joined.

    Raises:
        UnknownPage: no such file, or a version that this node never served.

    """
    version, name = request.match_info["version"], request.match_info["name"]
    files = _versions(request.app[NODE]).get(version, {})
    if name not in files:
        message = (
            "this node has no such version of the widget: /widget/versions.json names those it has"
        )
        raise UnknownPage(message)
    return _answer(request, _pack(files[name]), _NEVER_CHANGES)


async def list_versions(request: web.Request) -> web.Response:
    """Answer with the versions of the widget, where they are and what their hashes are; the present one first."""
    node = request.app[NODE]
    origin = origin_of(node.url)
    answer = VersionsAnswer(
        latest=f"{origin}/{ENTRY}",
        versions=tuple(
            _version_answer(origin, version, _pack(files[JOINED]))
            for version, files in _versions(node).items()
            if JOINED in files
        ),
    )
    body = msgspec.json.encode(answer)
    return answer_bytes(request, body, hash_tag(body), headers_of(JSON, ASK_AGAIN))


def _version_answer(origin: str, version: str, file: _File) -> VersionAnswer:
    url, integrity = f"{origin}/widget/{version}/{JOINED}", integrity_of(file.body)
    return VersionAnswer(
        version=version,
        url=url,
        integrity=integrity,
        bytes=len(file.body),
        gzip_bytes=len(file.small),
        tag=(
            f'<script type="module" src="{url}" integrity="{integrity}" '
            'crossorigin="anonymous"></script>'
        ),
    )


def _versions(node: Node) -> dict[str, Files]:
    """Name all versions that are served here: the present one, then the others, the highest first."""
    earlier = sorted(node.widget_versions, key=_by_number, reverse=True)
    return {node.version: joined(node.version)} | {
        version: node.widget_versions[version] for version in earlier if version != node.version
    }


def _by_number(version: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdigit() else -1, part) for part in version.split(".")]


@cache
def modules() -> dict[str, str]:
    """Read the modules of the widget: names below `/` to texts."""
    package = package_files("localfed")
    texts = {ENTRY: package.joinpath(ENTRY).read_text(encoding="utf-8")}
    for entry in package.joinpath("widget").iterdir():
        if entry.name.endswith(".js"):
            texts[f"widget/{entry.name}"] = entry.read_text(encoding="utf-8")
    return texts


@cache
def joined(version: str) -> Files:
    """Return the widget of this version: as the build of the wheel joined it, else joined now; the same bytes."""
    built = package_files("localfed").joinpath("widget", version)
    if built.is_dir():
        return {one.name: one.read_bytes() for one in built.iterdir()}
    return join_widget(modules(), version)


@cache
def _entry(version: str) -> bytes:
    return join_entry(modules(), version)


@cache
def _file(name: str) -> _File:
    return _pack(without_comments(modules()[name]).encode())


@cache
def _pack(body: bytes) -> _File:
    # mtime 0: the same bytes every time, as an ETag promises.
    return _File(body=body, small=gzip.compress(body, _GZIP_LEVEL, mtime=0), tag=hash_tag(body))


def _answer(request: web.Request, file: _File, cache_control: str) -> web.Response:
    """Answer with a script, compressed for whoever takes that."""
    headers: CIMultiDict[str] = headers_of(_SCRIPT, cache_control)
    headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    # Pages that isolate themselves (COEP) may load it too.
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return answer_bytes(request, file.small, f"{file.tag}-gzip", headers)
    return answer_bytes(request, file.body, file.tag, headers)
