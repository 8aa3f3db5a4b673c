"""Commands that import other people's tables: import csv, import geojson."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import click
import msgspec

from localfed.app import imports, organisations
from localfed.interop.csv_table import read_csv
from localfed.interop.geojson import read_geojson
from localfed.interop.mapping import Mapping, describe_mapping, mapping_from_json, mapping_to_json
from localfed.interop.records import ImportTable, TableReport
from localfed.protocol.errors import BadTable
from localfed.server.commands.own import as_option
from localfed.server.console import (
    Progress,
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    read_file,
    say,
)
from localfed.server.wiring import open_node

_TABLE_BYTES = 500_000_000
_MAPPING_BYTES = 1_000_000
_FIELDS_SHOWN = 20
_UNKNOWN = "und"

Reader: TypeAlias = Callable[..., ImportTable]


@click.group("import")
def import_() -> None:
    """List the organisations of somebody's table, with its source."""


def _add(name: str, reader: Reader, what: str) -> None:
    @import_.command(name, help=f"List the organisations of a {what} file.")
    @click.argument("file", metavar="FILE|-")
    @data_option
    @as_option
    @click.option("--mapping", metavar="FILE", help="Which column means what (docs/run/import.md).")
    @click.option(
        "--withdraw-missing",
        is_flag=True,
        help="Withdraw what an earlier import had and this lacks.",
    )
    @click.option(
        "--with-withdrawn",
        is_flag=True,
        help="List again what was withdrawn by hand.",
    )
    @click.option("--guess", is_flag=True, help="Print the mapping, to be edited; import nothing.")
    @json_option
    @command
    async def run(
        file: str,
        folder: str,
        organisation: str | None,
        mapping: str | None,
        withdraw_missing: bool,
        with_withdrawn: bool,
        guess: bool,
        as_json: bool,
    ) -> None:
        given = None
        if mapping is not None:
            given = mapping_from_json(read_file(mapping, limit_bytes=_MAPPING_BYTES))
        async with open_node(Path(folder)) as node:
            publisher = organisations.the_hosted(node.ports.store, organisation)
            table = _read(reader, file, given, node.language_of(publisher))
            if guess:
                say(mapping_to_json(table.mapping).decode())
                return
            progress = Progress("publishing")
            try:
                done = await imports.import_table(
                    node.ports,
                    publisher.did,
                    table,
                    withdraw_missing=withdraw_missing,
                    with_withdrawn=with_withdrawn,
                    progress=progress,
                )
            finally:
                progress.close()
            by_address = imports.count_by_address(node.ports.gazetteer, table.records)
        _answer(table, done, by_address, as_json=as_json)


def _answer(table: ImportTable, done: imports.Imported, by_address: int, *, as_json: bool) -> None:
    _tell(table.report, by_address)
    if not as_json:
        _say(done)
        return
    said = {"imported": done, "source": table.source, "report": table.report}
    print_json({**said, "by_address": by_address})


def _say(done: imports.Imported) -> None:
    say(
        f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.withdrawn} withdrawn"
    )
    if done.left_out:
        say(f"{done.left_out} were withdrawn by hand and stay away (--with-withdrawn)")
    if done.missing > done.withdrawn:
        say(f"{done.missing} of an earlier import are not in this file (--withdraw-missing)")


def _read(reader: Reader, file: str, given: Mapping | None, language: str) -> ImportTable:
    data = read_file(file, limit_bytes=_TABLE_BYTES)
    table = reader(data, file_name=Path(file).name, mapping=given)
    if table.language == _UNKNOWN and reader is read_csv:
        # A plain string means the organisation's language, as in a draft. GeoJSON of many
        # countries is many languages: there it stays unknown.
        told = msgspec.structs.replace(table.mapping, language=language)
        table = reader(data, file_name=Path(file).name, mapping=told)
    for line in describe_mapping(table.mapping):
        note(line)
    if table.source.license is None:
        note(
            "the licence of this source is not known; a mapping file can say it (docs/run/import.md)"
        )
    if not table.records:
        message = "no row of the file gave a record; nothing was changed"
        raise BadTable(message)
    return table


def _tell(report: TableReport, by_address: int) -> None:
    """Tell on stderr what did not go through as it stood."""
    for sentence in report.notes:
        note(sentence)
    for field in report.fields[:_FIELDS_SHOWN]:
        note(f"line {field.line}: {field.column or 'row'}: {field.value!r}: {field.reason}")
    if len(report.fields) > _FIELDS_SHOWN:
        note(f"… and {len(report.fields) - _FIELDS_SHOWN} more; --json has them all")
    for title, counts in (
        ("left out", report.left_out),
        ("mended", report.mended),
        ("noted", report.noted),
        ("personal, left out", report.personal),
    ):
        if counts:
            told = ", ".join(f"{one.what} {one.count}" for one in counts)
            note(f"{title}: {told}")
    note(
        f"{counted(report.rows, 'row')}, {counted(report.records, 'record')}, {report.without_point} without a point, "
        f"{by_address} of those found by their postcode or town"
    )


_add("csv", read_csv, "CSV")
_add("geojson", read_geojson, "GeoJSON")
