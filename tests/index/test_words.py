"""Words: what people type finds what they mean, and what attackers type finds nothing and costs little."""

import time

import pytest

from index.entries import EDINBURGH, LONDON, ask, entry, fill, names
from localfed.app.values import Kind
from localfed.index import counting
from localfed.index.counting import Numbers
from localfed.index.tantivy_index import TantivyIndex
from localfed.index.words import Analysis
from localfed.protocol import limits


@pytest.mark.parametrize(
    "title, words",
    [
        ("Edinburgh Bicycle Co-operative", "bicycle"),
        ("Edinburgh Bicycle Co-operative", "BICYCLES"),
        ("Edinburgh Bicycle Co-operative", "cooperative"),
        ("Edinburgh Bicycle Co-operative", "co-operatives"),
        ("Edinburgh Bicycle Cooperative", "co-operative"),
        ("Co operative Bakery", "co-operative"),
        ("Café Société", "cafe societe"),
        ("Cafe Societe", "café société"),
        ("Women's Aid", "womens aid"),
        ("Women’s Aid", "women's"),
        ("Veg boxes for Leith", "veg box"),
        ("Straßenküche", "STRASSENKÜCHE"),
        ("Συνεταιρισμός Καφέ", "ΣΥΝΕΤΑΙΡΙΣΜΟΣ"),
        ("Συνεταιρισμός Καφέ", "καφε"),
        ("Българска кооперация", "кооперация"),
        ("Чайна кооперация", "ЧАЙНА"),
        ("Łódź Spółdzielnia", "lodz spoldzielnia"),
        ("The Shop", "the"),
        ("Shop by the Sea", "shop near me"),
    ],
)
def test_a_title_is_found_however_it_is_typed(index, title, words):
    fill(index, entry("right", title), entry("wrong", "Nothing of the kind elsewhere"))

    assert names(ask(index, words))[0] == "right"


def test_a_word_of_a_text_finds(index):
    fill(
        index,
        entry("text", "Anna", text="We also give away food"),
        entry("neither", "Carla"),
    )

    assert set(names(ask(index, "food"))) == {"text"}


def test_a_name_counts_more_than_a_text(index):
    fill(
        index,
        entry("text", "Something", text="bread and more bread"),
        entry("name", "Bread", text="something"),
    )

    assert names(ask(index, "bread")) == ["name", "text"]


def test_the_word_as_typed_comes_before_its_relatives(index):
    fill(index, entry("kin", "Gardening"), entry("exact", "Gardens"), entry("kin2", "Gardened"))

    assert names(ask(index, "gardens"))[0] == "exact"


def test_all_words_are_asked_for_while_three_have_them(index):
    fill(index, *(entry(f"both{n}", "Veg box") for n in range(3)), entry("one", "Veg"))

    answer = ask(index, "veg box")

    assert answer.total == 3
    assert all(hit.score == pytest.approx(1.0) for hit in answer.hits)


def test_with_fewer_than_three_those_that_lack_words_follow_with_a_lower_score(index):
    fill(
        index,
        entry("all", "Community shop Edinburgh"),
        entry("two", "Community shop"),
        entry("one", "Shop"),
        entry("none", "Chapel"),
    )

    answer = ask(index, "community shop edinburgh")

    # At least two of three words were asked for, and still fewer than three had them: then any.
    assert names(answer) == ["all", "two", "one"]
    assert answer.hits[0].score == pytest.approx(1 / 3)


def test_filters_do_not_change_which_words_are_asked_for(index):
    fill(
        index,
        *(entry(f"both{n}", "Veg box", categories=["Food"]) for n in range(3)),
        entry("one", "Veg", categories=["Energy"]),
    )

    assert ask(index, "veg box", category="Energy").total == 0
    assert ask(index, "veg box", category="Energy").categories == {"Food": 3}


