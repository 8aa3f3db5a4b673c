"""Asking and correcting, for people without a node: a form without scripts or cookies, and the same for programs.

Here: showing the form, limits before anything is read, the page behind a one-time link. Not here: where it goes
(`app.enquiries`). Nothing of what a visitor writes is logged, and no address of theirs is kept but in memory, for the limits.
"""

from __future__ import annotations

from math import ceil
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from aiohttp import hdrs, web

from localfed.app import enquiries
from localfed.app.enquiries import Way
from localfed.app.enquiry_port import Desk, EnquiryKind
from localfed.app.values import Publisher, StoredDocument
from localfed.app.visitor_words import NAME_CHARACTERS, TEXT_CHARACTERS, Asked
from localfed.protocol.errors import (
    BadEnquiry,
    CannotAsk,
    TooOften,
    UnknownDocument,
)
from localfed.protocol.worded import Worded
from localfed.web.answers import COMMON, HTML, JSON, headers_of
from localfed.web.bodies import read_body
from localfed.web.cards import Reader, is_listed, make_origin, reader_of
from localfed.web.contacting import make_reach
from localfed.web.errors import answer_problem, problem_of
from localfed.web.form_tokens import FormTokens, Judgement
from localfed.web.languages import Said
from localfed.web.node import DIRECTORY, NODE
from localfed.web.rendering import render
from localfed.web.telling import say_message
from localfed.web.throttle import Throttle
from localfed.web.translating import _, spoken
from localfed.web.views import (
    Shown,
    form_of,
    is_hidden,
    live_document,
    origin_of,
    page_of,
    read_shown,
)

FORM_BYTES: Final = 65_536
"""4,000 characters of four bytes each, percent-encoded, and the other fields."""

EACH: Final = (8, 1 / 600)
"""Sent at once from one address, and then one in ten minutes: a family asks a few things in an evening."""

TOGETHER: Final = (60, 1 / 20)
"""The same of all addresses together: far more than a town asks, far less than would fill a mailbox."""

FORMS: Final = web.AppKey("FORMS", FormTokens)
VISITORS: Final = web.AppKey("VISITORS", Throttle)

TRAP: Final = "website"
"""A field that people do not see and programs fill in."""

_FIELDS_MAX: Final = 20
_PAGE: Final = headers_of(HTML, "no-store")
_ANSWER: Final = headers_of(JSON, "no-store")
_FORM: Final = "application/x-www-form-urlencoded"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about."""

    publisher: Publisher
    document: StoredDocument
    record: Shown


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the fields of the form."""

    kind: EnquiryKind = EnquiryKind.QUESTION
    text: str = ""
    name: str = ""
    reply_to: str = ""


class Posted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program posts."""

    about: str
    text: str
    kind: str = EnquiryKind.QUESTION
    name: str = ""
    reply_to: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a program is answered."""

    way: Way


async def show_form(request: web.Request) -> web.Response:
    """Answer with the form, or with the thanks for what was sent.

    Raises:
        UnknownOrganisation, UnknownDocument, Expired: by name.

    """
    subject = _subject_of(request)
    sent = request.query.get("sent", "")
    way = Way(sent) if sent in set(Way) else None
    kind = _kind_or(request.query.get("kind", ""), EnquiryKind.QUESTION)
    return _answer_form(request, subject, Filled(kind=kind), way)


