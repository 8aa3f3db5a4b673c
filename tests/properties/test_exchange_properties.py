"""Whatever halves there are: nothing is counted that not both sides say, and nothing twice."""

from __future__ import annotations

from collections import Counter

import msgspec
from forge_document import exchange, signed
from hypothesis import given
from hypothesis import strategies as st

from localfed.protocol.exchange import Exchange, Flow, Period, find_confirmed, is_confirmed

MODEL = msgspec.json.decode(signed(exchange()), type=Exchange)
PEOPLE = st.sampled_from(["a", "b", "c"])


@st.composite
def halves(draw):
    """Halves among three organisations that often meet: few refs, few quantities."""
    issuer, partner = draw(PEOPLE), draw(PEOPLE)
    giver = draw(st.booleans())
    flow = Flow(
        giver=issuer if giver else partner,
        taker=partner if giver else issuer,
        what="Digging",
        quantity=draw(st.sampled_from(["1", "2"])),
        unit="hours",
    )
    return msgspec.structs.replace(
        MODEL,
        issuer=issuer,
        partner=partner,
        ref=draw(st.sampled_from(["r", "s"])) * 26,
        flows=(flow,) * draw(st.integers(1, 2)),
        period=Period(start="2026-04-01", end=draw(st.sampled_from(["2026-04-01", "2026-04-02"]))),
        expires=draw(st.sampled_from(["2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"])),
    )


SOME = st.lists(halves(), max_size=8)


@given(SOME, st.randoms(use_true_random=False))
def test_what_is_confirmed_does_not_depend_on_the_order(some, random):
    """LF-EXCH-5."""
    mixed = list(some)
    random.shuffle(mixed)

    def key(one):
        return one.parties, one.figures.ref

    assert sorted(find_confirmed(some), key=key) == sorted(find_confirmed(mixed), key=key)


@given(SOME)
def test_what_is_confirmed_is_what_two_sides_say_alike(some):
    """LF-EXCH-5: and once for each pair and ref, from nobody's word alone."""
    found = find_confirmed(some)

    assert max(Counter((one.parties, one.figures.ref) for one in found).values(), default=1) == 1
    for one in found:
        first, second = one.parties
        assert first < second
        said = {half.issuer: half for half in some if half.figures == one.figures}
        assert is_confirmed(said[first], said[second])
        assert one.expires in {half.expires for half in some}


@given(SOME, PEOPLE)
def test_nobody_makes_figures_of_others(some, liar):
    """LF-EXCH-5: what one says adds and takes away nothing between two others."""

    def between_others(found):
        return [one for one in found if liar not in one.parties]

    without = [half for half in some if half.issuer != liar]

    assert between_others(find_confirmed(some)) == between_others(find_confirmed(without))
