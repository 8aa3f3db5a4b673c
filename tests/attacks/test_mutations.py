"""Ten thousand mutations of signed documents: none is taken, none breaks anything.

By structure (another value here, a member more or less, two exchanged) and by bytes. A mutation that no
check before the signature sees is the one that the signature is for: at least a third of all get there.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from attacks.document_shapes import at_place, with_other
from attacks.document_shapes import places as places_of
from localfed.protocol import proofs
from localfed.protocol.canonical import encode
from localfed.protocol.errors import Rejected
from localfed.protocol.times import write_time

EXAMPLES = 2_500
KINDS = ("Organization", "Offer", "Enquiry", "Head")
LEAST_SHARE = 1 / 3

# --- what changes ----------------------------------------------------------------------------

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True)
WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20
)
NUMBERS = st.integers(0, 2**53 - 1)
VALUES = st.one_of(
    WORDS,
    NUMBERS,
    st.booleans(),
    st.none(),
    st.lists(WORDS, max_size=3),
    st.dictionaries(NAMES, WORDS, max_size=3),
)
PART = st.floats(0, 1, exclude_max=True)
"""Where, as a share of the way through."""


@dataclass(frozen=True)
class Words:
    """Other words where words are."""

    at: float
    text: str


@dataclass(frozen=True)
class Number:
    """Another number where any will do."""

    number: int


@dataclass(frozen=True)
class Moment:
    """Another time where a time is."""

    at: float
    seconds: int


@dataclass(frozen=True)
class Signature:
    """Another signature: one byte of it."""

    at: int
    other: int


@dataclass(frozen=True)
class Extension:
    """Something else in `ext`."""

    value: Any


@dataclass(frozen=True)
class Other:
    """Any other value anywhere."""

    at: float
    value: Any


@dataclass(frozen=True)
class More:
    """A member that nobody knows."""

    name: str
    value: Any


@dataclass(frozen=True)
class Less:
    """A member less."""

    at: float


@dataclass(frozen=True)
class Exchange:
    """Two members exchanged."""

    at: float
    with_: float


@dataclass(frozen=True)
class Bytes:
    """Bytes put in place of others."""

    at: float
    count: int
    new: bytes


@dataclass(frozen=True)
class Flip:
    """One bit."""

    at: float
    bit: int


QUIETLY = st.one_of(
    st.builds(Words, PART, WORDS),
    st.builds(More, NAMES, VALUES),
    st.builds(Extension, VALUES),
    st.builds(Moment, PART, st.integers(1, 10**9)),
    st.builds(Signature, st.integers(0, 62), st.integers(1, 255)),
    st.builds(Number, NUMBERS),
)
"""What leaves a document in good form: nothing but the signature tells."""

BY_STRUCTURE = st.one_of(
    QUIETLY,
    st.builds(Other, PART, VALUES),
    st.builds(Less, PART),
    st.builds(Exchange, PART, PART),
)
BY_BYTES = st.one_of(
    st.builds(Flip, PART, st.integers(0, 7)),
    st.builds(Bytes, PART, st.integers(0, 9), st.binary(max_size=9)),
    st.builds(Bytes, PART, st.integers(0, 3), st.sampled_from([b"null", b'""', b"{}", b"\\u0000"])),
)
MUTATIONS = st.one_of(
    st.lists(QUIETLY, min_size=1, max_size=1),
    st.lists(QUIETLY, min_size=2, max_size=2),
    st.lists(BY_STRUCTURE, min_size=3, max_size=4),
    st.lists(BY_STRUCTURE, min_size=1, max_size=2),
    st.lists(BY_BYTES, min_size=1, max_size=3),
)


def mutated(body: bytes, mutations: list[Any]) -> bytes:
    value = json.loads(body)
    for one in mutations:
        if isinstance(one, Bytes | Flip):
            body = by_bytes(body, one)
        else:
            value = by_structure(value, one)
    # A value goes back through the one writer: the bytes are canonical, and the signature is old.
    return body if isinstance(mutations[0], Bytes | Flip) else encode(value)


def by_bytes(body: bytes, one: Bytes | Flip) -> bytes:
    at = int(one.at * len(body))
    if isinstance(one, Flip):
        return body[:at] + bytes([body[at] ^ 1 << one.bit]) + body[at + 1 :]
    return body[:at] + one.new + body[at + one.count :]


TIMES = ("updated", "expires", "assured", "validUntil")
NUMBERED = ("revision", "poll")
WORDED = ("name", "description", "text", "category", "keywords", "legalForm")


def by_structure(value: Any, one: Any) -> Any:
    places = list(places_of(value))
    match one:
        case More(name, other):
            return {**value, name: other}
        case Extension(other):
            return {**value, "ext": {"https://x.example/": other}}
        case Number(number):
            return {**value, **{name: number for name in NUMBERED if name in value}}
        case Moment(part, seconds):
            times = [name for name in TIMES if name in value]
            if not times:
                return value
            moment = datetime.fromtimestamp(1_700_000_000 + seconds, UTC)
            return {**value, pick(times, part): write_time(moment)}
        case Signature(at, other):
            return with_signature(value, at, other)
        case Words(part, text):
            worded = [at for at in places if at[0] in WORDED and len(at) == 2]
            return with_other(value, pick(worded, part), text) if worded else value
        case Other(part, other):
            return with_other(value, pick(places, part), other)
        case Less(part):
            return without(value, pick(places, part))
        case Exchange(part, another):
            return exchanged(value, pick(places, part), pick(places, another))
    raise AssertionError(one)


def with_signature(value: Any, at: int, other: int) -> Any:
    """Change a byte of the signature, if what came before left one."""
    try:
        raw = bytearray(proofs.read_signature(value["proof"]["proofValue"]))
    except (KeyError, TypeError, AttributeError, Rejected):
        return value
    raw[at] ^= other
    return with_other(value, ("proof", "proofValue"), proofs.write_signature(bytes(raw)))


def exchanged(value: Any, one: Any, other: Any) -> Any:
    """Exchange what stands at two places, unless one is inside the other."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return value
    mine, theirs = at_place(value, one), at_place(value, other)
    return with_other(with_other(value, one, theirs), other, mine)


