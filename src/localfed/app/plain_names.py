"""Plain names: names, numbers and websites written in one way, so that they can be compared.

Here: spelling alone. Not here: comparing (`duplicates`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

_SPELLINGS: Final = (
    (
        re.compile(r"\bco[ -]?op(?:erative|eratives|s)?\b|\bcooperatives?\b|\bco[ -]operations?\b"),
        "coop",
    ),
    (re.compile(r"\bcommunity interest company\b|\bc\.?i\.?c\b"), "cic"),
    (re.compile(r"\bworking mens?\b|\bworkmens?\b"), "wm"),
    (re.compile(r"\brugby football club\b"), "rfc"),
    (re.compile(r"\bfootball club\b"), "fc"),
    (re.compile(r"\bcredit union\b"), "cu"),
    (re.compile(r"\broyal british legion\b"), "rbl"),
    (re.compile(r"\bwmc\b"), "wm club"),
    (re.compile(r"[&+]"), " and "),
)

_PLATFORMS: Final = frozenset(
    [
        "facebook.com",
        "instagram.com",
        "twitter.com",
        "x.com",
        "linkedin.com",
        "wordpress.com",
        "wixsite.com",
        "blogspot.com",
        "weebly.com",
        "sites.google.com",
        "youtube.com",
        "eventbrite.co.uk",
        "linktr.ee",
    ]
)


def plain_name(text: str) -> str:
    """Write a name in one way: case, accents, signs, and words that people write in several ways."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    folded = folded.replace("'", "").replace("’", "")
    for pattern, spelling in _SPELLINGS:
        folded = pattern.sub(spelling, folded)
    return " ".join(re.findall(r"[^\W_]+", folded))


def plain_number(number: str) -> str:
    """Write a number of a register in one way: no spaces, no leading zeros."""
    return re.sub(r"[^A-Z0-9]", "", number.upper()).lstrip("0")


def website_of(url: str) -> str:
    """Name the website; with the page where it is a platform's, nothing where that is bare."""
    if not url:
        return ""
    try:
        parts = urlsplit(url if "//" in url else "//" + url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host.removeprefix("m.") in _PLATFORMS or host.endswith(".facebook.com"):
        page = parts.path.strip("/").casefold()
        return f"{host.removeprefix('m.')}/{page}" if page else ""
    return host
