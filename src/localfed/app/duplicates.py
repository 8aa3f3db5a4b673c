"""Duplicates: which records are about the same organisation, by number, name, place, website and address.

Here: a record made ready, which pairs are worth comparing, what a pair is worth. Not here: what is done with
it: the entries are folded on screen and nothing else, all who list them named (LF-ORG-5). Pure.

The weights were fitted (logistic regression, L2) to the seen half of tests/duplicates_noise; docs/learn/duplicates.md
tells how well they do. Names are compared by rapidfuzz.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from localfed.app.plain_names import plain_name, plain_number, website_of

SAME: Final = 0.7
"""Score from which on two records are taken for the same organisation."""

_BLOCK: Final = 60  # records that share a trait: where more do, it says nothing
_MOST: Final = 1_000_000  # pairs that are compared, about a minute: whoever floods a node with records buys no more of it
_ASKED_AFTER: Final = 1_000  # pairs
_COMMON: Final = 4  # organisations on one website: with more it is somebody else's
_NEAR_KM: Final = 0.25
_CELL: Final = 0.02  # degrees

_FORMAL_WORDS: Final = """
    ltd limited llp plc cic cio the and of for a an in uk company co society soc inc incorporated association assoc
"""
_FORMAL: Final = frozenset(_FORMAL_WORDS.split())
_APART_WORDS: Final = """
    trading enterprises enterprise services holdings trustees trust properties property developments retail storage friends
    foundation fund juniors junior youth ladies women womens veterans supporters branch alumni new north south east west upper lower
