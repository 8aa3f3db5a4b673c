"""Translating: what this node itself says, in the language of whoever asks; English is the source.

Here: which languages there are, which one a request gets, `_` and `ngettext` for it, addresses that keep it.
Not here: texts of publishers, which come in the languages that they were written in (`languages`). What has no
translation is said in English. Catalogues are read when the first page asks for them.
Source: RFC 9110 12.5.4 (Accept-Language), GNU gettext (catalogues), Unicode CLDR by way of Babel (plural forms).
"""

from __future__ import annotations

import gettext as standard
import io
import re
from contextvars import ContextVar
from functools import cache
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from typing import Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

SOURCE: Final = "en"

LANGUAGES: Final = {"en": "English", "cy": "Cymraeg"}
"""Languages of this interface, each by its own name."""

PARAMETER: Final = "lang"
"""Of an address: asks for a language, whatever the browser prefers."""

_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})
_request: Final[ContextVar[web.BaseRequest | None]] = ContextVar("request", default=None)
_chosen: Final[ContextVar[str | None]] = ContextVar("language", default=None)
"""Found out at the first word of an answer, and asked for at each."""

_RANGE: Final = re.compile(
    r"\s*(?P<tag>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}|\*)"
    r"\s*(?:;\s*q\s*=\s*(?P<q>[01](?:\.[0-9]{0,3})?)\s*)?"
)
_HEADER_CHARACTERS: Final = 500
_RANGES: Final = 20

# Addresses of pages of ours, as the templates write them: what is escaped holds no quotation mark.
_LINK: Final = re.compile(
    r' (href|action)="(/(?!static/|api/|media/|widget|\.well-known/|/)[^"#]*)(#[^"]*)?"'
)
_FORM: Final = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>|<form\b(?![^>]*\bmethod=)[^>]*>')


def speak_with(request: web.BaseRequest) -> None:
    """From here on, in this task, what is said is said to whoever asked this."""
    _request.set(request)
    _chosen.set(None)


def asked_language(request: web.BaseRequest) -> str | None:
    """Say which language an address asks for; None where it names none that there is."""
    asked = request.query.get(PARAMETER)
    return asked if asked in LANGUAGES else None


def spoken() -> str:
    """Say in which language this node speaks now: of the address, else of the browser, else English."""
    found = _chosen.get()
    if found is None:
        request = _request.get()
        if request is None:
            return SOURCE
        found = asked_language(request) or _preferred(request)
        _chosen.set(found)
    return found


def _preferred(request: web.BaseRequest) -> str:
    for tag in read_languages(request.headers.get(hdrs.ACCEPT_LANGUAGE, "")):
        language = tag.partition("-")[0]
        if language in LANGUAGES:
            return language
    return SOURCE


def read_languages(header: str) -> tuple[str, ...]:
    """Read an Accept-Language header: tags in lower case, best first; nonsense is passed over."""
    found: list[tuple[float, str]] = []
    for part in header[:_HEADER_CHARACTERS].split(",")[:_RANGES]:
        match = _RANGE.fullmatch(part)
        if match is None or match["tag"] == "*":
            continue
        weight = float(match["q"] or 1)
        if weight > 0:
            found.append((-weight, match["tag"].lower()))
    found.sort(key=lambda one: one[0])  # stable: what came first stays first
    return tuple(tag for _, tag in found)


def direction() -> str:
    """Say in which direction the language of now is written: `ltr` or `rtl`."""
    return "rtl" if spoken() in _RIGHT_TO_LEFT else "ltr"


def _(message: str) -> str:
    """Say a message in the language of now."""
    return catalogue(spoken()).gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    """Say a message about so many in the language of now; the number is put in by whoever asks."""
    return catalogue(spoken()).ngettext(one, many, number)


@cache
def catalogue(language: str) -> standard.NullTranslations:
    """Read the catalogue of a language; English has none and needs none."""
    if language == SOURCE:
        return standard.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with catalogue_file(language).open("rb") as file:
        read = read_po(file, locale=language)
    # Nobody has reviewed them yet: what is marked as not certain is said all the same.
    compiled = io.BytesIO()
    write_mo(compiled, read, use_fuzzy=True)
    compiled.seek(0)
    return standard.GNUTranslations(compiled)


def catalogue_file(language: str) -> Traversable:
    """Name the file of a catalogue."""
    folder = package_files("localfed.web").joinpath("locale", language, "LC_MESSAGES")
    return folder.joinpath("localfed.po")


def other_languages(request: web.Request, *, is_error: bool = False) -> list[tuple[str, str, str]]:
    """Give the address of this page in each other language: tag, its own name, address.

    Of an error that of the first page: what was asked and is not there is not repeated.
    """
    if is_error:
        return [
            (tag, name, f"/?{PARAMETER}={tag}")
            for tag, name in LANGUAGES.items()
            if tag != spoken()
        ]
    kept = [(name, value) for name, value in request.query.items() if name != PARAMETER]
    return [
        (tag, name, f"{request.path}?{urlencode([*kept, (PARAMETER, tag)])}")
        for tag, name in LANGUAGES.items()
        if tag != spoken()
    ]


def stay_in_language(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Write the language that an address asks for into the one that its answer leads on to."""
    target, language = answer.headers.get(hdrs.LOCATION), asked_language(request)
    if target is not None and language is not None and target.startswith("/"):
        joint = "&" if "?" in target else "?"
        answer.headers[hdrs.LOCATION] = f"{target}{joint}{PARAMETER}={language}"
    return answer


def keep_language(page: str, language: str) -> str:
    """Write a language into every address of a page that leads to another page of this node."""
    page = _LINK.sub(lambda link: _with_language(link, language), page)
    return _FORM.sub(rf'\g<0><input type="hidden" name="{PARAMETER}" value="{language}">', page)


def _with_language(link: re.Match[str], language: str) -> str:
    name, address, fragment = link[1], link[2], link[3] or ""
    if f"{PARAMETER}=" in address:
        return link[0]
    joint = "&amp;" if "?" in address else "?"
    return f' {name}="{address}{joint}{PARAMETER}={language}{fragment}"'
