"""Ages: of what age the people are that a listing speaks of, by its audience and by its words.

Here: the words that say an age, in English and Welsh, and the ages in figures. Not here: what it is worth that two
listings speak of different ages (`fitting`). What a listing leaves out says nothing (`clauses`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from localfed.app.clauses import split_clauses


class Age(StrEnum):
    """Four stretches of a life, by the codes that the vocabulary has for them as audiences."""

    CHILD = "children"
    YOUNG = "young-people"
    ADULT = "adults"
    OLD = "older-people"


_OF_CODE: Final = {
    "children": (Age.CHILD,),
    "young-people": (Age.YOUNG,),
    "adults": (Age.ADULT,),
    "older-people": (Age.OLD,),
    "families": (Age.CHILD, Age.ADULT),
    "women": (Age.ADULT,),
    "men": (Age.ADULT,),
}

_SAID: Final = {
    "en": {
        Age.CHILD: r"child(?:ren)?|kids?|boys?|girls?|bab(?:y|ies)|toddlers?|infants?|pupils?|lads?|preschool"
        r"|playgroups?|primary (?:school|age|sizes?)|under[- ](?:fives?|tens?|twelves?)",
        Age.YOUNG: r"teen(?:ager)?s?|youths?|youngsters?|young (?:people|person|adults?)|school leavers?",
        Age.ADULT: r"adults?|grown-?ups?|men|women|blokes?",
        Age.OLD: r"elderly|pensioners?|seniors?|dementia|older (?:people|person|adults?|men|women|neighbours?)",
    },
    "cy": {
        Age.CHILD: r"(?:p|b|ph)lant|plentyn|babanod|bechgyn",
        Age.YOUNG: r"ifanc|ieuenctid|arddegau",
        Age.ADULT: r"oedolion|d?dynion|[mf]enywod",
        Age.OLD: r"henoed|pensiynwyr|(?:p|b|ph)obl hŷn|dementia",
    },
}
_FAMILIES: Final = {"en": r"famil(?:y|ies)|parents?", "cy": r"(?:t|d|th)eulu(?:oedd)?|rh?ieni"}
_FIGURES: Final = (
    r"\b(?:aged?|ages) (?P<aged>\d{1,3})\b"
    r"|\b(?P<first>\d{1,3})(?: (?:to|or|and) (?P<last>\d{1,3}))?[- ]year[- ]olds?\b"
    r"|\bover[- ](?P<over>50|60|65|70)s?\b"
)
_WORDS: Final = {
    language: re.compile(
        "|".join(rf"\b(?P<{age.name}>{said})\b" for age, said in words.items())
        + rf"|\b(?P<FAMILY>{_FAMILIES[language]})\b|"
        + _FIGURES
    )
    for language, words in _SAID.items()
}
_FIGURES_ALONE: Final = re.compile(_FIGURES)
_UNTIL: Final = ((12, Age.CHILD), (18, Age.YOUNG), (60, Age.ADULT))


def ages_of(texts: Iterable[tuple[str, str]], audience: Iterable[str]) -> frozenset[Age]:
    """Say of what ages a listing speaks; empty where it does not say.

    `texts` are its texts, each after its language (of other languages than English and Welsh only the figures are read, as if they
    were English); `audience` are codes of the vocabulary.
    """
    found = {age for code in audience for age in _OF_CODE.get(code, ())}
    for language, text in texts:
        words = _WORDS.get(language.split("-")[0], _FIGURES_ALONE)
        for match in words.finditer(split_clauses(text.casefold(), language)[0]):
            found.update(_read(match))
    return frozenset(found)


def _read(match: re.Match[str]) -> Iterable[Age]:
    for name, said in match.groupdict().items():
        if not said:
            continue
        if name == "FAMILY":
            yield from _OF_CODE["families"]
        elif said.isdigit():
            yield Age.OLD if name == "over" else _age_of(int(said))
        else:
            yield Age[name]


def _age_of(years: int) -> Age:
    return next((age for end, age in _UNTIL if years < end), Age.OLD)