def pick(places: list[Any], part: float) -> Any:
    return places[int(part * len(places))]


def without(value: Any, at: Any) -> Any:
    changed = with_other(value, at, None)
    del at_place(changed, at[:-1])[at[-1]]
    return changed


# --- and who looks at it ---------------------------------------------------------------------


@dataclass
class Count:
    tried: int = 0
    reached: int = 0
    codes: dict[str, int] = field(default_factory=dict)


@pytest.fixture
def count(monkeypatch):
    """Count what gets as far as the one function that checks a signature."""
    count, real = Count(), proofs.verify

    def verify(public, signature, message):
        count.reached += 1
        return real(public, signature, message)

    monkeypatch.setattr(proofs, "verify", verify)
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutation_of_a_signed_document_is_taken(desk, count, capsys, kind):
    """LF-PROOF-3, LF-PROOF-5: whatever else is raised than a refusal of the tree gets out and fails."""
    whole = desk.whole(kind)
    desk.open_kind(kind, whole)
    count.reached = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(MUTATIONS)
    def mutate(mutations):
        body = mutated(whole, mutations)
        assume(body != whole)
        count.tried += 1
        try:
            desk.open_kind(kind, body)
        except Rejected as error:
            count.codes[error.code] = count.codes.get(error.code, 0) + 1
            return
        pytest.fail(f"taken: {body!r}")

    mutate()

    with capsys.disabled():
        share = count.reached / count.tried
        told = f"{count.tried} mutations, {share:.0%} to the signature; {count.codes}"
        sys.stdout.write(f"\n{kind}: {told}\n")
    assert count.tried >= EXAMPLES
    assert count.reached >= count.tried * LEAST_SHARE
