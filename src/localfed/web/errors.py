"""Errors as answers: the one place where something that went wrong becomes a response.

Here: the wrapper that catches, RFC 9457 problems for programs, a friendly page for people,
preflight requests, expectations. Not here: the errors themselves (`protocol.errors`).
Source: RFC 9457 (problem details), the Fetch standard (preflight).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import HttpVersion11, hdrs, web

from localfed.protocol import limits
from localfed.protocol.errors import (
    LocalFedError,
    OverQuota,
    Refused,
    TooLarge,
    TooOften,
    Unavailable,
    WrongMethod,
)
from localfed.protocol.worded import Worded
from localfed.web.answers import COMMON, FRAMED_POLICY, HTML, PREFLIGHT_SECONDS, PROBLEM, headers_of
from localfed.web.node import NODE
from localfed.web.rendering import render
from localfed.web.telling import tell
from localfed.web.translating import speak_with, stay_in_language

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PROBLEM_TYPES: Final = "https://w3id.org/localfed/problems/"
"""Names of the kinds of problem: the code of the error follows. A name; nothing has to be there."""

_METHODS: Final = "GET, HEAD, OPTIONS"
"""Of all pages and files; an inbox takes POST as well, from programs alone: no browser may send one."""
_RETRY_SECONDS: Final = {Unavailable: "5", OverQuota: "60", TooOften: "3600"}
_SERVER_FAULT: Final = 500
_FRAMED: Final = ("/embed/organisations/", "/embed/documents/")

_NEXT: Final = {
    "unknown-document": "Give an id as /api/v1/search answers it; what was withdrawn or has expired is no longer there.",
    "unknown-organisation": "Give the SCID or the DID of an organisation as /api/v1/organisations lists it.",
    "link-over": "Nothing has to be done, unless you did not use it: then ask whoever runs this node.",
    "blocked": "Ask another node, or whoever runs this one.",
}
"""By code: what helps whoever writes a program, where the tree of errors speaks to operators at a terminal."""

_log = logging.getLogger("localfed.web")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What a program is told when something is wrong (RFC 9457), with what to do next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next: str


def answering(handler: Handler) -> Handler:
    """Wrap a handler: whatever goes wrong in it becomes a response here and nowhere else.

    A wrapper of each route, not a middleware of aiohttp, which costs every answer twice as much.
    """

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        speak_with(request)
        try:
            return stay_in_language(request, await handler(request))
        except ConnectionError:
            raise  # the client went away: nobody to answer, and no fault of ours
        except Exception as error:
            answer = _answer_error(request, error)
            if request.writer.output_size:
                # A second answer within the first would be read as a part of it.
                raise ConnectionError("the answer has begun") from error
            return answer

    return answer


def _answer_error(request: web.Request, error: Exception) -> web.StreamResponse:
    if isinstance(error, LocalFedError):
        if error.status >= _SERVER_FAULT:
            _log.warning("%s: %s %s", error.code, error.message, error.detail)
        return answer_problem(request, problem_of(error), error)
    if isinstance(error, web.HTTPException):
        return _answer_aiohttp(request, error)
    # The one place: a fault of ours is logged, never shown. Without the query: what people search for is
    # not logged.
    _log.error("%s %s failed", request.method, request.rel_url.raw_path, exc_info=error)
    return answer_problem(request, _internal())


async def answer_expectation(request: web.Request) -> web.StreamResponse | None:
    """Let a body come that the client asks about first; aiohttp's own refusal would say what it is.

    Not one that says by itself that it is too large: its handler refuses it before a byte has come.
    """
    if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue":
        return answer_problem(request, bad_request(HTTPStatus.EXPECTATION_FAILED))
    declared = request.content_length
    if request.version >= HttpVersion11 and (declared is None or declared <= limits.INBOX_BYTES):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
    return None


async def answer_other_methods(request: web.Request) -> web.StreamResponse:
    """Answer what no route answers: preflight requests, and methods that there are not.

    Raises:
        WrongMethod: always but for OPTIONS.

    """
    if request.method == hdrs.METH_OPTIONS:
        return _preflight()
    message = Worded("{method} is not possible here", method=request.method[:20])
    raise WrongMethod(message)


def problem_of(error: LocalFedError) -> Problem:
    """See an error of the tree as a problem."""
    kind = type(error)
    return Problem(
        type=PROBLEM_TYPES + kind.code,
        title=(kind.__doc__ or kind.__name__).splitlines()[0],
        status=kind.status,
        detail=error.message,
        code=kind.code,
        next=_NEXT.get(kind.code, kind.next_step),
    )


def answer_problem(
    request: web.BaseRequest, problem: Problem, error: LocalFedError | None = None
) -> web.Response:
    """Answer with a problem: as a page where a person is looking, else as JSON."""
    if isinstance(request, web.Request) and _is_for_people(request):
        answer = web.Response(
            status=problem.status,
            body=render(
                request,
                "error.html",
                problem=problem,
                told=tell(
                    code=problem.code,
                    status=problem.status,
                    title=problem.title,
                    message=error.wording if error is not None else problem.detail,
                ),
            ),
            headers=headers_of(HTML, "no-store"),
        )
        if request.path == "/embed" or request.path.startswith(_FRAMED):
            # A frame whose page must not be framed stays white.
            answer.headers["Content-Security-Policy"] = FRAMED_POLICY
    else:
        answer = plain_problem(problem)
    if isinstance(error, WrongMethod):
        answer.headers[hdrs.ALLOW] = _METHODS
    for kind, seconds in _RETRY_SECONDS.items():
        if isinstance(error, kind):
            answer.headers[hdrs.RETRY_AFTER] = seconds
    return answer


def plain_problem(problem: Problem) -> web.Response:
    """Answer with a problem as JSON."""
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(problem),
        headers=headers_of(PROBLEM, "no-store"),
    )


def _is_for_people(request: web.Request) -> bool:
    """Whether an error is read by a person: in a browser, and not on its way to a file or the API."""
    path = request.rel_url.raw_path
    if path.startswith(("/api/", "/.well-known/")) or path.endswith((".json", ".jsonl")):
        return False
    return "text/html" in request.headers.get(hdrs.ACCEPT, "") and NODE in request.app


def _answer_aiohttp(request: web.Request, error: web.HTTPException) -> web.Response:
    """Answer what aiohttp itself found wrong with a request."""
    if error.status < 400:  # noqa: PLR2004 - a redirect is no error
        raise error
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        ours = TooLarge("the request is too large")
        return answer_problem(request, problem_of(ours), ours)
    return answer_problem(request, _other_problem(error.status, error.reason))


def bad_request(status: int) -> Problem:
    """Say that what came was no HTTP, or more of it than allowed; nothing of it is repeated."""
    return _other_problem(status, "This is not a request that can be read.")


def _other_problem(status: int, title: str) -> Problem:
    if status >= _SERVER_FAULT:
        return _internal()
    return Problem(
        type=PROBLEM_TYPES + Refused.code,
        title=title,
        status=status,
        detail="The request cannot be answered as it was sent.",
        code=Refused.code,
        next="See /api/v1/openapi.json for what there is.",
    )


def _internal() -> Problem:
    """Say that the fault is ours, and nothing that helps an attacker."""
    return Problem(
        type=PROBLEM_TYPES + LocalFedError.code,
        title="Something went wrong on this node.",
        status=_SERVER_FAULT,
        detail="The fault is on this side; it was written to the node's own log.",
        code=LocalFedError.code,
        next="Try again later, and tell whoever runs this node if it stays.",
    )


def _preflight() -> web.Response:
    """Answer a preflight: any page may read anything public here, with conditional requests."""
    answer = web.Response(status=204, headers=dict(COMMON))
    answer.headers[hdrs.ALLOW] = _METHODS
    answer.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = _METHODS
    answer.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = "Accept, Content-Type, If-None-Match, Range"
    answer.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = PREFLIGHT_SECONDS
    return answer
