"""The command that adds up what organisations gave each other: report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from localfed.app.report import Line, Report, make_report, read_question, write_csv
from localfed.app.whereabouts import place_asked
from localfed.protocol.errors import BadFile
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    say,
)
from localfed.server.wiring import open_node
from localfed.web.rendering import render_chart
from localfed.web.reporting import category_charts, month_charts


@click.command()
@data_option
@click.option("--since", metavar="DATE", help="Only what ended on this day or later, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="Only what ended on this day or before.")
@click.option("--near", metavar="PLACE", help="Only where one of the two is near this place.")
@click.option(
    "--radius", metavar="KM", help="How near, in kilometres: 10 if not given.", default=None
)
@click.option("--csv", "table", metavar="FILE", help="Write the figures as a table; - is stdout.")
@click.option("--svg", "pictures", metavar="DIR", help="Write the charts into this folder.")
@json_option
@command
async def report(
    folder: str,
    since: str | None,
    until: str | None,
    near: str | None,
    radius: str | None,
    table: str | None,
    pictures: str | None,
    as_json: bool,
) -> None:
    """Add up what organisations gave each other: only what both sides say alike is counted."""
    async with open_node(Path(folder)) as node:
        now = node.ports.clock.now()
        place = place_asked(node.ports.gazetteer, near)
        near = place.near if place else None
        question = read_question(since=since, until=until, near=near, radius=radius, now=now)
        found = make_report(node.ports.store, node.ports.gazetteer, question, now)
        languages = (node.settings.language,)
    if table is not None:
        _write_table(table, found)
    if pictures is not None:
        _draw(Path(pictures), found, languages)
    if as_json:
        print_json(found)
    elif table is None and pictures is None:
        _tell(found)


def _write_table(table: str, found: Report) -> None:
    text = write_csv(found)
    if table == "-":
        say(text.replace("\r\n", "\n").rstrip("\n"))
        return
    _write(Path(table), text.encode())
    note(f"figures: {table}")


def _draw(folder: Path, found: Report, languages: Sequence[str]) -> None:
    charts = [*month_charts(found), *category_charts(found, languages)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror}"
        raise BadFile(message) from error
    for chart in charts:
        _write(folder / f"{chart.name}.svg", render_chart(chart))
    note(f"{counted(len(charts), 'chart')} in {folder}")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise BadFile(message) from error


def _tell(found: Report) -> None:
    say(
        f"{counted(found.hours, 'hour')} in {counted(found.exchanges, 'confirmed exchange')}, "
        f"{counted(found.organisations, 'organisation')}, {counted(found.ties, 'tie')}"
    )
    for thing in found.things:
        say(f"  {thing.quantity} {thing.unit}")
    for title, lines in (("by month", found.months), ("by category", found.categories)):
        if lines:
            say(title)
        for line in lines:
            say(f"  {line.name or '(nothing said)'}: {_in_words(line)}")


def _in_words(line: Line) -> str:
    things = "".join(f", {one.quantity} {one.unit}" for one in line.things)
    return f"{counted(line.exchanges, 'exchange')}, {counted(line.hours, 'hour')}{things}"
