"""The gazetteer itself: what somebody typed, found among the codes and names that this node has.

Here: postcodes in any spelling, names in any, suggestions while typing, near misses. Not here: what is done where
several places have one name (`app.whereabouts`). Nothing that is asked is kept.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cached_property
from math import cos, hypot, radians
from pathlib import Path
from typing import Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from localfed.app.ports import Gazetteer
from localfed.app.values import PlaceSource, Point, Spot
from localfed.gazetteer.files import Shelf, edition_of, open_shelf
from localfed.interop.place_file import Codes, Name, Packed
from localfed.interop.postcode import OUTWARD, SECTOR, read_codes, write_code

UNIT_KM: Final = 0.1
"""How far off a full postcode is taken to be: some fifteen addresses."""

NAME_KM: Final = 2.0
"""How far off a named place is: its middle, and where somebody means."""

_WITH_POSTCODES: Final = "GB"
_TYPED: Final = 80
_LONG: Final = 8
_SHORT: Final = 4
_WORDS: Final = {"st": "saint", "&": "and"}
_DEGREE_KM: Final = 111.2
_AREA: Final = 2
_FAR_MORE: Final = 5
_TOWN: Final = 20_000
_OUTWARDS: Final = 400  # sectors that begin with two letters


class OfflinePlaces(Gazetteer):
    """Places from files. The names are read at the first question about one (2 MB)."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take a data folder, whose files of places are used beside those of the package."""
        self._folder = folder

    @cached_property
    def _shelf(self) -> Shelf:
        return open_shelf(self._folder)

    @cached_property
    def _names(self) -> tuple[list[str], dict[str, list[tuple[Name, str]]]]:
        """Hold every name, folded: in order, and what it names, the most peopled first."""
        found: dict[str, list[tuple[Name, str]]] = defaultdict(list)
        for header, names in self._shelf.names:
            for one in names:
                for written in dict.fromkeys(map(fold_name, (one.name, *one.also))):
                    if written:
                        found[written].append((one, header.country))
        for rows in found.values():
            rows.sort(key=lambda row: -row[0].population)
        return sorted(found), found

    def code(self, text: str) -> Spot | None:
        """Find a postcode, or as much of one as is known."""
        typed = text.strip()[:_TYPED]
        for key in read_codes(typed):
            for codes in self._shelf.codes:
                if codes.header.country == _WITH_POSTCODES:
                    found = _find_postcode(codes, key)
                    if found is not None:
                        return found
        plain = "".join(typed.upper().split())
        for codes in self._shelf.codes:
            if codes.header.country != _WITH_POSTCODES and plain.isascii():
                group = codes.group(plain)
                if group is not None:
                    return _spot(group, group.key, codes)
        return None

    def named(self, text: str) -> list[Spot]:
        """Find the places of a name, perhaps with its region: the most peopled first."""
        whole, beside = _apart(text.strip()[:_TYPED])
        found = self._rows(whole)
        if not found and not beside:
            first, _, last = fold_name(whole).rpartition(" ")
            found = [row for row in self._rows(first) if fold_name(row[0].region) == last]
        elif not found:
            # "Leith, Edinburgh", where only the second is known: that is nearer than nothing.
            found, beside = self._rows(beside[0]), beside[1:]
        for part in beside:
            found = self._beside(found, part)
        return self._told_apart(found)

    def _rows(self, text: str) -> list[tuple[Name, str]]:
        """Find what has a name; what only begins with it where that is far more peopled: Newcastle (upon Tyne)."""
        ordered, names = self._names
        folded = fold_name(text)
        exact = names.get(folded, [])
        most = exact[0][0].population if exact else 0
        larger: list[tuple[Name, str]] = []
        for at in range(bisect_left(ordered, folded + " "), len(ordered)):
            if not folded or not ordered[at].startswith(folded + " "):
                break
            larger += [
                row
                for row in names[ordered[at]]
                if exact and row[0].population > _FAR_MORE * max(most, 1)
            ]
        larger.sort(key=lambda row: -row[0].population)
        return list(dict.fromkeys(larger + exact))

    def _beside(self, rows: list[tuple[Name, str]], text: str) -> list[tuple[Name, str]]:
        """Keep what lies in a region; else put first what lies nearest to a place of that name."""
        wanted = fold_name(text)
        within = [row for row in rows if wanted and fold_name(row[0].region).startswith(wanted)]
        if within:
            return within
        there = self._rows(text)
        if not there:
            return rows
        middle = there[0][0]
        return sorted(rows, key=lambda row: _apart_km(row[0], middle))

    def _told_apart(self, rows: list[tuple[Name, str]]) -> list[Spot]:
        """Give places; of those with one name and region all but the first say which town they are near."""
        seen: Counter[str] = Counter()
        spots = []
        for row in rows:
            spot = _named(*row)
            seen[spot.label] += 1
            if seen[spot.label] > 1:
                label = f"{spot.label} (near {self._town_near(row[0])})"
                spot = msgspec.structs.replace(spot, label=label)
            spots.append(spot)
        return spots

    def _town_near(self, one: Name) -> str:
        towns = (
            other
            for _, names in self._shelf.names
            for other in names
            if other.population > _TOWN and other.name != one.name
        )
        return min(towns, key=lambda other: _apart_km(one, other)).name

    def beginning(self, text: str, limit: int) -> list[Spot]:
        """Suggest places whose name or code begins so: codes in order, names the most peopled first."""
        typed = text.strip()[:_TYPED]
        folded = fold_name(typed)
        if not folded:
            return []
        ordered, names = self._names
        rows: dict[str, tuple[Name, str]] = {}
        for at in range(bisect_left(ordered, folded), len(ordered)):
            if not ordered[at].startswith(folded):
                break
            for row in names[ordered[at]]:
                rows.setdefault(_named(*row).label, row)
        spots = self._codes_beginning(typed, limit)
        best = sorted(rows.values(), key=lambda row: (-row[0].population, row[0].name))
        named = [_named(*row) for row in best]
        # A letter or two are more often the beginning of a name.
        return (named + spots if typed.isalpha() else spots + named)[:limit]

    def like(self, text: str, limit: int) -> list[Spot]:
        """Suggest places whose name is nearly so."""
        folded = fold_name(text[:_TYPED])
        if len(folded) < _SHORT:
            return []
        ordered, names = self._names
        most = 2 if len(folded) >= _LONG else 1
        close = process.extract(
            folded, ordered, scorer=OSA.distance, score_cutoff=most, limit=4 * limit
        )
        rows = [(distance, row) for written, distance, _ in close for row in names[written][:2]]
        rows.sort(key=lambda one: (one[0], -one[1][0].population))
        spots = {spot.label: spot for spot in (_named(*row) for _, row in rows)}
        return list(spots.values())[:limit]

    def edition(self) -> str:
        """Name the files that are used in one word: another where one is added, taken away or replaced."""
        return edition_of(self._folder)

    def sources(self) -> list[PlaceSource]:
        """Say whence all of it comes."""
        headers = [one.header for one in self._shelf.codes] + [one for one, _ in self._shelf.names]
        return [
            PlaceSource(
                country=one.country,
                kind=("units" if one.rows else "codes") if one.kind == "codes" else "names",
                title=one.title,
                licence=one.licence,
                attribution=one.attribution,
                edition=one.edition,
                entries=one.rows or one.groups,
            )
            for one in headers
        ]

    def damaged(self) -> tuple[str, ...]:
        """Name the files that cannot be read and are passed over."""
        return self._shelf.damaged

    def _codes_beginning(self, typed: str, limit: int) -> list[Spot]:
        """Suggest outward codes for the beginning of one; a code that is whole enough itself."""
        plain = "".join(typed.upper().split())
        is_area = plain.isalpha() and len(plain) <= _AREA
        if not is_area and not (plain[:1].isalpha() and any(map(str.isdigit, plain))):
            return []
        known = self.code(typed)
        if known is not None and len(plain) > OUTWARD:
            return [known]
        outwards: dict[str, None] = {}
        for codes in self._shelf.codes:
            if codes.header.country == _WITH_POSTCODES:
                for group in codes.beginning(plain, _OUTWARDS):
                    outwards.setdefault(group.key[:OUTWARD].strip(), None)
        found = [self.code(one) for one in sorted(outwards, key=lambda one: (len(one), one))]
        return [one for one in found if one is not None][:limit]


