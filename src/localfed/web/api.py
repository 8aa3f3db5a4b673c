"""The JSON API, apart from search: organisations, documents, identities, the node itself.

Here: /api/v1/ without its search (`api_search`). Bodies are made from stored bytes: a document in an
answer is what its publisher signed, byte for byte. docs/openapi.json describes all of it.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files as package_files
from typing import Any, Final

import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict

from localfed.app.contacts import contact_of
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, Publisher
from localfed.protocol.did import split_id
from localfed.protocol.document import CONTACT_PATH, ORGANISATION_PATH, is_possible_path
from localfed.protocol.errors import BadCursor, BadDid, BadQuery, UnknownDocument
from localfed.protocol.organisation import Organization
from localfed.web.answers import (
    A_DAY,
    ASK_AGAIN,
    JSON,
    JSON_LINES,
    LINKED_JSON,
    answer_bytes,
    hash_tag,
    headers_of,
)
from localfed.web.languages import choose
from localfed.web.node import DIRECTORY, NODE, Node
from localfed.web.pictures import PictureAnswer, picture_answers
from localfed.web.views import (
    TALLY,
    Counts,
    Relation,
    checked_at,
    is_confirmed,
    live_document,
    origin_of,
    own_record,
    page_of,
    raw_json,
    relation_of,
    shown_publishers,
    voucher_of,
)

LIMIT: Final = 20
LIMIT_MAX: Final = 100
_LIMIT_DIGITS: Final = 3

ANSWER: Final = headers_of(JSON, ASK_AGAIN)
_DOCUMENT: Final = headers_of(LINKED_JSON, ASK_AGAIN)
_LOG: Final = headers_of(JSON_LINES, ASK_AGAIN)
_DESCRIPTION: Final = headers_of(JSON, A_DAY)
_CURSOR_CHARACTERS: Final = 9
_encode: Final = msgspec.json.Encoder().encode


class VoucherAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose partner a publisher is."""

    did: str
    scid: str
    name: str
    host: str


class PublisherAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who published something, as far as a result of a search says it."""

    did: str
    scid: str
    name: str
    host: str
    url: str
    """Its website if it says one, else BASE."""
    relation: Relation
    via: VoucherAnswer | None
    """Whose partner it is, where that alone is why it is here."""


class HomeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the identity of a publisher was found at its home."""

    confirmed: str | None
    """When its log was last found there; null: never yet."""
    problem: str | None
    """Code of what was wrong there at the last look."""


class OrganisationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A publisher that this node hosts or follows."""

    did: str
    scid: str
    name: str
    host: str
    base: str
    url: str
    relation: Relation
    via: VoucherAnswer | None
    counts: Counts
    checked: str | None
    """When its home last answered well."""
    confirmed: bool
    """Whether its newest head still holds."""
    closed: bool
    home: HomeAnswer
    source: str | None
    """Where it was last read well: its BASE, or its folder on a mirror."""
    keys_changed: str | None
    """When a change of its keys was last seen."""
    problem: str | None
    """Code of what went wrong at the last poll."""
    page: str
    identity: str
    """Its identity log, as this node holds it."""
    document: msgspec.Raw | None
    """Its own record, as it signed it."""
    contact: msgspec.Raw | None
    """How it is reached, as it signed it; null where it does not say so now."""
    pictures: tuple[PictureAnswer, ...]
    """Its sign, where our copy of it is here."""


class OrganisationsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of publishers."""

    total: int
    organisations: tuple[OrganisationAnswer, ...]
    next: str | None


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the node is: for monitoring, nothing that is not public."""

    status: str
    name: str
    url: str
    version: str
    versions: tuple[str, ...]
    hosted: int
    followed: int
    documents: int
    wanted: int
    rejected: int
    log_position: int
    index_position: int


def answer_json(
    request: web.Request, value: object, headers: CIMultiDict[str] = ANSWER
) -> web.Response:
    """Answer with a struct of ours as JSON."""
    body = _encode(value)
    return answer_bytes(request, body, hash_tag(body), headers)


def read_limit(request: web.Request) -> int:
    """Read how many results are wanted.

    Raises:
        BadQuery: not a number from 1 to the most.

    """
    text = request.query.get("limit", str(LIMIT))
    is_number = text.isascii() and text.isdigit() and len(text) <= _LIMIT_DIGITS
    if not (is_number and 1 <= int(text) <= LIMIT_MAX):
        message = f"limit is a number from 1 to {LIMIT_MAX}"
        raise BadQuery(message)
    return int(text)


def next_link(request: web.Request, cursor: str) -> str:
    """Write the Link header of the page after this one (RFC 8288)."""
    target = request.rel_url.update_query(cursor=cursor)
    return f'<{target}>; rel="next"'


async def list_organisations(request: web.Request) -> web.Response:
    """Answer with the publishers of this node, oldest first."""
    node, limit = request.app[NODE], read_limit(request)
    cursor = request.query.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _CURSOR_CHARACTERS):
        message = "that cursor is not of this list"
        raise BadCursor(message)
    start, now = int(cursor), node.ports.clock.now()
    publishers = shown_publishers(node.ports.store)
    shown = publishers[start : start + limit]
    more = str(start + limit) if start + limit < len(publishers) else None
    answer = answer_json(
        request,
        OrganisationsAnswer(
            total=len(publishers),
            organisations=tuple(organisation_answer(request, one, now) for one in shown),
            next=more,
        ),
    )
    if more is not None:
        answer.headers[hdrs.LINK] = next_link(request, more)
    return answer


async def show_organisation(request: web.Request) -> web.Response:
    """Answer with one publisher.

    Raises:
        UnknownOrganisation: neither hosted nor followed here.

    """
    publisher = request.app[DIRECTORY].with_scid(request.match_info["scid"])
    now = request.app[NODE].ports.clock.now()
    return answer_json(request, organisation_answer(request, publisher, now))


async def show_document(request: web.Request) -> web.Response:
    """Answer with the stored bytes of a document, named by publisher and path.

    Raises:
        UnknownOrganisation, UnknownDocument, Expired: by name.

    """
    publisher = request.app[DIRECTORY].with_scid(request.match_info["scid"])
    return _answer_document(request, publisher.did, request.match_info["path"])


async def find_document(request: web.Request) -> web.Response:
    """Answer with the stored bytes of a document, named by its id.

    Raises:
        BadQuery: no id was given.
        UnknownDocument, Expired: by name.

    """
    document_id = request.query.get("id")
    if not document_id:
        message = "give the id of a document: ?id=did:webvh:..."
        raise BadQuery(message)
    try:
        did, path = split_id(document_id)
    except BadDid as error:
        message = "that is not the id of a document"
        raise UnknownDocument(message, detail=error.message) from error
    return _answer_document(request, did, path)


async def show_identity(request: web.Request) -> web.Response:
    """Answer with the identity log of a publisher, as this node holds it.

    Raises:
        UnknownOrganisation: neither hosted nor followed here.

    """
    log = request.app[DIRECTORY].with_scid(request.match_info["scid"]).log
    return answer_bytes(request, log, hash_tag(log), _LOG)


async def show_status(request: web.Request) -> web.Response:
    """Answer with how the node is."""
    node = request.app[NODE]
    counts = node.ports.store.counts()
    status = StatusAnswer(
        status="ok",
        name=node.name,
        url=node.url,
        version=node.version,
        versions=("1.0",),
        hosted=counts.publishers_hosted,
        followed=counts.publishers_followed,
        documents=counts.documents_live,
        wanted=counts.documents_wanted,
        rejected=counts.documents_rejected,
        log_position=counts.log_position,
        index_position=node.ports.index.position(),
    )
    return answer_json(request, status)


async def show_description(request: web.Request) -> web.Response:
    """Answer with the description of the API itself (OpenAPI 3.1)."""
    body = _description()
    return answer_bytes(request, body, hash_tag(body), _DESCRIPTION)


@cache
def _description() -> bytes:
    return package_files("localfed.web").joinpath("static/openapi.json").read_bytes()


def _answer_document(request: web.Request, did: str, path: str) -> web.Response:
    if not is_possible_path(path):
        message = "there is no such document here"
        raise UnknownDocument(message)
    document = live_document(request, did, path)
    return answer_bytes(request, document.body or b"", document.digest, _DOCUMENT)


def publisher_answer(node: Node, publisher: Publisher) -> PublisherAnswer:
    """Say who a publisher is, for a result of a search."""
    reads = node.ports.store
    record, voucher = own_record(reads, publisher.did), voucher_of(reads, publisher)
    return PublisherAnswer(
        did=publisher.did,
        scid=publisher.scid,
        name=_name_of(record, publisher),
        host=publisher.host,
        url=(record.url if record else None) or publisher.base,
        relation=relation_of(publisher),
        via=voucher_answer(reads, voucher) if voucher is not None else None,
    )


def voucher_answer(reads: Reads, voucher: Publisher) -> VoucherAnswer:
    """Say who a publisher is, in short."""
    return VoucherAnswer(
        did=voucher.did,
        scid=voucher.scid,
        name=_name_of(own_record(reads, voucher.did), voucher),
        host=voucher.host,
    )


def _name_of(record: Organization | None, publisher: Publisher) -> str:
    return choose(record.name, (), record.language).text if record else publisher.host


def organisation_answer(
    request: web.Request, publisher: Publisher, now: datetime
) -> OrganisationAnswer:
    """Say everything that is known of a publisher."""
    node = request.app[NODE]
    said = publisher_answer(node, publisher)
    record = node.ports.store.document(publisher.did, ORGANISATION_PATH)
    body = record.body if record and record.state is DocumentState.LIVE else None
    is_reached = contact_of(node.ports.store, publisher.did, now) is not None
    contact = node.ports.store.document(publisher.did, CONTACT_PATH) if is_reached else None
    known: dict[str, Any] = msgspec.structs.asdict(said)
    return OrganisationAnswer(
        **known,
        base=publisher.base,
        counts=request.app[TALLY].of(publisher.did),
        checked=checked_at(publisher, now),
        confirmed=is_confirmed(publisher, now),
        closed=publisher.is_closed,
        home=_home_answer(publisher, now),
        source=publisher.base if publisher.is_hosted else publisher.source,
        keys_changed=publisher.keys_changed,
        problem=publisher.problem,
        page=origin_of(node.url) + page_of(publisher.did, ORGANISATION_PATH),
        identity=f"{origin_of(node.url)}/api/v1/identities/{publisher.scid}",
        document=raw_json(body),
        contact=raw_json(contact.body) if contact else None,
        pictures=picture_answers(node.ports.store, record, origin_of(node.url)) if record else (),
    )


def _home_answer(publisher: Publisher, now: datetime) -> HomeAnswer:
    if publisher.is_hosted:
        return HomeAnswer(confirmed=checked_at(publisher, now), problem=None)
    return HomeAnswer(confirmed=publisher.home.confirmed, problem=publisher.home.problem)