HOSTILE = {
    "brackets": "(" * 3_000,
    "balanced brackets": "(" * 1_500 + ")" * 1_500,
    "quotes": '"' * 3_001,
    "operators": "AND OR NOT + - " * 300,
    "fields": "title:shop key:* mark:p did:webvh",
    "wildcards": "* ? ~ ^ \\ / [a TO b] {a TO b}",
    "null": "\0\0shop\0",
    "half a character": "\ud800shop\udfff",
    "bidi": "\u202eshop\u2066",
    "accents": "e" + "\u0301" * 5_000,
    "ligatures": "\ufdfa" * 1_000,
    "long word": "a" * 100_000,
    "many words": " ".join(f"w{n}" for n in range(50_000)),
    "one word again and again": "shop " * 20_000,
    "hyphens": "a-" * 50_000,
    "apostrophes": "'s" * 50_000,
    "emoji": "🚲🛒",
    "spaces": " \t\n" * 30_000,
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_query_breaks_or_stalls_the_search(index, words):
    fill(index, *(entry(f"d{n}", "Shop a e w1") for n in range(50)))

    started = time.thread_time()
    answer = ask(index, words, near=EDINBURGH, radius_km=10.0)

    assert answer.total in {0, 50}
    assert time.thread_time() - started < 0.5


def test_brackets_alone_find_nothing_and_blanks_find_everything(index):
    fill(index, entry("a"), entry("b"))

    assert ask(index, "(((").total == 0
    assert ask(index, "   ").total == 2


def test_only_so_many_characters_and_words_are_read():
    analysis = Analysis()

    assert len(analysis.read_words(" ".join(f"w{n}" for n in range(1_000)))) == limits.QUERY_WORDS
    assert not analysis.read_words("-" * limits.QUERY_CHARACTERS + "shop")
    parts = sum(
        len(word.parts) for word in analysis.read_words("-".join("abcdefgh") + " " + "x-y " * 40)
    )
    assert parts <= limits.QUERY_WORDS


def test_near_me_is_everything_near(index):
    fill(
        index,
        *(entry(f"far{n}", "Near and far", points=[LONDON]) for n in range(3)),
        entry("here", "Bread", points=[EDINBURGH]),
    )

    assert names(ask(index, "near me", near=EDINBURGH))[0] == "here"
    assert ask(index, "near me", near=EDINBURGH, radius_km=10.0).total == 1
    assert ask(index, "near").total == 3  # without a place it is looked for
    assert ask(index, "?!", near=EDINBURGH).total == 0


def test_counts_are_kept_until_the_next_commit(index):
    fill(index, *(entry(f"d{n}", "Bread") for n in range(1_100)))
    before = ask(index, "bread", kind=Kind.OFFER)
    assert ask(index, "bread", near=LONDON, kind=Kind.OFFER).facets == before.facets

    fill(index, entry("more", "Bread"), position=2)

    assert ask(index, "bread", near=LONDON, kind=Kind.OFFER).total == before.total + 1


def test_what_is_asked_for_last_is_kept_longest(monkeypatch):
    monkeypatch.setattr(counting, "_KEPT", 2)
    kept, counted = counting.Kept(), []

    def get(key):
        kept.get(key, lambda: counted.append(key) or Numbers(total=1, counted={}, open_now=0))

    for key in "abacab":
        get(key)

    assert counted == ["a", "b", "c", "b"]


def test_a_rare_word_weighs_as_much_in_a_small_index_as_in_a_large_one(folder):
    weights = []
    for number, others in enumerate((20, 400)):
        index = TantivyIndex.open(folder / str(number))
        assert index.try_to_write()
        common = [entry(f"{one}", "Common") for one in range(others)]
        fill(index, *common, entry("a", "Harp"), entry("b", "Harp again"))
        weights.append(index.rarity([stem for _, stem in Analysis().read_stems("harp common")]))
        index.close()

    [few, many] = weights
    assert few["harp"] == many["harp"] == pytest.approx(1.0)
    assert max(few["common"], many["common"]) < 0.1