"""
_APART: Final = frozenset(_APART_WORDS.split())
"""A word more that makes it another body, at the same door or not: an arm, its friends, its juniors."""

# What each of two entries tells, in log-odds.
_BIAS: Final = -9.806
_NAMES: Final = 7.312  # names alike, without forms such as "Ltd"
_WHOLE: Final = 0.184  # the same, forms and words in any number
_EQUAL: Final = 2.432  # names equal
_RARE: Final = -0.281  # rare words of one name alone, however spelt
_LEFT: Final = -0.687  # words of the first name alone
_RIGHT: Final = -1.01  # words of the second alone, where both have some
_DIFFERENCE: Final = 0.699  # difference of these
_FIGURES: Final = -3.79  # figures differ
_OTHER_BODY: Final = -7.178  # a word that makes another body
_NUMBER: Final = 10.958  # a number in common
_NEAR_NUMBER: Final = 2.713  # numbers that nearly agree
_OWN_SITE: Final = 0.81  # own website in common
_SHARED_SITE: Final = 0.666  # shared website in common
_OTHER_SITE: Final = -0.743  # websites that differ
_POSTCODE: Final = 0.553  # postcode in common
_OUTWARD: Final = -1.033  # first half of it in common
_OTHER_POSTCODE: Final = -6.503  # postcodes that differ
_DISTANCE: Final = -0.637  # distance, logarithm
_NO_DISTANCE: Final = 0.59  # distance not known
_NEXT_DOOR: Final = -1.142  # next door
_STREET: Final = 2.158  # streets alike
_INITIALS: Final = 16.396  # one is the initials of the other
_EQUAL_AT_POSTCODE: Final = 2.072  # names equal at one postcode
_RAREST: Final = 5.722  # rarest word in common
_NAMES_NEAR: Final = 3.895  # names alike, near
_WORDS_NEAR: Final = 0.063  # words of one name alone, near
_MOST_OF_SPELLING: Final = _WHOLE + _STREET
"""What is left to be had where names are as alike as can be."""
_MOST_OF_A_WORD: Final = _DIFFERENCE + _WORDS_NEAR
"""What a word of one name alone brings at most: its other weights are below nothing."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one lister says of an organisation, as far as it tells who that is."""

    name: str
    numbers: tuple[tuple[str, str], ...] = ()
    """(scheme, number) in registers."""
    latitude: float | None = None
    longitude: float | None = None
    postcode: str = ""
    website: str = ""
    street: str = ""
    locality: str = ""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two entries, by their places in the list, that may be one organisation."""

    one: int
    other: int
    score: float
    """0 to 1."""


class _Ready(msgspec.Struct, frozen=True, kw_only=True):
    entry: Entry
    plain: str
    joined: str
    """The plain name without its spaces."""
    tokens: tuple[str, ...]
    initials: frozenset[str]
    """Of all words, and of those that tell."""
    core: frozenset[str]
    in_order: str
    """The core, sorted."""
    figures: frozenset[str]
    numbers: frozenset[str]
    postcode: str
    site: str
    street: str
    place: frozenset[str]


def find_pairs(
    entries: Sequence[Entry], least: float = SAME, goes_on: Callable[[], bool] = lambda: True
) -> list[Pair]:
    """Find the pairs that are the same organisation, surest first.

    Args: `least`, above 0 and below 1, is the score from which on; `goes_on` is asked now and then: where it says no, the pairs
    until then are returned.
    """
    ready = [_make_ready(entry) for entry in entries]
    sites = Counter(one.site for one in ready if one.site)
    words = Counter(word for one in ready for word in one.core)
    bar = math.log(least / (1 - least))
    found = []
    for count, (one, other) in enumerate(_worth_comparing(ready)):
        if count >= _MOST or (count % _ASKED_AFTER == 0 and not goes_on()):
            break
        worth = _compare(ready[one], ready[other], sites, words, bar)
        if worth is not None:
            score = 1 / (1 + math.exp(-max(-60.0, min(60.0, worth))))
            found.append(Pair(one=one, other=other, score=score))
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))


def _make_ready(entry: Entry) -> _Ready:
    plain = plain_name(entry.name)
    tokens = tuple(plain.split())
    place = frozenset(plain_name(entry.locality).split())
    core = frozenset(word for word in tokens if word not in _FORMAL)
    core = core or frozenset(tokens)
    return _Ready(
        entry=entry,
        plain=plain,
        joined=plain.replace(" ", ""),
        tokens=tokens,
        initials=frozenset(
            [
                "".join(word[0] for word in tokens),
                "".join(word[0] for word in tokens if word not in _FORMAL),
            ]
        ),
        core=core,
        in_order=" ".join(sorted(core)),
        figures=frozenset(word for word in tokens if any(letter.isdigit() for letter in word)),
        numbers=frozenset(
            plain_number(number) for _, number in entry.numbers if plain_number(number)
        ),
        postcode=re.sub(r"[^A-Z0-9]", "", entry.postcode.upper()),
        site=website_of(entry.website),
        street=plain_name(entry.street),
        place=place,
    )


def _worth_comparing(ready: Sequence[_Ready]) -> Iterator[tuple[int, int]]:
    """Yield each pair that shares something that few share."""
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, one in enumerate(ready):
        if not one.core:
            continue  # a name of signs alone is nobody's
        for trait in dict.fromkeys(_traits(one)):
            blocks[trait].append(index)
    seen: set[tuple[int, int]] = set()
    # What the fewest share first: should there be too much to compare, the rest says least.
    for members in sorted(blocks.values(), key=len):
        if len(members) > _BLOCK:
            continue
        for place, index in enumerate(members):
            for other in members[place + 1 :]:
                if (index, other) not in seen:
                    seen.add((index, other))
                    yield index, other


def _traits(one: _Ready) -> Iterator[tuple[str, str]]:
    for number in one.numbers:
        yield "number", number
    if one.postcode:
        yield "postcode", one.postcode
    if one.site:
        yield "site", one.site
    core = sorted(one.core)
    yield "name", " ".join(core)
    initials = "".join(word[0] for word in one.tokens if word not in _FORMAL)
    yield "start", one.plain[:12]
    longest = sorted(core, key=lambda word: (-len(word), word))[:3]
    for place, word in enumerate(longest):
        for second in longest[place + 1 :]:
            yield "words", " ".join(sorted((word[:6], second[:6])))
        yield "word", word
    point = one.entry
    if point.latitude is not None and point.longitude is not None:
        north, east = int(point.latitude // _CELL), int(point.longitude // _CELL)
        for row in (north, north + 1):
            for column in (east, east + 1):
                for word in longest[:2]:
                    yield "near", f"{row} {column} {word[:4]}"
                yield "initials", f"{row} {column} {initials[:3]}"


def _compare(
    one: _Ready, other: _Ready, sites: Counter[str], words: Counter[str], bar: float
) -> float | None:
    """Say what a pair is worth, in log-odds; None where that is below a bar, or they are two bodies for certain.

    What costs little is looked at first: most pairs that share a trait are far below the bar, however alike their names may be.
    """
    same_number = bool(one.numbers & other.numbers)
    near_number = not same_number and _nearly(one.numbers, other.numbers)
    if not same_number and not near_number and differ_in_number(one.entry, other.entry):
        return None  # two bodies, whatever else they share
    site = bool(one.site) and one.site == other.site
    few = site and sites[one.site] <= _COMMON
    km = _km(one.entry, other.entry)
    postcode = bool(one.postcode) and one.postcode == other.postcode
    outward = _outward(one.postcode, other.postcode)
    equal = one.core == other.core
    initials = _is_initials(one, other) or _is_initials(other, one)
    shared = max((1 / math.sqrt(words[word]) for word in one.core & other.core), default=0.0)
    is_near = postcode or (km is not None and km <= 1)
    worth = (
        _BIAS
        + _EQUAL * equal
        + _FIGURES * bool(one.figures ^ other.figures)
        + _NUMBER * same_number
        + _NEAR_NUMBER * near_number
        + _OWN_SITE * few
        + _SHARED_SITE * (site and not few)
        + _OTHER_SITE * (bool(one.site and other.site) and not site)
        + _POSTCODE * postcode
        + _OUTWARD * (outward and not postcode)
        + _OTHER_POSTCODE * (bool(one.postcode and other.postcode) and not outward)
        + (_NO_DISTANCE if km is None else _DISTANCE * math.log1p(km))
        + _NEXT_DOOR * (km is not None and km <= _NEAR_KM)
        + _INITIALS * initials
        + _EQUAL_AT_POSTCODE * (postcode and equal)
        + _RAREST * shared
    )
    by_names = _NAMES + _NAMES_NEAR * is_near
    most = max(len(one.core - other.core), len(other.core - one.core)) * _MOST_OF_A_WORD
    if worth + by_names + _MOST_OF_SPELLING + most < bar:
        return None
    worth += by_names * fuzz.ratio(one.in_order, other.in_order) / 100
    if worth + _MOST_OF_SPELLING + most < bar:
        return None
    left, right = _unmatched(one, other), _unmatched(other, one)
    streets = (
        fuzz.token_set_ratio(one.street, other.street) / 100 if one.street and other.street else 0.5
    )
    worth += (
        _WHOLE * fuzz.token_set_ratio(one.plain, other.plain) / 100
        + _STREET * streets
        + _RARE * sum(1 / math.sqrt(words[word]) for word in left + right)
        + _LEFT * len(left)
        + _RIGHT * (len(right) if left else 0)
        + _DIFFERENCE * abs(len(left) - len(right))
        + _OTHER_BODY * any(_is_apart(word) for word in left + right)
        + _WORDS_NEAR * (len(left) + len(right)) * (postcode or few)
    )
    return worth if worth >= bar else None


def _unmatched(one: _Ready, other: _Ready) -> list[str]:
    """List the words of one name that the other does not have, however spelt, and that are no place of either."""
    place = one.place | other.place
    missing = []
    for word in one.core - other.core:
        if word in place or word in other.plain.replace(" ", ""):
            continue
        if word not in one.figures and any(
            JaroWinkler.similarity(word, there) >= 0.9 or fuzz.ratio(word, there) >= 80  # noqa: PLR2004
            for there in other.core
        ):
            continue
        missing.append(word)
    return missing


@lru_cache(maxsize=65_536)
def _is_apart(word: str) -> bool:
    return word in _APART or any(
        len(word) > 4 and fuzz.ratio(word, there) >= 85  # noqa: PLR2004
        for there in _APART
    )


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry calls an organisation."""

    core: frozenset[str]
    """The words of its name, without forms such as "Ltd"."""
    numbers: frozenset[str]

    def is_like(self, other: Named) -> bool:
        """Whether both have the same name, but for forms and spelling of them, or a number in common."""
        return self.core == other.core or bool(self.numbers & other.numbers)


