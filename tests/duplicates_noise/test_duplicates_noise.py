"""The measure of "the same organisation twice" is what its README says. Skipped where the real data is absent."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest

from duplicates_noise.entries import Organisation, Record, own_site, read_2017, read_2023
from duplicates_noise.lookalikes import BASES_OF_EACH, WAYS
from duplicates_noise.noise import can_be_told, km_between
from duplicates_noise.population import (
    Population,
    halves,
    population,
    related,
    two_editions,
    undecided_pairs,
)
from duplicates_noise.scoring import measure, pairs_of_clusters, true_pairs

HERE = Path(__file__).parent
DIGEST = "cbaf141dafcd42636c549520149d3722d5cdf79079999221d2a475f3fec95351"


@pytest.fixture(scope="module")
def whole(data_dir):
    return population(data_dir, None)


@pytest.fixture(scope="module")
def copies(whole):
    """Each copy with what is different in it and the first entry of its organisation."""
    return [
        (record, noise, whole.known[one].entry)
        for record, noise, one in zip(whole.records, whole.noise, whole.organisations, strict=True)
        if noise
    ]


@pytest.fixture(scope="module")
def made(whole):
    return [one for one in whole.known.values() if one.how]


def digest(some):
    lines = [some.records, some.organisations, [sorted(noise) for noise in some.noise]]
    return hashlib.sha256(msgspec.json.encode(lines)).hexdigest()


# --- The population


def test_the_population_is_the_same_on_every_machine(whole):
    assert digest(whole) == DIGEST


def test_every_organisation_is_entered_once_and_some_up_to_three_times_more(whole):
    first, more = Counter(), Counter()
    for one, noise in zip(whole.organisations, whole.noise, strict=True):
        (more if noise else first)[one] += 1

    assert set(first.values()) == {1}
    assert set(first) == set(whole.known) >= set(more)
    assert set(more.values()) == {1, 2, 3}
    assert 0.23 < len(more) / len(first) < 0.27
    assert 4_000 < len(true_pairs(whole)) < 5_000


def test_the_order_of_the_records_does_not_give_the_truth_away(whole):
    beside = [a == b for a, b in zip(whole.organisations, whole.organisations[1:], strict=False)]

    assert sum(beside) < 10


def test_no_two_organisations_are_given_the_same_number(whole):
    numbers = Counter(pair for one in whole.known.values() for pair in one.entry.identifiers)

    assert set(numbers.values()) == {1}
    assert {scheme for scheme, _ in numbers} == {"GB-COH", "GB-MPR"}


def test_the_shares_of_noise_are_those_of_the_readme(copies):
    counted = Counter(label for _, noise, _ in copies for label in noise)

    def share(label, among=None):
        return counted[label] / (among or len(copies))

    numbered = sum(bool(first.identifiers) for _, _, first in copies)
    assert 0.45 < share("number: missing", numbered) < 0.55
    assert 0.15 < share("number: spaces and case", numbered) < 0.35
    assert 0.05 < share("point: missing") < 0.10
    assert 0.09 < share("point: middle of the town") < 0.15
    assert 0.20 < share("point: 2 decimals") + share("point: 3 decimals") < 0.30
    assert 0.20 < share("point: some 100 m off") < 0.30
    assert 0.14 < share("website: missing") < 0.22
    assert 0.02 < share("website: of a federal body") < 0.06
    assert 0.40 < share("name: legal form") < 0.60
    assert 0.12 < share("name: as it is") < 0.22
    assert {f"name: {label}" for label in ("typo", "word order", "cut short", "initials")} < set(
        counted
    )


def test_a_copy_differs_from_its_first_entry_where_it_says_so(copies):
    for record, noise, first in copies:
        assert ("name: as it is" in noise) == (record.name == first.name)
        assert ("number: missing" in noise) == (bool(first.identifiers) and not record.identifiers)
        assert ("point: missing" in noise) == (first.point is not None and record.point is None)
        assert ("postcode: missing" in noise) == (
            first.postcode is not None and record.postcode is None
        )


def test_a_copy_always_says_enough_for_a_person_to_tell(copies):
    assert all(can_be_told(record, set(noise), first) for record, noise, first in copies)


def test_each_way_of_looking_alike_is_there_in_number(made):
    bases = defaultdict(set)
    for one in made:
        bases[one.how].add(one.like)

    assert {how: len(likes) for how, likes in bases.items()} == dict.fromkeys(WAYS, BASES_OF_EACH)
    assert len(set().union(*bases.values())) == len(WAYS) * BASES_OF_EACH


def test_those_that_look_alike_are_alike_in_the_way_they_are_named_for(whole, made):
    for one in made:
        entry, base = one.entry, whole.known[one.like].entry
        apart = km_between(entry.point, base.point)
        if one.how in {"trading_arm", "same_building"}:
            assert (entry.postcode, entry.point) == (base.postcode, base.point)
        elif one.how == "same_town":
            assert (entry.locality, apart < 3) == (base.locality, True)
            assert entry.identifiers
            assert base.identifiers
        elif one.how in {"branch", "same_website"}:
            assert own_site(entry.website) == own_site(base.website) is not None
            assert apart >= 3
        else:
            assert apart >= (60 if one.how == "namesake" else 10)


# --- The halves


def test_the_halves_share_no_organisation_and_no_relatives(data_dir, whole):
    seen, unseen = (population(data_dir, half) for half in ("seen", "unseen"))
    half_of = halves(list(whole.known.values()))

    assert not seen.known.keys() & unseen.known.keys()
    assert seen.known.keys() | unseen.known.keys() == whole.known.keys()
    assert abs(len(seen.known) - len(unseen.known)) <= 1
    assert all(
        len({half_of[one] for one in group}) == 1 for group in related([*whole.known.values()])
    )


def test_pairs_left_out_of_the_count_are_pairs_of_the_file(data_dir):
    entries = {one.id: one.entry for one in read_2023(data_dir)}

    for pair in undecided_pairs():
        numbers = [number for one in sorted(pair) for number in entries[one].identifiers]
        official = [number for scheme, number in numbers if scheme == "GB-COH"]
        assert len(pair) == 2
        assert len(official) < 2, "two numbers of one register: these are two organisations"


# --- The edition of 2017


def test_the_truth_about_the_edition_of_2017_is_complete(data_dir):
    truth = json.loads((HERE / "edition-2017.json").read_text(encoding="utf-8"))
    older = {one.id: one.entry for one in read_2017(data_dir, trading=False)}
    newer = {one.id: one.entry for one in read_2023(data_dir)}

    assert sorted(truth["same"] + truth["undecided"] + truth["absent"]) == sorted(older)
    assert not set(truth["absent"]) & set(newer)
    for one in truth["same"]:
        numbers = [
            {number for scheme, number in entry.identifiers if scheme == "GB-COH"}
            for entry in (older[one], newer[one])
        ]
        assert numbers[0] == numbers[1]
        assert older[one].postcode == newer[one].postcode


def test_of_the_edition_of_2017_only_pairs_of_two_editions_count(data_dir):
    some = two_editions(data_dir, trading=True)
    first_two = [at for at, edition in enumerate(some.editions) if edition == 2023][:2]

    figures = measure(some, [(*pair, 1.0) for pair in true_pairs(some)] + [(*first_two, 1.0)])

    assert len(some.records) == 17 + 7_387
    assert len(true_pairs(some)) == 11
    assert (figures.overall.precision, figures.overall.recall) == (1.0, 1.0)


# --- The scorer, on a made-up population that needs no data


@pytest.fixture
def small():
    names = {"a": "Millbrook Food Hub", "b": "Millbrook Tool Library", "c": "Millbrook Repair Café"}
    entries = [("a", ""), ("a", "typo"), ("a", "cut"), ("b", ""), ("b", "typo"), ("c", "")]
    return Population(
        records=[Record(name=names[one], postcode="ZZ1 1ZZ") for one, _ in entries],
        organisations=[one for one, _ in entries],
        noise=[frozenset([noise] if noise else []) for _, noise in entries],
        known={
            one: Organisation(id=one, entry=Record(name=name, postcode="ZZ1 1ZZ"))
            for one, name in names.items()
        },
        undecided=frozenset([frozenset(["b", "c"])]),
    )


def test_pairs_of_one_organisation_are_right_and_all_others_are_wrong(small):
    figures = measure(small, [(1, 0, 0.9), (0, 1, 0.2), (3, 4, 0.8), (2, 3, 0.4)])

    assert (figures.overall.pairs, figures.overall.found, figures.overall.right) == (4, 3, 2)
    assert figures.overall.recall == 0.5
    assert figures.wrong == {"real same door": 1}
    assert figures.parts["typo"].recall == pytest.approx(2 / 3)
    assert figures.parts["cut"].precision == 0.0
    assert figures.parts["(two copies)"].pairs == 1


def test_pairs_below_the_threshold_are_left_out(small):
    figures = measure(small, [(0, 1, 0.9), (2, 3, 0.4)], threshold=0.5)

    assert figures.overall.precision == 1.0


def test_pairs_that_nobody_can_judge_are_not_counted(small):
    figures = measure(small, [(3, 5, 1.0), (4, 5, 1.0)])

    assert figures.overall.found == 0


def test_the_best_precision_is_looked_for_where_the_recall_is_reached(small):
    scored = [
        (0, 1, 0.9),
        (0, 5, 0.8),
        (0, 2, 0.7),
        (1, 2, 0.6),
        (3, 4, 0.5),
        (1, 5, 0.5),
        (2, 5, 0.1),
    ]

    figures = measure(small, scored, wanted=0.75)

    assert (figures.best.threshold, figures.best.precision, figures.best.recall) == (
        0.6,
        0.75,
        0.75,
    )
    assert measure(small, scored[:2]).best is None
    assert measure(small, scored).best.precision == pytest.approx(4 / 6), "a tie is taken whole"


def test_clusters_are_measured_by_their_pairs(small):
    figures = measure(small, pairs_of_clusters([{0, 1, 2}, {3, 4}, {5}]))

    assert figures.best.precision == figures.best.recall == 1.0
    assert any("best precision at recall 0.9: 1.0000" in line for line in figures.lines())


@pytest.mark.parametrize("pair", [(1, 1), (0, 6), (-1, 2)])
def test_what_is_no_pair_of_records_is_refused(small, pair):
    with pytest.raises(ValueError, match="record"):
        measure(small, [(*pair, 1.0)])
