"""What people do to the name of an organisation when they enter it from memory or from a sign.

Each change takes a name and the record's locality and gives the name back, the same where the change does not apply.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

Change = Callable[[str, random.Random, str | None], str]

LEGAL = re.compile(
    r"[\s,]+(limited|ltd\.?|llp|plc|community interest company|c\.?i\.?c\.?|cyfyngedig)$",
    re.IGNORECASE,
)
SHORT_LEGAL = {
    "limited": ["Ltd", "Ltd.", "LTD", "ltd"],
    "ltd": ["Limited"],
    "ltd.": ["Limited", "Ltd"],
    "community interest company": ["CIC", "C.I.C."],
    "cic": ["Community Interest Company", "C.I.C."],
    "cyfyngedig": ["Cyf", "Ltd"],
}
SUFFIXES = re.compile(
    r"[\s,]+(co-?operative|co-?op|society|association|company|community benefit society)$",
    re.IGNORECASE,
)
SHORT = [
    (r"working men'?s'? club", "WMC"),
    (r"workmen'?s'? club", "WMC"),
    (r"rugby (union )?football club", "RFC"),
    (r"football club", "FC"),
    (r"credit union", "CU"),
    (r"royal british legion", "RBL"),
    (r"tenant management organisation", "TMO"),
    (r"community land trust", "CLT"),
    (r"housing co-operative", "Housing Co-op"),
    (r"association", "Assoc"),
    (r"society", "Soc"),
    (r"community", "Comm."),
    (r"\bsaint\b", "St"),
    (r"\bst\b\.?", "Saint"),
    (r" and institute", ""),
    (r" and district", ""),
]
NEIGHBOURS = dict(
    zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True),
)


def stem(name: str) -> str:
    """The name without its legal form."""
    return LEGAL.sub("", name).strip(" ,") or name


def legal_form(name: str, rng: random.Random, _locality: str | None) -> str:
    found = LEGAL.search(name)
    if not found or rng.random() < 0.6:
        return stem(name)
    short = rng.choice(SHORT_LEGAL.get(found[1].lower(), [found[1].upper()]))
    return f"{stem(name)} {short}"


def trading_name(name: str, _rng: random.Random | None = None, _town: str | None = None) -> str:
    """The name without its legal form and what stands for it on a sign."""
    short = SUFFIXES.sub("", stem(name))
    return short if len(short) >= 5 else stem(name)


def coop_word(name: str, rng: random.Random, _locality: str | None) -> str:
    words = ["Coop", "Co-op", "Cooperative", "Co operative", "Co-Op", "Co-operative"]
    return re.sub(r"\bco-?op(erative)?\b", rng.choice(words), name, flags=re.IGNORECASE)


def the(name: str, _rng: random.Random, _locality: str | None) -> str:
    return re.sub(r"(?i)^the ", "", name) if name.lower().startswith("the ") else f"The {name}"


def ampersand(name: str, rng: random.Random, _locality: str | None) -> str:
    if "&" in name:
        return re.sub(r"\s*&\s*", " and ", name)
    return re.sub(r"(?i)\band\b", rng.choice(["&", "&", "+"]), name)


def shortened(name: str, _rng: random.Random, _locality: str | None) -> str:
    for long, short in SHORT:
        new = re.sub(long, short, name, count=1, flags=re.IGNORECASE)
        if new != name:
            return new.strip()
    return name


def typo(name: str, rng: random.Random, _locality: str | None) -> str:
    """One slip of the fingers, two in a long name; never in a figure, which tells two apart."""
    for _ in range(2 if len(name) > 30 and rng.random() < 0.3 else 1):
        places = [at for at in range(1, len(name) - 1) if name[at : at + 2].isalpha()]
        if not places:
            return name
        at = rng.choice(places)
        one, two = name[at], name[at + 1]
        slip = rng.choice([two + one, two, one + one + two, NEIGHBOURS.get(one.lower(), one) + two])
        name = name[:at] + slip + name[at + 2 :]
    return name


def word_order(name: str, rng: random.Random, _locality: str | None) -> str:
    words = stem(name).split()
    if len(words) < 3:
        return name
    if rng.random() < 0.5:
        return f"{' '.join(words[1:])}, {words[0]}"
    return " ".join([*words[-2:], *words[:-2]])


def place_added(name: str, rng: random.Random, locality: str | None) -> str:
    if not locality or locality.lower() in name.lower():
        return name
    form = rng.choice(["{} {}", "{}, {}", "{} ({})", "{} - {}", "{} of {}"])
    return form.format(stem(name), locality)


def capitals(name: str, rng: random.Random, _locality: str | None) -> str:
    return name.upper() if rng.random() < 0.6 else name.lower()


def accents(name: str, rng: random.Random, _locality: str | None) -> str:
    """Lost where there are some; else put on one vowel, as spelling help of a language does."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    if bare != name:
        return bare
    vowels = [at for at, letter in enumerate(name) if letter in "aeiou"]
    if not vowels:
        return name
    at = rng.choice(vowels)
    return name[:at] + dict(zip("aeiou", "âéîôû", strict=True))[name[at]] + name[at + 1 :]


def punctuation(name: str, rng: random.Random, _locality: str | None) -> str:
    if "'" in name and rng.random() < 0.5:
        return name.replace("'", "’")
    return re.sub(r"\s+", " ", re.sub(r"['’.,()]|(?<=\w)-(?=\w)", "", name)).strip()


def cut_short(name: str, rng: random.Random, _locality: str | None) -> str:
    """What a field of few characters leaves, in the middle of a word."""
    keep = max(18, round(len(name) * rng.uniform(0.55, 0.75)))
    return name[:keep].strip(" ,-&(")


def initials(name: str, _rng: random.Random, _locality: str | None) -> str:
    words = re.findall(r"\w+", trading_name(name))
    return "".join(word[0].upper() for word in words) if len(words) >= 3 else name


# In this order, each with the chance that somebody does it to a name to which it applies.
CHANGES: list[tuple[str, Change, float]] = [
    ("initials", initials, 0.02),
    ("shortened", shortened, 0.15),
    ("coop word", coop_word, 0.4),
    ("ampersand", ampersand, 0.35),
    ("trading name", trading_name, 0.15),
    ("legal form", legal_form, 0.6),
    ("word order", word_order, 0.06),
    ("place added", place_added, 0.12),
    ("the", the, 0.12),
    ("punctuation", punctuation, 0.12),
    ("typo", typo, 0.18),
    ("accents", accents, 0.04),
    ("cut short", cut_short, 0.05),
    ("capitals", capitals, 0.12),
]
# After these the name alone may fit a relative, too.
LOSING = {"initials", "cut short"}


def renamed(
    name: str, locality: str | None, rng: random.Random, *, careful: bool
) -> tuple[str, set[str]]:
    """The name as somebody else entered it, and what was done to it.

    Args:
        careful: nothing is taken off that tells it from a relative of nearly the same name.
    """
    done: set[str] = set()
    for label, change, how_often in CHANGES:
        if rng.random() >= how_often or (careful and label in LOSING):
            continue
        if "initials" in done and label not in {"place added", "legal form"}:
            continue
        new = change(name, rng, locality)
        if new != name and len(new) >= 3:
            name, done = new, done | {label}
    return name, {f"name: {label}" for label in done}