def fold_name(text: str) -> str:
    """Write a name in one way: no accents, no case, no punctuation, "St" and "Saint" alike."""
    plain = unicodedata.normalize("NFKD", text[:200].casefold())
    letters = "".join(
        letter if letter.isalnum() or letter == "&" else " "
        for letter in plain.replace("'", "").replace("\u2019", "")
        if not unicodedata.combining(letter)
    )
    return " ".join(_WORDS.get(word, word) for word in letters.split())


def _apart(text: str) -> tuple[str, list[str]]:
    """Take apart a name and what is written beside it: "Newport, Wales", "Newport (near Telford)", "nr Leeds"."""
    parts = [part for part in re.split(r"[,()]", text) if part.strip()]
    plain = [re.sub(r"^\s*(?:near|nr\.?)\s+", "", part, flags=re.IGNORECASE) for part in parts]
    return (plain[0], plain[1:]) if plain else ("", [])


def _apart_km(one: Name, other: Name) -> float:
    north = one.latitude - other.latitude
    east = (one.longitude - other.longitude) * cos(radians(one.latitude))
    return hypot(north, east) * _DEGREE_KM


def _find_postcode(codes: Codes, key: str) -> Spot | None:
    """Find a key: the unit, else its sector; an outward code as the middle of its sectors."""
    if len(key) > SECTOR:
        unit = codes.code(key[:SECTOR], key[SECTOR:])
        if unit is not None:
            return _spot(unit, write_code(key), codes, UNIT_KM)
    if len(key) >= SECTOR:
        sector = codes.group(key[:SECTOR])
        return _spot(sector, write_code(key[:SECTOR]), codes) if sector else None
    sectors = codes.beginning(key, _OUTWARDS)
    if not sectors:
        # "W1" is W1A to W1W.
        short = key.strip()
        sectors = [
            one for one in codes.beginning(short, _OUTWARDS) if one.key[len(short) :][:1].isalpha()
        ]
    if not sectors:
        return None
    count = len(sectors)
    middle = Point(
        sum(one.latitude for one in sectors) / count, sum(one.longitude for one in sectors) / count
    )
    radius = max(one.radius_km for one in sectors) * (1 if count == 1 else 2)
    return Spot(
        label=write_code(key),
        point=middle,
        radius_km=radius,
        kind="code",
        country=codes.header.country,
    )


def _spot(found: Packed, label: str, codes: Codes, radius_km: float | None = None) -> Spot:
    return Spot(
        label=label,
        point=Point(found.latitude, found.longitude),
        radius_km=max(found.radius_km, UNIT_KM) if radius_km is None else radius_km,
        kind="code",
        country=codes.header.country,
    )


def _named(one: Name, country: str) -> Spot:
    return Spot(
        label=f"{one.name}, {one.region}" if one.region else one.name,
        point=Point(one.latitude, one.longitude),
        radius_km=NAME_KM,
        kind="name",
        country=country,
        population=one.population,
    )