async def take_form(request: web.Request) -> web.StreamResponse:
    """Answer the form that was sent: on to the thanks, or the form once more with what is wrong.

    Raises:
        UnknownOrganisation, UnknownDocument, Expired, TooLarge, TooLate, BadEnquiry: by name.

    """
    wait = request.app[VISITORS].wait_of(request)
    if wait:
        return _too_often(request, wait)
    subject = _subject_of(request)
    fields = _read_fields(request, await read_body(request, FORM_BYTES))
    # What says neither comes back as what can do more: only a correction takes a listed record off.
    fallback = EnquiryKind.CORRECTION if is_listed(subject.record) else EnquiryKind.QUESTION
    filled = Filled(
        kind=_kind_or(fields.get("kind", ""), fallback),
        text=fields.get("text", ""),
        name=fields.get("name", ""),
        reply_to=fields.get("email", ""),
    )
    token, now = fields.get("token", ""), request.app[NODE].ports.clock.now()
    judged = request.app[FORMS].judge(token, subject.document.id, now)
    node = request.app[NODE]
    way = enquiries.way_to(node.ports, subject.publisher, desk_of(request)) or Way.TRAY
    if judged is Judgement.USED or fields.get(TRAP):
        # Sent twice by an impatient finger; or by a program, which learns nothing.
        return _on_to_thanks(request, filled.kind, way)
    if judged is not Judgement.GOOD:
        why = (
            _(
                "That was very quick. Please look at it once more and send it again in a few seconds."
            )
            if judged is Judgement.TOO_SOON
            else _(
                "This form was open for a long time. Please send it again; nothing of it is lost."
            )
        )
        return _answer_form(request, subject, filled, wrong=Said(why, spoken()), status=400)
    # Before anything is waited for: who sends it twice at once sends it once. What is refused comes back with a new token.
    request.app[FORMS].use_up(token)
    try:
        _kind(fields.get("kind", ""))
        way = await enquiries.take(
            node.ports, _asked(subject.document.id, filled), desk_of(request)
        )
    except (BadEnquiry, CannotAsk, TooOften) as error:
        return _answer_form(
            request, subject, filled, wrong=say_message(error.wording), status=error.status
        )
    return _on_to_thanks(request, filled.kind, way)


