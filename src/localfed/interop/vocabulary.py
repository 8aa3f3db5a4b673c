"""The vocabulary: concepts for kinds, categories, audiences and accessibility, with labels in several languages.

Here: reading the file of the specification, finding a concept by its code or by what people call it.
Not here: which member uses which scheme in a document (`protocol`). Spec: 11-vocabulary (LF-VOC).
Source: SKOS (W3C, 2009).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec


class Scheme(StrEnum):
    """The four lists of concepts."""

    KINDS = "kinds"
    CATEGORIES = "categories"
    AUDIENCES = "audiences"
    ACCESSIBILITY = "accessibility"


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be meant."""

    scheme: Scheme
    notation: str
    labels: dict[str, str]
    """What it is called, by language."""
    other_words: tuple[str, ...] = ()
    """What people call it too, in English."""
    broader: str | None = None
    """Notation of what it is a part of."""
    close_match: tuple[str, ...] = ()
    """Terms of schema.org that mean nearly the same, as `schema:Name`."""
    open_eligibility: str | None = None
    """Its number in the Open Eligibility taxonomy."""


@cache
def concepts(scheme: Scheme) -> dict[str, Concept]:
    """Return the concepts of a scheme by their notation, in the order of the file."""
    return {one.notation: one for one in _read_file() if one.scheme is scheme}


def concept_of(scheme: Scheme, label: str) -> Concept | None:
    """Find what a label means: a code, or plain words that are one of its labels (LF-VOC-1, LF-VOC-2)."""
    exact = concepts(scheme).get(label)
    return exact if exact is not None else _by_words(scheme).get(_plain(label))


def label_of(scheme: Scheme, label: str, languages: Iterable[str]) -> tuple[str, str | None]:
    """Say a label of a document in a language of the reader: the words, and their language.

    Plain words stay as they are, and their language is not known (None). Only a code is translated, and
    not words that happen to equal a label: they are somebody's own (LF-VOC-1).
    """
    concept = concepts(scheme).get(label)
    if concept is None:
        return label, None
    for wanted in (*languages, "en"):
        base = wanted.split("-")[0]
        if base in concept.labels:
            return concept.labels[base], base
    return label, None


def notations_of(scheme: Scheme, labels: Iterable[str]) -> tuple[str, ...]:
    """Return the codes that these labels stand for, those above them too, each once (LF-VOC-3).

    Plain words that mean no concept are left out.
    """
    found: dict[str, None] = {}
    for label in labels:
        concept = concept_of(scheme, label)
        while concept is not None and concept.notation not in found:
            found[concept.notation] = None
            concept = concepts(scheme).get(concept.broader) if concept.broader else None
    return tuple(found)


def words_of(concept: Concept) -> str:
    """Return every word that a concept is called by, for a search."""
    return " ".join((*concept.labels.values(), *concept.other_words))


@cache
def _by_words(scheme: Scheme) -> dict[str, Concept]:
    found: dict[str, Concept] = {}
    for concept in concepts(scheme).values():
        for label in (*concept.labels.values(), *concept.other_words):
            found.setdefault(_plain(label), concept)
    return found


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())


@cache
def _read_file() -> tuple[Concept, ...]:
    text = resources.files("localfed.interop").joinpath("vocabulary/1.0.jsonld").read_text("utf-8")
    return tuple(
        Concept(
            scheme=Scheme(one["inScheme"]),
            notation=one["notation"],
            labels=one["prefLabel"],
            other_words=tuple(one.get("altLabel", {}).get("en", ())),
            broader=one["broader"].split("/")[1] if "broader" in one else None,
            close_match=tuple(one.get("closeMatch", ())),
            open_eligibility=one.get("openEligibility"),
        )
        for one in json.loads(text)["@graph"]
        if one["type"] == "Concept"
    )
