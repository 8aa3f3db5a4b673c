"""The report as people see it: a page with charts and tables, and the same figures as CSV.

Here: words and numbers for the page, the charts of a report. Not here: the figures (`app.report`), where bars go
(`charts`), JSON (`api_exchanges`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import hdrs, web

from localfed.app.report import RADIUS_KM, Line, Question, Report, Thing, read_question, write_csv
from localfed.app.values import Spot
from localfed.app.whereabouts import place_asked, tidy
from localfed.interop.vocabulary import Scheme, label_of
from localfed.protocol.errors import BadQuery
from localfed.web.answers import ASK_AGAIN, answer_bytes, hash_tag, headers_of
from localfed.web.book import BOOK
from localfed.web.cards import Reader, reader_of
from localfed.web.charts import Bar, Chart, draw_columns, draw_rows
from localfed.web.choices import radius_options, usual_radius
from localfed.web.languages import Said, say_date, say_distance, say_month
from localfed.web.node import NODE
from localfed.web.pages import answer_page
from localfed.web.telling import say_wrong
from localfed.web.translating import _, spoken

_CSV: Final = headers_of("text/csv; charset=utf-8", ASK_AGAIN)
_ROWS: Final = 12
"""Categories in a chart; the table has all that are told apart."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of the page asks for; empty strings for nothing."""

    since: str = ""
    until: str = ""
    near: str = ""
    radius: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a table."""

    name: Said
    exchanges: int
    organisations: int
    ties: int
    hours: str
    things: tuple[Thing, ...]


async def show_report(request: web.Request) -> web.Response:
    """Answer with what organisations gave each other."""
    reader, asked = reader_of(request), _read_asked(request)
    wrong, report, spot, status = None, None, None, 200
    try:
        spot = place_asked(request.app[NODE].ports.gazetteer, asked.near)
        report = await _report(request, asked, spot, reader)
    except BadQuery as error:
        wrong, status = say_wrong(error), error.status
    parts = {name: text for name, text in msgspec.structs.asdict(asked).items() if text}
    if parts.get("near"):
        parts.setdefault("radius", usual_radius(RADIUS_KM, reader))
    else:
        parts.pop("radius", None)
    query = f"?{urlencode(parts)}" if parts else ""
    answer = answer_page(
        request,
        "report.html",
        # What is no day would be complained of by the browser, not by us.
        asked=asked if report else msgspec.structs.replace(asked, since="", until=""),
        wrong=wrong,
        report=_with_words(report) if report else None,
        about=_about(report.asked, spot, reader) if report else "",
        is_narrow=report is not None and report.asked != Question(),
        hours=_number(report.hours) if report else "",
        most=_number(report.most_of_one_tie) if report else "",
        months=_rows(report.months, reader, is_months=True) if report else [],
        categories=_rows(report.categories, reader, is_months=False) if report else [],
        month_charts=month_charts(report) if report else [],
        category_charts=category_charts(report, reader.languages) if report else [],
        radius_options=radius_options(asked.radius or usual_radius(RADIUS_KM, reader), reader)[1:],
        csv_href=f"/report.csv{query}",
        json_href=f"/api/v1/report{query}",
    )
    if wrong:
        answer.set_status(status)
    return answer


async def show_csv(request: web.Request) -> web.Response:
    """Answer with the figures as a table.

    Raises:
        BadQuery: it cannot be understood; the message says which part.

    """
    asked = _read_asked(request)
    spot = place_asked(request.app[NODE].ports.gazetteer, asked.near)
    report = await _report(request, asked, spot, reader_of(request))
    # A mark, so that spreadsheets read the letters as they are.
    body = ("\ufeff" + write_csv(report)).encode()
    answer = answer_bytes(request, body, hash_tag(body), _CSV)
    answer.headers[hdrs.CONTENT_DISPOSITION] = 'attachment; filename="exchanges.csv"'
    return answer


def month_charts(report: Report) -> list[Chart]:
    """Draw hours, and exchanges, by month."""
    if not report.months:
        return []
    labels = [_short_month(one.name) for one in report.months]
    return _pair(report.months, labels, name="months")


def category_charts(report: Report, languages: Sequence[str]) -> list[Chart]:
    """Draw hours, and exchanges, by category: those with most."""
    lines = report.categories[:_ROWS]
    labels = [_category(one.name, languages).text for one in lines]
    return _pair(lines, labels, name="categories")


def _pair(lines: Sequence[Line], labels: list[str], *, name: str) -> list[Chart]:
    charts = []
    is_months = name == "months"
    draw = draw_columns if is_months else draw_rows
    hours = [
        Bar(label=label, value=Decimal(one.hours), said=_number(one.hours))
        for one, label in zip(lines, labels, strict=True)
    ]
    if any(bar.value for bar in hours):
        charts.append(
            draw(
                hours,
                name=f"{name}-hours",
                title=_("Hours by month") if is_months else _("Hours by category"),
                about=_say_chart(
                    _("Bars of hours by month, %(number)s in all; most for %(most)s: %(value)s.")
                    if is_months
                    else _(
                        "Bars of hours by category, %(number)s in all; most for %(most)s: %(value)s."
                    ),
                    hours,
                ),
                pattern="hatched",
            )
        )
    exchanges = [
        Bar(label=label, value=Decimal(one.exchanges), said=f"{one.exchanges:,}")
        for one, label in zip(lines, labels, strict=True)
    ]
    if exchanges:
        charts.append(
            draw(
                exchanges,
                name=f"{name}-exchanges",
                title=_("Exchanges by month") if is_months else _("Exchanges by category"),
                about=_say_chart(
                    _(
                        "Bars of exchanges by month, %(number)s in all; most for %(most)s: %(value)s."
                    )
                    if is_months
                    else _(
                        "Bars of exchanges by category, %(number)s in all; most for %(most)s: %(value)s."
                    ),
                    exchanges,
                ),
                pattern="dotted",
            )
        )
    return charts


def _say_chart(words: str, bars: list[Bar]) -> str:
    most = max(bars, key=lambda bar: bar.value)
    said = words % {"number": len(bars), "most": most.label, "value": most.said}
    return f"{said} {_('The table after it has the figures.')}"


async def _report(request: web.Request, asked: Asked, spot: Spot | None, reader: Reader) -> Report:
    question = read_question(
        since=asked.since,
        until=asked.until,
        near=spot.near if spot else None,
        # A radius without a place is what the form sends when the place was left empty.
        radius=(asked.radius or usual_radius(RADIUS_KM, reader)) if asked.near else None,
        now=reader.now,
    )
    return await request.app[BOOK].report(question, reader.now)


def _read_asked(request: web.Request) -> Asked:
    asked = {name: request.query.get(name, "").strip() for name in Asked.__struct_fields__}
    asked["near"] = tidy(asked["near"])
    return Asked(**asked)


def _about(question: Question, spot: Spot | None, reader: Reader) -> str:
    """Say what was asked, as a heading; the place by its name, as the search does."""
    since = say_date(question.since) if question.since else ""
    until = say_date(question.until) if question.until else ""
    if since and until:
        said = _("Confirmed from %(since)s to %(until)s") % {"since": since, "until": until}
    elif since:
        said = _("Confirmed since %(since)s") % {"since": since}
    elif until:
        said = _("Confirmed until %(until)s") % {"until": until}
    elif question.near is not None:
        said = _("Confirmed")
    else:
        said = _("All that is confirmed here")
    if spot is None or question.radius_km is None:
        return said
    where = _("within %(distance)s of %(place)s") % {
        "distance": say_distance(question.radius_km, miles=reader.miles),
        "place": spot.label,
    }
    return f"{said} {where}"


def _with_words(report: Report) -> Report:
    return msgspec.structs.replace(report, things=_things(report.things))


def _rows(lines: Sequence[Line], reader: Reader, *, is_months: bool) -> list[Row]:
    return [
        Row(
            name=Said(say_month(one.name), spoken())
            if is_months
            else _category(one.name, reader.languages),
            exchanges=one.exchanges,
            organisations=one.organisations,
            ties=one.ties,
            hours=_number(one.hours),
            things=_things(one.things),
        )
        for one in lines
    ]


def _things(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    return tuple(msgspec.structs.replace(one, quantity=_number(one.quantity)) for one in things)


def _category(name: str, languages: Sequence[str]) -> Said:
    if not name:
        return Said(_("Nothing said"), spoken())
    text, language = label_of(Scheme.CATEGORIES, name, languages)
    return Said(text, language or "und")


def _short_month(name: str) -> str:
    """Write `2026-04` as `Apr 2026`: two digits would be read as a day."""
    return f"{say_month(name)[:3]} {name[:4]}"


def _number(text: str) -> str:
    return f"{Decimal(text):,f}"