async def take_post(request: web.Request) -> web.StreamResponse:
    """Answer what a program posts: 202 once it is on disk.

    Raises:
        BadEnquiry, CannotAsk, TooOften, UnknownDocument, TooLarge, TooLate: by name.

    """
    wait = request.app[VISITORS].wait_of(request)
    if wait:
        return _too_often(request, wait)
    # A page of another site can post without asking, but not this type: browsers ask first, and are told no.
    if request.content_type != JSON:
        raise BadEnquiry(Worded("post JSON, as {type}", type=JSON))
    try:
        posted = msgspec.json.decode(await read_body(request, FORM_BYTES), type=Posted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = "that is not the JSON that is described in /api/v1/openapi.json"
        raise BadEnquiry(message) from error
    asked = Asked(
        kind=_kind(posted.kind),
        about=posted.about,
        text=posted.text,
        name=posted.name,
        reply_to=posted.reply_to,
    )
    way = await enquiries.take(request.app[NODE].ports, asked, desk_of(request))
    body = msgspec.json.encode(Taken(way=way))
    return web.Response(status=202, body=body, headers=_ANSWER)


async def show_withdrawal(request: web.Request) -> web.Response:
    """Answer behind a one-time link: what it would withdraw. Looking changes nothing; programs look at mail, too.

    Raises:
        LinkOver, UnknownDocument: by name.

    """
    reader = reader_of(request)
    asked_for = enquiries.link_of(
        request.app[NODE].ports.store, request.match_info["secret"], reader.now
    )
    return _answer(request, "withdraw.html", title=_title(asked_for.document, reader), done=False)


async def take_withdrawal(request: web.Request) -> web.StreamResponse:
    """Withdraw what a one-time link stands for.

    Raises:
        LinkOver, UnknownDocument: by name; nothing was changed.

    """
    wait = request.app[VISITORS].wait_of(request)
    if wait:
        return _too_often(request, wait)
    reader, ports = reader_of(request), request.app[NODE].ports
    asked_for = enquiries.link_of(ports.store, request.match_info["secret"], reader.now)
    title = _title(asked_for.document, reader)
    await enquiries.withdraw(ports, asked_for)
    return _answer(request, "withdraw.html", title=title, done=True)


def desk_of(request: web.Request) -> Desk:
    """Say which node a visitor writes at."""
    node = request.app[NODE]
    return Desk(
        name=node.name,
        url=origin_of(node.url),
        language=node.language,
        sends_messages=node.passes_on,
    )


def _subject_of(request: web.Request) -> Subject:
    publisher = request.app[DIRECTORY].with_scid(request.match_info["scid"])
    document = live_document(request, publisher.did, request.match_info["path"] + ".json")
    record = read_shown(document)
    if record is None or is_hidden(publisher, request.app[NODE].ports.clock.now()):
        message = "that is not shown here"
        raise UnknownDocument(message)
    return Subject(publisher=publisher, document=document, record=record)


def _read_fields(request: web.Request, body: bytes) -> dict[str, str]:
    if request.content_type != _FORM:
        message = "a form is sent as browsers send one"
        raise BadEnquiry(message)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except (ValueError, UnicodeDecodeError) as error:
        message = "that form cannot be read"
        raise BadEnquiry(message) from error
    return dict(pairs)


def _kind(text: str) -> EnquiryKind:
    """Read what a visitor wants. Taken for a question, a correction would never reach the button that withdraws."""
    try:
        return EnquiryKind(text)
    except ValueError as error:
        message = "say of which kind it is: kind is question or correction"
        raise BadEnquiry(message) from error


def _kind_or(text: str, fallback: EnquiryKind) -> EnquiryKind:
    return EnquiryKind(text) if text in set(EnquiryKind) else fallback


def _asked(about: str, filled: Filled) -> Asked:
    return Asked(
        kind=filled.kind,
        about=about,
        text=filled.text,
        name=filled.name,
        reply_to=filled.reply_to,
    )


def _on_to_thanks(request: web.Request, kind: EnquiryKind, way: Way) -> web.Response:
    target = f"{request.rel_url.raw_path}?kind={kind.value}&sent={way.value}"
    return web.Response(status=303, headers={**dict(COMMON), hdrs.LOCATION: target})


def _answer_form(
    request: web.Request,
    subject: Subject,
    filled: Filled,
    sent: Way | None = None,
    *,
    wrong: Said | None = None,
    status: int = 200,
) -> web.Response:
    node, reader = request.app[NODE], reader_of(request)
    answer = _answer(
        request,
        "enquiry.html",
        title=_title(subject.document, reader),
        origin=make_origin(request, subject.publisher, reader),
        reach=make_reach(request, subject.publisher.did, reader),
        form_href=form_of(subject.document),
        page_href=page_of(subject.document.did, subject.document.path),
        source_href=subject.publisher.base,
        is_listed=is_listed(subject.record),
        way=enquiries.way_to(node.ports, subject.publisher, desk_of(request)),
        filled=filled,
        is_correction=filled.kind is EnquiryKind.CORRECTION,
        token=request.app[FORMS].make(subject.document.id, reader.now),
        trap=TRAP,
        limits={"text": TEXT_CHARACTERS, "name": NAME_CHARACTERS},
        kept_days=enquiries.KEPT_DAYS,
        wrong=wrong,
        sent=sent,
    )
    answer.set_status(status)
    return answer


def _answer(request: web.Request, template: str, **values: object) -> web.Response:
    answer = web.Response(body=render(request, template, **values), headers=_PAGE)
    # A form is no place to be found by a search, and a one-time link less.
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    return answer


def _title(document: StoredDocument, reader: Reader) -> object:
    record = read_shown(document)
    assert record is not None
    return reader.choose(record.name, record.language)


def _too_often(request: web.Request, seconds: float) -> web.StreamResponse:
    error = TooOften(
        "this node takes only so much from one place; go back, and what you wrote is still there"
    )
    answer = answer_problem(request, problem_of(error), error)
    answer.headers[hdrs.RETRY_AFTER] = str(ceil(seconds))
    return answer
