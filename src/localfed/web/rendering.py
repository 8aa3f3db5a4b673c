"""Rendering: templates to bytes, with everything escaped.

Here: the template environment, made when the first page is asked for (jinja2 costs memory).
Not here: what pages show (`pages`, `cards`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web
from markupsafe import Markup

from localfed.web import translating
from localfed.web.charts import Chart
from localfed.web.languages import say_day
from localfed.web.node import NODE

ERROR: Final = "error.html"
"""The page of whatever went wrong."""

_CREATIVE_COMMONS: Final = re.compile(
    r"https?://creativecommons\.org/"
    r"(?:licenses/(?P<terms>[a-z-]{2,8})/(?P<version>[0-9.]{1,4})|(?P<zero>publicdomain/zero/1\.0))"
    r"/?(?:deed\.[a-z-]{2,8}|legalcode)?"
)

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("localfed.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    # They look at whose request it is when they are called: one environment speaks every language.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translating._,
        translating.ngettext,
        newstyle=True,
    )
    environment.globals["_"] = _say
    environment.filters["host"] = _host
    environment.filters["day"] = say_day
    environment.filters["sentence"] = _sentence
    environment.filters["number"] = _number
    environment.filters["licence"] = _licence
    environment.filters["coordinate"] = _coordinate
    return environment


def _say(message: str, **values: object) -> Markup:
    """Say a message, its values escaped; most have none: the library's own way would look for them 200 times a page."""
    said = Markup(translating._(message))  # noqa: S704 - ours, and what is filled in is escaped
    return said % values if values or "%" in said else said


def render(request: web.Request, template: str, **values: object) -> bytes:
    """Render a template for a request; `node` is always there."""
    page = (
        _environment()
        .get_template(template)
        .render(
            node=request.app[NODE],
            language=translating.spoken(),
            direction=translating.direction(),
            other_languages=translating.other_languages(request, is_error=template == ERROR),
            **values,
        )
    )
    asked = translating.asked_language(request)
    return (translating.keep_language(page, asked) if asked else page).encode()


def render_chart(chart: Chart) -> bytes:
    """Render a chart as a file of its own."""
    return _environment().get_template("chart.svg").render(chart=chart).encode()


def _host(url: str) -> str:
    """Name the host of a URL: what is shown of a link to elsewhere."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _sentence(text: str) -> str:
    """Write a message of the tree as a sentence."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _licence(url: str) -> str:
    """Name a licence of Creative Commons as people know it; empty for any other."""
    match = _CREATIVE_COMMONS.fullmatch(url)
    if match is None:
        return ""
    return "CC0" if match["zero"] else f"CC {match['terms'].upper()} {match['version']}"


def _number(value: int) -> str:
    return f"{value:,}"


def _coordinate(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
