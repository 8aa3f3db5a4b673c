"""What stands in the co-operatives file, as a lister would have entered it: one record for a row.

Here: the record, and reading both editions. Not here: any change to a record (`noise.py`).
"""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

SEED = "duplicates-1"

# The file has no numbers of the mutuals register. This share of the societies is given a made-up one.
SOCIETIES_WITH_NUMBER = 0.4

# One address there is a page of one's own, but the host says nothing.
PLATFORMS = {
    "facebook.com",
    "instagram.com",
    "linktr.ee",
    "pitchero.com",
    "sites.google.com",
    "twitter.com",
}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of one lister: all that a matcher is given."""

    name: str
    identifiers: tuple[tuple[str, str], ...] = ()  # (scheme, number): GB-COH or GB-MPR
    latitude: float | None = None
    longitude: float | None = None
    postcode: str | None = None
    website: str | None = None
    street: str | None = None
    locality: str | None = None

    @property
    def address(self) -> str:
        """The address in one line, without the postcode."""
        return ", ".join(part for part in (self.street, self.locality) if part)

    @property
    def point(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that exists once, with the entry that its first lister made."""

    id: str  # the Co-operatives UK identifier, or `made-...`
    entry: Record
    like: str | None = None  # made to look like this one
    how: str | None = None  # in which way it does (`lookalikes.py`)


def chance(*about: object) -> random.Random:
    """A source of chance for one thing alone: adding another thing changes nothing here."""
    return random.Random("/".join([SEED, *map(str, about)]))


def host(website: str | None) -> str:
    """The host of an address, without `www.` and the language of the platform's reader."""
    name = (urlsplit(website).hostname or "") if website and "//" in website else ""
    if name.endswith(".facebook.com"):
        return "facebook.com"
    return name.removeprefix("www.")


def own_site(website: str | None) -> str | None:
    """Host and path of a website that is no page of a platform."""
    if not website or not host(website) or host(website) in PLATFORMS:
        return None
    return (host(website) + urlsplit(website).path.lower()).rstrip("/")


def plain(text: str) -> str:
    """Letters and digits in small letters: to see whether two names are the same text."""
    return " ".join(re.findall(r"\w+", text.lower()))


def mutuals_number(rng: random.Random, taken: set[str]) -> str:
    """A made-up number of the shape that the mutuals register gives; no other has it."""
    while True:
        number = rng.choice(
            [
                f"{rng.randint(1000, 32999)}R",
                f"{rng.randint(1000, 2999)}RS",
                f"{rng.randint(7000, 8999)}CBS",
                f"{rng.randint(3000, 9499)}",
            ]
        )
        if number not in taken:
            taken.add(number)
            return number


def _text(row: dict[str, str], column: str) -> str | None:
    return " ".join(row[column].replace("\n", ", ").split()) or None


def _number(row: dict[str, str], column: str) -> float | None:
    return float(row[column]) if row[column].strip() else None


def read_2023(data: Path) -> list[Organisation]:
    """The rows of the 2023 edition, in the order of the file."""
    path = data / "coops-uk" / "standard.Q2-2023.postcodes.csv"
    taken: set[str] = set()
    organisations = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rng = chance("number", row["Identifier"])
            identifiers: tuple[tuple[str, str], ...] = ()
            if number := _text(row, "Companies House Number"):
                identifiers = (("GB-COH", number),)
            elif row["Legal Form"] == "Society" and rng.random() < SOCIETIES_WITH_NUMBER:
                identifiers = (("GB-MPR", mutuals_number(rng, taken)),)
            entry = Record(
                name=_text(row, "Name") or "",
                identifiers=identifiers,
                latitude=_number(row, "Geo Container Latitude"),
                longitude=_number(row, "Geo Container Longitude"),
                postcode=_text(row, "Postcode"),
                website=_text(row, "Website"),
                street=_text(row, "Street Address"),
                locality=_text(row, "Locality"),
            )
            organisations.append(Organisation(id=row["Identifier"], entry=entry))
    return organisations


def without_made_up_numbers(organisations: list[Organisation]) -> list[Organisation]:
    """The same with the numbers of Companies House alone, as they stand in the file."""
    return [
        msgspec.structs.replace(
            one,
            entry=msgspec.structs.replace(
                one.entry,
                identifiers=tuple(pair for pair in one.entry.identifiers if pair[0] == "GB-COH"),
            ),
        )
        for one in organisations
    ]


def read_2017(data: Path, *, trading: bool) -> list[Organisation]:
    """The 17 rows of the 2017 sample, under their registered or their trading names."""
    path = data / "coops-uk" / "small" / "open_data_organisations.csv"
    schemes = {"FCA": "GB-MPR", "Companies House": "GB-COH"}
    organisations = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            scheme, number = schemes.get(row["Registrar"]), _text(row, "Registered Number")
            entry = Record(
                name=_text(row, "Trading Name" if trading else "Registered Name") or "",
                identifiers=((scheme, number),) if scheme and number else (),
                postcode=_text(row, "Registered Postcode"),
                street=_text(row, "Registered Street"),
                locality=_text(row, "Registered City"),
            )
            organisations.append(Organisation(id=row["CUK Organisation ID"], entry=entry))
    return organisations
