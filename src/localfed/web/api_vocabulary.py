"""The vocabulary for programs: what its codes are called in a language.

Here: /api/v1/vocabulary. Not here: the vocabulary (`interop.vocabulary`), choosing words for pages (`particulars`).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec
from aiohttp import web

from localfed.interop.vocabulary import Scheme, concepts, label_of
from localfed.protocol.errors import BadQuery
from localfed.web.answers import A_DAY, JSON, answer_bytes, hash_tag, headers_of
from localfed.web.parameters import check_parameters
from localfed.web.translating import read_languages

_HEADERS: Final = headers_of(JSON, A_DAY)
_TAG_CHARACTERS: Final = 40


class VocabularyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the codes are called: by scheme and code."""

    language: str
    """The language that was found, of those of the vocabulary."""
    labels: dict[str, dict[str, str]]


async def show_vocabulary(request: web.Request) -> web.Response:
    """Answer with the labels of the codes in the language asked for, English where it has none.

    Raises:
        BadQuery: it is not a language tag, or something else was asked.

    """
    check_parameters(request, ("lang",))
    wanted = request.query.get("lang", "en")
    found = read_languages(wanted) if len(wanted) <= _TAG_CHARACTERS else ()
    if len(found) != 1:
        message = "lang is a language tag, such as cy or en-GB"
        raise BadQuery(message)
    body = _labels(found[0].split("-")[0])
    return answer_bytes(request, body, hash_tag(body), _HEADERS)


def _labels(language: str) -> bytes:
    known = {tag for concept in concepts(Scheme.CATEGORIES).values() for tag in concept.labels}
    return _encoded(language if language in known else "en")


@cache
def _encoded(language: str) -> bytes:
    labels = {
        str(scheme.value): {
            code: label_of(scheme, code, (language,))[0] for code in concepts(scheme)
        }
        for scheme in Scheme
    }
    return msgspec.json.encode(VocabularyAnswer(language=language, labels=labels))
