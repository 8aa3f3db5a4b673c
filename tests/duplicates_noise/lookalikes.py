"""Organisations that are made to look like one of the file, and are others: what must not be folded.

The file is full of such neighbours of its own (one building for 35 housing co-operatives, one website for 46
markets); these come on top, so that every way is there in number and with a known answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec

from duplicates_noise.entries import Organisation, Record, chance, mutuals_number, own_site, plain
from duplicates_noise.naming import LEGAL, stem, trading_name
from duplicates_noise.noise import km_between, moved, slug

BASES_OF_EACH = 130

ARMS = ["Trading", "Enterprises", "Services", "Foundation", "Property", "Supporters Trust"]
KINDS = [
    "Allotment Society",
    "Bakery Co-operative",
    "Bell Ringers Guild",
    "Car Share Club",
    "Community Laundry",
    "Cycle Workshop",
    "Food Hub",
    "Men's Shed",
    "Nursery Co-operative",
    "Printmakers Co-operative",
    "Repair Café",
    "Seed Library",
    "Tool Library",
    "Woodland Co-operative",
]


class Maker:
    """Makes others out of one: each way takes the base and gives one or more."""

    def __init__(self, organisations: list[Organisation]) -> None:
        self._entries = [one.entry for one in organisations if one.entry.point]
        self._words = [
            (frozenset(plain(trading_name(entry.name)).split()), entry) for entry in self._entries
        ]
        self._names = {plain(stem(one.entry.name)) for one in organisations}
        self._numbers = {number for one in organisations for _, number in one.entry.identifiers}

    def numbered(self, rng: random.Random, share: float) -> tuple[tuple[str, str], ...]:
        if rng.random() >= share:
            return ()
        return (("GB-MPR", mutuals_number(rng, self._numbers)),)

    def elsewhere(self, base: Record, rng: random.Random, least: float, most: float) -> Record:
        """A real address so many kilometres off, of another town."""
        assert base.point
        for _ in range(20_000):
            place = rng.choice(self._entries)
            assert place.point
            apart = least <= km_between(base.point, place.point) <= most
            if apart and place.postcode and place.locality and place.locality != base.locality:
                return place
        raise LookupError("no place that far from the base")

    def is_taken(self, name: str, place: Record) -> bool:
        """Whether one near that place has the name but for a word: it might be that very one."""
        assert place.point
        words = frozenset(plain(trading_name(name)).split())
        return any(
            len(words ^ theirs) <= 2
            and (other.locality == place.locality or km_between(place.point, other.point) < 25)
            for theirs, other in self._words
            if other.point
        )

    def trading_arm(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """The charity's shop, the club's bar: same door, mostly the same website."""
        name = f"{stem(base.name)} {rng.choice(ARMS)} Limited"
        yield msgspec.structs.replace(
            base,
            name=name if rng.random() < 0.8 else f"Friends of {stem(base.name)}",
            identifiers=self.numbered(rng, 0.7),
            website=base.website if rng.random() < 0.8 else None,
        )

    def same_town(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """Nearly the same name in the same town, each with a number of its own."""
        assert base.point
        bare, legal = stem(base.name), (LEGAL.search(base.name) or ["Limited"])[0].strip()
        tail = rng.choice(["2", "No. 2", "(2015)", "Phase 2", "North", "Juniors", "West"])
        new = f"{bare} {tail} {legal}" if rng.random() < 0.75 else f"New {bare} {legal}"
        latitude, longitude = moved(base.point, rng.uniform(0.1, 2.5), rng)
        outward = (base.postcode or "").split()[0]
        site = f"https://{slug(new, rng)}.org.uk" if rng.random() < 0.3 else None
        yield Record(
            name=new,
            identifiers=self.numbered(rng, 1),
            latitude=latitude,
            longitude=longitude,
            postcode=f"{outward} {rng.randint(1, 9)}{rng.choice('ABDEF')}{rng.choice('GHJLN')}",
            website=rng.choice([site, base.website]) if rng.random() < 0.5 else site,
            street=f"{rng.randint(1, 90)} {rng.choice(['Mill', 'Church', 'Station'])} Road",
            locality=base.locality,
        )

    def branch(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """Societies of one chain, registered each for itself: one name, one website, many places."""
        towns: set[str] = set()
        for _ in range(2):
            place = self.elsewhere(base, rng, 4, 60)
            form = rng.choice(["{} ({})", "{} {}", "{} - {}"])
            name = form.format(stem(base.name), place.locality)
            town = plain(place.locality or "")
            if town in towns or self.is_taken(name, place):
                raise LookupError("that town has one of that name")
            towns.add(town)
            yield msgspec.structs.replace(
                place,
                name=name,
                identifiers=self.numbered(rng, 0.5),
                website=base.website,
            )

    def namesake(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """The same name in another part of the country."""
        place = self.elsewhere(base, rng, 60, 900)
        site = f"https://{slug(base.name, rng)}.uk" if rng.random() < 0.3 else None
        name = base.name if rng.random() < 0.6 else f"{stem(base.name)} Society Limited"
        if self.is_taken(name, place):
            raise LookupError("that town has one of that name")
        yield msgspec.structs.replace(
            place, name=name, identifiers=self.numbered(rng, 0.5), website=site
        )

    def similar_elsewhere(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """A name that differs in the name of the town alone, in that town."""
        place = self.elsewhere(base, rng, 10, 150)
        assert base.locality
        assert place.locality
        name = base.name.replace(base.locality, place.locality)
        if self.is_taken(name, place):
            raise LookupError("that town has one of that name")
        yield msgspec.structs.replace(
            place,
            name=name,
            identifiers=self.numbered(rng, 0.5),
            website=base.website if rng.random() < 0.2 else None,
        )

    def same_building(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """Another tenant of the same house, named after the same town."""
        yield msgspec.structs.replace(
            base,
            name=self._called_after(base.locality or "", rng),
            identifiers=self.numbered(rng, 0.5),
            website=base.website if rng.random() < 0.3 else None,
        )

    def same_website(self, base: Record, rng: random.Random) -> Iterator[Record]:
        """Members that give the website of their federal body as theirs."""
        for _ in range(3):
            place = self.elsewhere(base, rng, 3, 80)
            yield msgspec.structs.replace(
                place,
                name=self._called_after(place.locality or "", rng),
                identifiers=self.numbered(rng, 0.5),
                website=base.website,
            )

    def _called_after(self, town: str, rng: random.Random) -> str:
        """A name that no organisation has or nearly has: its kind is not in the file with that town."""
        kinds = rng.sample(KINDS, len(KINDS))
        for kind in kinds:
            name = plain(f"{town} {kind}")
            if not any(name in taken or taken in name for taken in self._names):
                self._names.add(name)
                return f"{town} {kind} {rng.choice(['Limited', 'CIC', 'Limited', ''])}".strip()
        raise LookupError("every kind is taken in that town")

    def fits(self, how: str, base: Record) -> bool:
        """Whether that way can be gone from this base."""
        if not (base.point and base.postcode and base.locality) or len(stem(base.name)) < 8:
            return False
        names_town = plain(base.locality) in plain(base.name)
        return {
            "branch": own_site(base.website) is not None and not names_town,
            "namesake": not names_town,
            "similar_elsewhere": base.locality in base.name,
            "same_town": bool(base.identifiers),
            "same_website": own_site(base.website) is not None,
        }.get(how, True)

    def make(self, how: str, base: Record, rng: random.Random) -> Iterator[Record]:
        return getattr(self, how)(base, rng)


WAYS = [
    "trading_arm",
    "same_town",
    "branch",
    "namesake",
    "similar_elsewhere",
    "same_building",
    "same_website",
]


def lookalikes(organisations: list[Organisation]) -> list[Organisation]:
    """Others that look like some of these; no organisation is looked like in two ways."""
    maker = Maker(organisations)
    order = chance("lookalikes").sample(organisations, len(organisations))
    made = []
    for how in WAYS:
        bases = 0
        while bases < BASES_OF_EACH:
            at = next(at for at, one in enumerate(order) if maker.fits(how, one.entry))
            base = order.pop(at)
            rng = chance(how, base.id)
            try:
                entries = list(maker.make(how, base.entry, rng))
            except LookupError:
                continue  # too far from everything, or where there is one like it already
            bases += 1
            made += [
                Organisation(id=f"made-{how}-{base.id}-{n}", entry=entry, like=base.id, how=how)
                for n, entry in enumerate(entries, 1)
            ]
    return made
