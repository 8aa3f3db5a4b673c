"""Another lister's entry of an organisation that is listed already, and what is different in it.

Here: numbers, points, websites, addresses, and all of them together. Names: `naming.py`.
"""

from __future__ import annotations

import math
import random
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from duplicates_noise.entries import PLATFORMS, Record, host, own_site, plain
from duplicates_noise.naming import renamed, stem

KM_PER_DEGREE = 111.195


def km_between(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Kilometres between two points, near enough within one country."""
    north = (two[0] - one[0]) * KM_PER_DEGREE
    east = (two[1] - one[1]) * KM_PER_DEGREE * math.cos(math.radians((one[0] + two[0]) / 2))
    return math.hypot(north, east)


def moved(point: tuple[float, float], km: float, rng: random.Random) -> tuple[float, float]:
    """A point that lies so many kilometres off, in any direction."""
    way = rng.uniform(0, 2 * math.pi)
    north = km * math.cos(way) / KM_PER_DEGREE
    east = km * math.sin(way) / KM_PER_DEGREE / math.cos(math.radians(point[0]))
    return round(point[0] + north, 6), round(point[1] + east, 6)


class Surroundings:
    """What a lister has about the country: middles of towns, and sites that many give as theirs."""

    def __init__(self, entries: Iterable[Record]) -> None:
        points = defaultdict(list)
        hosts: Counter[str] = Counter()
        for entry in entries:
            if entry.point:
                points[plain(entry.locality or "")].append(entry.point)
            hosts[host(entry.website)] += 1
        self._middles = {
            town: (
                round(statistics.median(lat for lat, _ in of_town), 6),
                round(statistics.median(lon for _, lon in of_town), 6),
            )
            for town, of_town in points.items()
            if town and len(of_town) >= 5
        }
        self.shared = [
            name
            for name, count in sorted(hosts.items())
            if count >= 10 and name and name not in PLATFORMS
        ]

    def middle(self, entry: Record, rng: random.Random) -> tuple[float, float] | None:
        """Where a geocoder puts an entry of which it knows the town alone."""
        if entry.point is None:
            return None
        known = self._middles.get(plain(entry.locality or ""))
        return known or moved(entry.point, rng.uniform(1.5, 6), rng)


def slug(name: str, rng: random.Random) -> str:
    words = [word for word in plain(stem(name)).split() if word != "the"]
    return rng.choice(["", "-"]).join(words[: rng.choice([2, 3, 4])]) or "us"


def number_typed(record: Record, rng: random.Random) -> tuple[Record, set[str]]:
    """The registration number as typed; left out by about half."""
    if not record.identifiers:
        return record, set()
    (scheme, number), luck = record.identifiers[0], rng.random()
    label = "number: as it is"
    if luck < 0.5:
        return msgspec.structs.replace(record, identifiers=()), {"number: missing"}
    if luck < 0.62 and number.startswith("0"):
        number, label = number.lstrip("0"), "number: without zeros"
    elif luck < 0.74:
        at = rng.randint(2, len(number) - 1)
        forms = [f"{number[:at]} {number[at:]}", f" {number}", f"{number} ", number.lower()]
        number, label = rng.choice(forms), "number: spaces and case"
    elif luck < 0.76:
        scheme = "GB-COH" if scheme == "GB-MPR" else "GB-MPR"
        label = "number: other register"
    elif luck < 0.78:
        at = rng.randint(0, len(number) - 2)
        number = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        label = "number: digits swapped"
    if ((scheme, number),) == record.identifiers:
        label = "number: as it is"
    return msgspec.structs.replace(record, identifiers=((scheme, number),)), {label}


def placed(record: Record, rng: random.Random, around: Surroundings) -> tuple[Record, set[str]]:
    """The point as another lister found it."""
    luck, point, label = rng.random(), record.point, "point: as it is"
    if point is None:
        return record, set()
    if luck < 0.08:
        point, label = None, "point: missing"
    elif luck < 0.22:
        point, label = (round(point[0], 3), round(point[1], 3)), "point: 3 decimals"
    elif luck < 0.34:
        point, label = (round(point[0], 2), round(point[1], 2)), "point: 2 decimals"
    elif luck < 0.60:
        point, label = moved(point, rng.uniform(0.03, 0.5), rng), "point: some 100 m off"
    elif luck < 0.72:
        point, label = around.middle(record, rng), "point: middle of the town"
    elif luck < 0.75:
        point, label = moved(point, rng.uniform(0.8, 3), rng), "point: other premises"
    latitude, longitude = point or (None, None)
    return msgspec.structs.replace(record, latitude=latitude, longitude=longitude), {label}


def linked(record: Record, rng: random.Random, around: Surroundings) -> tuple[Record, set[str]]:
    """The website as another lister gives it."""
    luck, site = rng.random(), record.website
    page = f"https://{rng.choice(['www.', ''])}facebook.com/{slug(record.name, rng)}"
    other = f"https://{slug(record.name, rng)}{rng.choice(['.org.uk', '.coop', '.co.uk', '.uk'])}"
    if site is None or not host(site):
        if luck < 0.75:
            return msgspec.structs.replace(record, website=None), set()
        new, label = (page, "platform") if luck < 0.9 else (other, "new")
    elif luck < 0.28:
        new, label = None, "missing"
    elif luck < 0.36:
        new, label = page, "platform"
    elif luck < 0.39:
        new, label = (
            rng.choice(["https://www.facebook.com/", "http://facebook.com"]),
            "bare platform",
        )
    elif luck < 0.45:
        new, label = other, "other domain"
    elif luck < 0.50 and around.shared:
        new, label = f"http://www.{rng.choice(around.shared)}", "of a federal body"
    elif luck < 0.60 and host(site) not in PLATFORMS:
        new = (
            f"https://{host(site)}/{rng.choice(['about', 'contact-us', 'home.html', 'index.php'])}"
        )
        label = "path"
    elif luck < 0.86:
        rest = re.sub(r"^https?://(www\.)?", "", site).rstrip("/")
        start = rng.choice(["http://", "https://", "http://www.", "https://www.", "www.", ""])
        new, label = start + rest + rng.choice(["", "/"]), "written otherwise"
        if new == site:
            label = "as it is"
    else:
        new, label = site, "as it is"
    return msgspec.structs.replace(record, website=new), {f"website: {label}"}


def addressed(record: Record, rng: random.Random) -> tuple[Record, set[str]]:
    """Street, locality and postcode as another lister writes them."""
    street, locality, postcode = record.street, record.locality, record.postcode
    labels, luck = set(), rng.random()
    if luck < 0.18:
        street, locality, labels = None, None, {"address: missing"}
    elif luck < 0.34:
        street, labels = None, {"address: town only"}
    elif luck < 0.52 and street:
        words = [("Road", "Rd"), ("Street", "St."), ("Avenue", "Ave"), ("Lane", "Ln"), (", ", " ")]
        for long, short in words:
            street = street.replace(long, short)
        labels = {"address: abbreviated"} if street != record.street else set()
    if postcode:
        luck = rng.random()
        if luck < 0.2:
            postcode, labels = None, labels | {"postcode: missing"}
        elif luck < 0.35:
            written = [
                postcode.replace(" ", ""),
                postcode.lower(),
                postcode.lower().replace(" ", ""),
            ]
            postcode, labels = rng.choice(written), labels | {"postcode: written otherwise"}
        elif luck < 0.41:
            postcode, labels = postcode.split()[0], labels | {"postcode: first half only"}
        elif luck < 0.45:
            letter = rng.choice([x for x in "ABDEFGHJLNPQRSTUWXYZ" if x != postcode[-1]])
            postcode, labels = postcode[:-1] + letter, labels | {"postcode: wrong letter"}
    return (
        msgspec.structs.replace(record, street=street, locality=locality, postcode=postcode),
        labels,
    )


def can_be_told(entry: Record, labels: set[str], before: Record) -> bool:
    """Whether a person with both entries could see that they mean the same organisation."""
    number = bool(entry.identifiers) and "number: digits swapped" not in labels
    same_site = own_site(entry.website) is not None and host(entry.website) == host(before.website)
    door = bool(entry.postcode) and not labels & {
        "postcode: first half only",
        "postcode: wrong letter",
    }
    near = (
        entry.point is not None
        and before.point is not None
        and km_between(entry.point, before.point) < 1
    )
    if number or same_site:
        return True
    if "name: initials" in labels:
        return False
    return door or near or (bool(entry.locality) and "name: cut short" not in labels)


def another_entry(
    record: Record, rng: random.Random, around: Surroundings, *, careful: bool
) -> tuple[Record, frozenset[str]]:
    """What another lister enters of the organisation of `record`, and what is different."""
    while True:
        name, labels = renamed(record.name, record.locality, rng, careful=careful)
        entry, of_number = number_typed(record, rng)
        entry, of_point = placed(entry, rng, around)
        entry, of_site = linked(entry, rng, around)
        entry, of_address = addressed(entry, rng)
        entry = msgspec.structs.replace(entry, name=name)
        labels = labels or {"name: as it is"}
        labels |= of_number | of_point | of_site | of_address
        if can_be_told(entry, labels, record):
            return entry, frozenset(labels)