def name_of(entry: Entry) -> Named:
    """See what an entry calls an organisation."""
    ready = _make_ready(entry)
    return Named(core=ready.core, numbers=ready.numbers)


def differ_in_number(one: Entry, other: Entry) -> bool:
    """Whether both have a number in one register, and no such number in common."""
    if not one.numbers or not other.numbers:
        return False
    registers = {scheme for scheme, _ in one.numbers} & {scheme for scheme, _ in other.numbers}
    some, others = (
        {plain_number(number) for scheme, number in entry.numbers if scheme in registers}
        for entry in (one, other)
    )
    return bool(registers) and not some & others


def _nearly(some: frozenset[str], others: frozenset[str]) -> bool:
    return any(
        sorted(one) == sorted(other) or fuzz.ratio(one, other) >= 85  # noqa: PLR2004
        for one in some
        for other in others
    )


def _is_initials(one: _Ready, other: _Ready) -> bool:
    return 2 < len(one.joined) <= 6 and one.joined in other.initials  # noqa: PLR2004


def _outward(one: str, other: str) -> bool:
    """Whether two postcodes begin alike: the last three letters are the street's."""
    if not one or not other:
        return False
    first, second = (code[:-3] if len(code) > 4 else code for code in (one, other))  # noqa: PLR2004
    return first == second


def _km(one: Entry, other: Entry) -> float | None:
    if one.latitude is None or one.longitude is None:
        return None
    if other.latitude is None or other.longitude is None:
        return None
    north = 111.2 * (one.latitude - other.latitude)
    east = 111.3 * math.cos(math.radians(one.latitude)) * (one.longitude - other.longitude)
    return math.hypot(north, east)
