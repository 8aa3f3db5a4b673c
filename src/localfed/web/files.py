"""The protocol's files: what followers and mirrors read of the organisations hosted here.

Here: did.jsonl, head.json, documents, feed files, bundle, localfed.json, as the store holds them.
Not here: the JSON API (`api`), pages for people (`pages`).
Spec: 03-identity, 05-documents, 06-feed, 08-following. No redirect, no query, no negotiation.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app.values import DocumentState, Publisher
from localfed.protocol.errors import UnknownPage
from localfed.web.answers import (
    ASK_AGAIN,
    FOR_EVER,
    JSON,
    JSON_LINES,
    LINKED_JSON,
    answer_bytes,
    hash_tag,
    headers_of,
)
from localfed.web.errors import answer_problem, bad_request
from localfed.web.node import DIRECTORY, NODE
from localfed.web.pictures import answer_published

# BASE, then the file: the longest BASE that leaves a file of ours, so `/d/head.json` is the head of
# an organisation at `/d/`.
_FILE: Final = re.compile(
    r"(?P<base>/(?:[A-Za-z0-9._-]+/)*)"
    r"(?P<file>(?P<folder>d|p|feed|snapshot)/[A-Za-z0-9-]{1,80}\.json"
    r"|m/[A-Za-z0-9]{1,60}\.(?:jpg|png|webp)"
    r"|org\.json|contact\.json|head\.json|did\.jsonl|bundle\.jsonl)"
)
_RECORD_NAME: Final = re.compile(r"[a-z2-7]{26}\.json").fullmatch
_WELL_KNOWN_LOG: Final = "/.well-known/did.jsonl"

_DOCUMENT: Final = headers_of(LINKED_JSON, ASK_AGAIN)
_LOG: Final = headers_of(JSON_LINES, ASK_AGAIN)
_OPEN_PAGE: Final = headers_of(JSON, ASK_AGAIN)
_CLOSED_FILE: Final = headers_of(JSON, FOR_EVER)
_BUNDLE: Final = headers_of(JSON_LINES, ASK_AGAIN)
_HINT: Final = headers_of(JSON, ASK_AGAIN)


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """Which versions of the protocol a node speaks."""

    versions: tuple[str, ...]


class HostedOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that a node says it hosts: a hint, which its log has to confirm."""

    did: str
    base: str


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """What a node runs."""

    name: str
    version: str


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """The file localfed.json: where the organisations of this host are (LF-DISC)."""

    localfed: Versions
    organizations: tuple[HostedOrganisation, ...]
    software: Software


async def serve_hint(request: web.Request) -> web.Response:
    """Answer `/.well-known/localfed.json`."""
    node = request.app[NODE]
    hint = Hint(
        localfed=Versions(versions=("1.0",)),
        organizations=tuple(
            HostedOrganisation(did=one.did, base=one.base)
            for one in node.ports.store.publishers(hosted=True)
            if not one.is_closed
        ),
        software=Software(name="localfed", version=node.version),
    )
    body = msgspec.json.encode(hint)
    return answer_bytes(request, body, hash_tag(body), _HINT)


async def serve_record(request: web.Request) -> web.StreamResponse:
    """Answer `/d/...`: what a node serves most, so the general way only where it is needed.

    Raises:
        UnknownPage: no organisation there, or it has no such file.

    """
    name = request.match_info["name"]
    if _RECORD_NAME(name) is None:
        return await serve_file(request)  # `/d/head.json`, of an organisation at `/d/`
    did = request.app[DIRECTORY].hosted_at("/", request)
    if did is None:
        raise _nothing_there()
    return _serve_document(request, did, "d/" + name)


async def serve_file(request: web.Request) -> web.StreamResponse:
    """Answer a file below the BASE of an organisation hosted here.

    Raises:
        UnknownPage: no organisation there, or it has no such file.

    """
    path = request.rel_url.raw_path
    match = _FILE.fullmatch(path)
    if match is None and path != _WELL_KNOWN_LOG:
        raise _nothing_there()
    # The one log that does not lie under its BASE: of a DID that is a whole host.
    base, file, folder = match.groups() if match else ("/", "did.jsonl", None)
    if path == _WELL_KNOWN_LOG:
        base = "/"
    did = request.app[DIRECTORY].hosted_at(base, request)
    if did is None:
        raise _nothing_there()
    if file.startswith("m/"):
        return answer_published(request, did, file)
    if folder in {"d", "p"} or file in {"org.json", "contact.json"}:
        return _serve_document(request, did, file)
    if folder is not None:
        return _serve_feed_file(request, did, file)
    if file == "bundle.jsonl":
        return _serve_bundle(request, did)
    return _serve_signed(request, did, file)


def _serve_document(request: web.Request, did: str, path: str) -> web.Response:
    """Answer a document: the path that a node serves most, so one read and nothing else."""
    document = request.app[NODE].ports.store.document(did, path)
    if document is None or document.body is None or document.state is not DocumentState.LIVE:
        raise _nothing_there()
    return answer_bytes(request, document.body, document.digest, _DOCUMENT)


def _serve_signed(request: web.Request, did: str, file: str) -> web.Response:
    publisher = _hosted(request, did)
    if file == "did.jsonl":
        return answer_bytes(request, publisher.log, hash_tag(publisher.log), _LOG)
    if publisher.head is None:
        raise _nothing_there()
    return answer_bytes(request, publisher.head, hash_tag(publisher.head), _DOCUMENT)


def _serve_feed_file(request: web.Request, did: str, path: str) -> web.Response:
    file = request.app[NODE].ports.store.feed_file(did, path)
    if file is None:
        raise _nothing_there()
    # Only the page that the head names still grows; parts and pages with a successor never change.
    grows = path.startswith("feed/") and _page_of(_hosted(request, did)) == path
    headers = _OPEN_PAGE if grows else _CLOSED_FILE
    return answer_bytes(request, file.body, hash_tag(file.body), headers)


def _serve_bundle(request: web.Request, did: str) -> web.StreamResponse:
    path = request.app[NODE].bundle_path(did)
    if path is None or not path.is_file():
        raise _nothing_there()
    if not _can_be_met(request, path.stat().st_size):
        return answer_problem(request, bad_request(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE))
    answer = web.FileResponse(path, headers=_BUNDLE)
    # The file beside it is never a compressed one: what lies in the folder is what we wrote.
    answer.headers[hdrs.CONTENT_TYPE] = JSON_LINES
    return answer


def _can_be_met(request: web.Request, size: int) -> bool:
    """Whether the conditions and the range of a request can be read, and the range begins within the file.

    aiohttp looks at them when the answer is on its way, too late for one of ours, and fails at dates
    that no calendar has.
    """
    try:
        _ = request.if_modified_since, request.if_unmodified_since, request.if_range
        start = request.http_range.start or 0
    except (ValueError, OverflowError):
        return False
    return start < max(size, 1)


class _HeadPage(msgspec.Struct):
    page: str | None


_read_page_name = msgspec.json.Decoder(_HeadPage).decode


def _page_of(publisher: Publisher) -> str | None:
    return _read_page_name(publisher.head).page if publisher.head else None


def _hosted(request: web.Request, did: str) -> Publisher:
    publisher = request.app[NODE].ports.store.publisher(did)
    if publisher is None or not publisher.is_hosted:
        raise _nothing_there()
    return publisher


def _nothing_there() -> UnknownPage:
    return UnknownPage("there is nothing at this address")
