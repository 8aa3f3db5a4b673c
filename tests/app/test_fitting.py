"""Fitting: what an offer must be to meet a need, and the reasons that people are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from localfed.app.comparing import read_side
from localfed.app.fitting import WEIGHTS, WEIGHTS_WITHOUT, compare
from localfed.app.ports import Likeness
from localfed.protocol.forms import Place
from localfed.protocol.listing import Cost, Need, Offer
from localfed.protocol.schedule import Recurrence
from localfed.server.wiring import read_lexicon

NOW = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
HERE = Place(latitude="53.74", longitude="-2.01")
NEAR = Place(latitude="53.75", longitude="-2.01")
FAR = Place(latitude="53.94", longitude="-2.01")  # 22 km


def side(kind, name, **members):
    members.setdefault("location", (HERE,))
    listing = kind(
        context="https://w3id.org/localfed/1.0",
        id="x",
        type=kind.__name__,
        issuer="x",
        revision=1,
        updated="2026-05-02T09:30:00Z",
        expires="2026-10-01T00:00:00Z",
        assured="2026-05-02T09:30:00Z",
        license="https://creativecommons.org/licenses/by/4.0/",
        name={"en": name},
        **members,
    )
    return read_side(listing, read_lexicon(), NOW)


def fit(need=None, offer=None, likeness=None, rarity=None):
    return compare(
        side(Need, "A hall for choir practice", **(need or {})),
        side(Offer, "Halls with a piano", **(offer or {})),
        lexicon=read_lexicon(),
        rarity=rarity or {"hall": 0.6, "choir": 0.9, "practic": 0.8, "piano": 0.9},
        likeness=None
        if likeness is None
        else Likeness(of_both=likeness, of_need=0.4, of_offer=0.4),
    )


def said(found, of):
    return [(one.fits, one.says) for one in found.why if one.of == of]


def weekly(days, start="2026-05-04T19:00"):
    return (
        Recurrence(
            start=start,
            minutes=120,
            time_zone="Europe/London",
            repeat=f"FREQ=WEEKLY;BYDAY={days}",
        ),
    )


def test_words_that_both_say_are_told_as_the_offer_wrote_them():
    assert said(fit(), "words") == [(True, "both say halls")]


def test_what_is_too_far_away_is_no_match_whatever_it_says():
    assert fit(offer={"location": (NEAR,)}).km == pytest.approx(1.11, abs=0.01)
    assert fit(offer={"location": (FAR,)}) is None


def test_a_night_that_begins_on_another_day_is_not_on_other_days():
    night = Recurrence(
        start="2026-05-09T22:00", minutes=300, time_zone="Europe/London", repeat="FREQ=WEEKLY"
    )
    early = Recurrence(
        start="2026-05-10T00:30", minutes=60, time_zone="Europe/London", repeat="FREQ=WEEKLY"
    )

    found = fit(need={"schedule": (night,)}, offer={"schedule": (early,)})

    assert [fits for fits, _ in said(found, "time")] == [True]
    assert not found.features.other_days


def test_days_named_in_words_stand_against_other_days_of_a_schedule():
    found = fit(need={"description": {"en": "On Saturdays"}}, offer={"schedule": weekly("MO")})

    assert said(found, "time") == [(False, "on other days")]


def test_how_far_it_is_is_said_as_exactly_as_it_is_known():
    vague = Place(latitude="53.75", longitude="-2.01", radius=700)

    exact, about = fit(offer={"location": (NEAR,)}), fit(offer={"location": (vague,)})
    here = fit(need={"location": (vague,)}, offer={"location": (vague,)})

    assert not exact.is_about
    assert said(exact, "distance") == [(True, "1.1 km away")]
    assert about.is_about
    assert said(about, "distance") == [(True, "about 1.1 km away")]
    assert said(here, "distance") == [(True, "about 1 km away")]


def test_who_comes_so_far_is_near_enough():
    reaching = Place(latitude="53.94", longitude="-2.01", reach=25_000)

    assert fit(offer={"location": (reaching,)}) is not None


def test_what_is_online_is_near_everybody_but_a_place_is_no_answer_online():
    online = fit(offer={"location": (), "online": True})

    assert said(online, "distance") == [(True, "online")]
    assert fit(need={"location": (), "online": True}) is None


@pytest.mark.parametrize(
    "asked, given, is_match",
    [
        ("free", "free", True),
        ("free", "pay-what-you-can", True),
        ("free", "pay", False),
        ("pay", "free", True),
        ("time", "pay", False),
        ("exchange", "exchange", True),
    ],
)
def test_costs_fit_or_it_is_no_match(asked, given, is_match):
    found = fit(need={"cost": (Cost(basis=asked),)}, offer={"cost": (Cost(basis=given),)})

    assert (found is not None) is is_match


def test_who_does_not_say_a_cost_or_a_time_may_still_match():
    found = fit(need={"cost": (Cost(basis="free"),), "schedule": weekly("TH")})

    assert found is not None
    assert said(found, "cost") == said(found, "time") == []


def test_times_that_overlap_are_told_and_others_are_no_match():
    found = fit(need={"schedule": weekly("TH")}, offer={"schedule": weekly("MO,TH")})

    assert said(found, "time") == [(True, "both on Thursday at 19:00")]
    assert fit(need={"schedule": weekly("TH")}, offer={"schedule": weekly("FR")}) is None


def test_audiences_and_languages_that_have_nothing_in_common_are_no_match():
    assert fit(need={"audience": ("children",)}, offer={"audience": ("older-people",)}) is None
    assert fit(need={"audience": ("children",)}, offer={"audience": ("everybody",)}) is not None
    assert fit(need={"available_language": ("cy",)}, offer={"available_language": ("en",)}) is None
    both = fit(need={"audience": ("kids",)}, offer={"audience": ("children",)})
    assert said(both, "audience") == [(True, "for children")]


def test_another_form_or_category_is_told_and_costs_score():
    same = fit(
        need={"form": "space", "category": ("music",)},
        offer={"form": "space", "category": ("arts",)},
    )
    other = fit(
        need={"form": "space", "category": ("music",)},
        offer={"form": "skill", "category": ("food",)},
    )

    assert said(same, "category") == [(True, "both about arts and culture")]
    assert said(other, "form") == [(False, "skill, where space is asked for")]
    assert said(other, "category") == [(False, "about food and drink")]
    assert same.score > other.score + 5


def test_people_of_other_ages_are_told_and_cost_score_but_leave_nothing_out():
    same = fit(need={"description": {"en": "For children."}})
    other = fit(
        need={"description": {"en": "For grown-ups."}},
        offer={"description": {"en": "For children, not for adults."}},
    )

    assert said(other, "audience") == [(False, "for children")]
    assert other.score < same.score - 2
    assert said(same, "audience") == []


def test_a_rare_word_that_both_say_counts_for_more_than_a_common_one():
    rare, common = fit(rarity={"hall": 0.9}), fit(rarity={"hall": 0.2})

    assert rare.score > common.score + 2


def test_a_word_that_the_index_does_not_know_yet_counts_for_no_more_than_a_rare_one():
    assert fit(rarity={"hall": 4.0}).score == fit(rarity={"hall": 1.0}).score


@pytest.mark.parametrize("likeness, weights", [(0.4, WEIGHTS), (None, WEIGHTS_WITHOUT)])
def test_the_score_is_the_weighted_sum_of_what_was_compared(likeness, weights):
    found = fit(need={"form": "space"}, offer={"form": "space"}, likeness=likeness)

    named = {name: float(getattr(found.features, name) or 0) for name in weights if name != "base"}
    assert named["same_form"] == named["shares_one"] == 1.0
    assert found.score == pytest.approx(
        weights["base"] + sum(weights[name] * value for name, value in named.items())
    )


def test_likeness_of_meaning_counts_where_it_is_to_be_had():
    assert fit(likeness=0.8).score > fit(likeness=0.1).score + 5
    assert said(fit(likeness=0.8), "meaning") == [(True, "alike in meaning (80%)")]
    assert said(fit(), "meaning") == []


WEEKLY = Recurrence(
    start="2026-05-04T10:00", minutes=120, time_zone="Europe/London", repeat="FREQ=WEEKLY;BYDAY=MO"
)


def test_what_has_not_begun_is_compared_from_its_beginning():
    """LF-LIST-3."""
    later = {"schedule": (WEEKLY,), "valid_from": "2026-07-01T00:00:00Z"}
    need = {"schedule": (WEEKLY,)}
    [why] = [one for one in fit(need, later).why if one.of == "time"]

    assert why.values == ("2026-07-06T10:00:00+01:00",)
    assert fit(later, need) is not None
    assert fit(need | {"valid_until": "2026-06-30T00:00:00Z"}, later) is None


def test_what_ends_before_the_other_begins_does_not_fit_whether_or_not_it_says_its_times():
    need = {"valid_until": "2026-06-01T00:00:00Z"}

    assert fit(need, {"valid_from": "2026-06-01T00:00:00Z"}) is None
    assert fit(need, {"valid_from": "2026-05-31T00:00:00Z"}) is not None
