"""Answers that are bytes: ETags, conditional requests, and the headers that every answer carries.

Here: what files, API and pages have in common. Not here: errors (`errors`).
Source: RFC 9110 (ETag, If-None-Match), the Fetch standard (CORS), RFC 8288 (Link).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
LINKED_JSON: Final = "application/ld+json"
"""Signed documents: JSON-LD, though nobody has to know that to read them."""
JSON_LINES: Final = "application/jsonl"
GEO_JSON: Final = "application/geo+json"
HTML: Final = "text/html; charset=utf-8"

ASK_AGAIN: Final = "no-cache"
"""May be kept, must be asked about: an unchanged file then costs a 304."""
FOR_EVER: Final = "public, max-age=172800, immutable"
"""Never changes under its name; the time is how long replaced feed files are kept (48 h)."""
A_DAY: Final = "public, max-age=86400"

LOCALFED_LINK: Final = '</.well-known/localfed.json>; rel="localfed"'

# Nothing is allowed to load or run anything, except our one style sheet and our icon on our own pages.
# JSON needs no policy: with nosniff no browser takes it for a page, and each header costs time.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
FRAMED_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'none'; "
    "frame-ancestors *; base-uri 'none'"
)
"""Of embeds, which alone may be framed, and send no forms."""
_PAGE_HEADERS: Final = (
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "no-referrer"),
)
# Scripts of other sites may read these too. Files of the protocol are named by their digests, so
# whoever reads them needs no header; and each header costs time.
_EXPOSED: Final = ((hdrs.ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link, Retry-After"),)
_FOR_PROGRAMS: Final = (JSON, PROBLEM, GEO_JSON)
# XML is a page too, to a browser.
_SCRIPTABLE: Final = (
    HTML,
    "image/svg+xml",
    "application/atom+xml; charset=utf-8",
    "application/xml; charset=utf-8",
)

PREFLIGHT_SECONDS: Final = "86400"

COMMON: Final = (
    (hdrs.SERVER, "localfed"),
    (hdrs.ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ("X-Content-Type-Options", "nosniff"),
)
"""On every answer, errors too. There are no cookies, so everybody may read everything public."""


def headers_of(content_type: str, cache: str) -> CIMultiDict[str]:
    """Make the headers of one kind of answer; copied for each, so made once."""
    return CIMultiDict(
        (
            *COMMON,
            *(_EXPOSED if content_type in _FOR_PROGRAMS else ()),
            *(_PAGE_HEADERS if content_type in _SCRIPTABLE else ()),
            (hdrs.CONTENT_TYPE, content_type),
            (hdrs.CACHE_CONTROL, cache),
        )
    )


def scripted_headers_of() -> CIMultiDict[str]:
    """Make the headers of a page that loads a script of ours, and none from elsewhere."""
    headers = headers_of(HTML, ASK_AGAIN)
    headers["Content-Security-Policy"] = f"{_POLICY}; script-src 'self'"
    return headers


def framed_headers_of() -> CIMultiDict[str]:
    """Make the headers of a page that stands in frames on pages of others: it alone may."""
    headers = headers_of(HTML, ASK_AGAIN)
    headers["Content-Security-Policy"] = FRAMED_POLICY
    # What it shows has pages of its own, which are to be found in its place.
    headers["X-Robots-Tag"] = "noindex"
    return headers


def framing_headers_of() -> CIMultiDict[str]:
    """Make the headers of the page that shows an embed in a frame, and asks for itself anew while one types."""
    headers = headers_of(HTML, ASK_AGAIN)
    more = "script-src 'self'; connect-src 'self'; frame-src 'self'"
    headers["Content-Security-Policy"] = f"{_POLICY}; {more}"
    return headers


def policy_of_map(images: Sequence[str]) -> str:
    """Write the policy of a page with a map: scripts and data of ours, and pictures of these hosts too."""
    pictures = " ".join(("img-src 'self'", *images))
    policy = _POLICY.replace("img-src 'self'", pictures)
    return f"{policy}; script-src 'self'; connect-src 'self'"


def allow_scripts(answer: web.Response) -> None:
    """Let a page load scripts of ours, and these ask this node; nothing from elsewhere."""
    answer.headers["Content-Security-Policy"] = policy_of_map(())


def hash_tag(body: bytes) -> str:
    """Name bytes for an ETag, where no digest of them is at hand."""
    return sha256(body).hexdigest()[:32]


def answer_bytes(
    request: web.Request, body: bytes, tag: str, headers: CIMultiDict[str]
) -> web.Response:
    """Answer with these bytes, or 304 where the client says that it holds them.

    `tag` names the bytes (no quotes in it); `headers` is not changed.
    """
    answer = web.Response(body=body, headers=headers)
    answer.headers[hdrs.ETAG] = f'"{tag}"'
    held = request.headers.get(hdrs.IF_NONE_MATCH)
    # A quoted tag cannot be part of another one, and comparing weakly is right here (RFC 9110 13.1.2).
    if held is not None and (f'"{tag}"' in held or held.strip() == "*"):
        answer.body = None
        answer.set_status(304)
    return answer
