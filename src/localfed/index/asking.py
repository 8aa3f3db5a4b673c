"""Asking: searches as queries of the library, built from our own terms and nothing else.

Not here: which words must be there (`snapshot`), what the answer is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tantivy import FieldType, Occur, Query, Schema

from localfed.app.index_values import Facet
from localfed.index import fields
from localfed.index.spans import name_moment
from localfed.index.words import Word

# What a name says weighs twice what a text says, and twice again as it was typed ("shops", not "shop").
# Texts are only kept with English endings taken off: it is the same for other languages, whose words
# lose the same ending in a search, and saves a seventh of the time that indexing takes.
_NAME: Final = 2.0


class Asking:
    """Makes queries for one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def term(self, field: str, value: str | int) -> Query:
        """Ask for one term."""
        return Query.term_query(self._schema, field, value, index_option="basic")

    def any_term(self, field: str, values: Iterable[str | int]) -> Query:
        """Ask for any of some terms, without a say in the score.

        A union of terms, because the library's own set of terms reads all their documents beforehand.
        """
        terms = [(Occur.Should, self.term(field, value)) for value in values]
        return Query.const_score_query(Query.boolean_query(terms), 0.0)

    def words(self, words: Sequence[Word], required: int, *, are_all_somewhere: bool) -> Query:
        """Ask for at least `required` of some words; a document that has all counts double.

        Where no document has all, that need not be asked.
        """
        asked = [self._word(word) for word in words]
        if len(asked) == 1:
            return asked[0]
        every = Query.boolean_query([(Occur.Must, one) for one in asked])
        if required == len(asked):
            return every
        some = [(Occur.Should, one) for one in asked]
        if are_all_somewhere:
            some.append((Occur.Should, every))  # holds for itself what was required
        if required == 1:
            return Query.boolean_query(some)
        return Query.boolean_query(some, minimum_number_should_match=required)

    def subjects(self, codes: Iterable[str]) -> Query:
        """Ask for any of some subjects; the rarer, the better."""
        return self.either(*(self.term(fields.SUBJECTS, code) for code in codes))

    def documents(self) -> Query:
        """Ask for every document: all but the mark."""
        return self._silent(self.term(fields.MARK, fields.DOCUMENT))

    def folded(self) -> Query:
        """Ask for what is folded with others, in front of them or behind one."""
        return self.any_term(fields.MARK, (fields.IN_FRONT, fields.BEHIND))

    def position(self) -> Query:
        """Ask for the mark."""
        return self.term(fields.MARK, fields.POSITION)

    def value(self, facet: Facet, number: int) -> Query:
        """Ask for one value of a facet."""
        return self._silent(self.term(facet, number))

    def publisher(self, scid: str) -> Query:
        """Ask for what one organisation publishes, in front of others or behind one, or contributes to."""
        return self._silent(self.term(fields.PUBLISHER, scid))

    def open_at(self, now: int) -> Query:
        """Ask for what is open at a moment."""
        return self.any_term(fields.OPEN, name_moment(now // 60))

    def runs_out_before(self, moment: int) -> Query:
        """Ask for what is only known to be open or not until before a moment."""
        return Query.range_query(
            self._schema,
            fields.OPEN_UNTIL,
            FieldType.Unsigned,
            upper_bound=moment,
            include_upper=False,
        )

    def expires_after(self, now: int) -> Query:
        """Ask for what is valid after a moment; the mark is not among it."""
        return self._silent(
            Query.range_query(
                self._schema,
                fields.EXPIRES,
                FieldType.Unsigned,
                lower_bound=now,
                include_lower=False,
            )
        )

    def expires_until(self, now: int) -> Query:
        """Ask for what has expired at a moment."""
        return Query.range_query(
            self._schema, fields.EXPIRES, FieldType.Unsigned, upper_bound=now, include_upper=True
        )

    def assured_before(self, moment: int) -> Query:
        """Ask for what nobody has said to be right since a moment; not for what it is not known of."""
        return Query.range_query(
            self._schema,
            fields.ASSURED,
            FieldType.Unsigned,
            lower_bound=1,
            upper_bound=moment,
            include_upper=False,
        )

    @staticmethod
    def either(*queries: Query) -> Query:
        """Ask for what one of some queries asks for."""
        return Query.boolean_query([(Occur.Should, one) for one in queries])

    def about(self, word: str, distance: int) -> Query:
        """Ask for what has a word so many letters away."""
        return self._silent(
            Query.fuzzy_term_query(self._schema, fields.WORDS, word, distance=distance)
        )

    @staticmethod
    def both(queries: Sequence[Query], without: Query | None = None) -> Query:
        """Ask for what all of some queries ask for."""
        if len(queries) == 1 and without is None:
            return queries[0]
        parts = [(Occur.Must, query) for query in queries]
        if without is not None:
            parts.append((Occur.MustNot, without))
        return Query.boolean_query(parts)

    def _word(self, word: Word) -> Query:
        parts = [self._term(plain, english) for plain, english in word.parts]
        whole = parts[0] if len(parts) == 1 else self.both(parts)
        if word.joined is None:
            return whole
        return Query.boolean_query(
            [(Occur.Should, whole), (Occur.Should, self._term(*word.joined))]
        )

    def _term(self, plain: str, english: str) -> Query:
        schema = self._schema

        def ask(field: str, term: str) -> Query:
            return Query.term_query(schema, field, term, index_option="freq")

        return Query.boolean_query(
            [
                (Occur.Should, Query.boost_query(ask(fields.TITLE, plain), _NAME)),
                (Occur.Should, Query.boost_query(ask(fields.TITLE_ENGLISH, english), _NAME)),
                (Occur.Should, ask(fields.TEXT, english)),
            ]
        )

    @staticmethod
    def _silent(query: Query) -> Query:
        return Query.const_score_query(query, 0.0)
