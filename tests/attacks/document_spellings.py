"""Documents in bytes that mean more than one thing, too much, or what nobody can see.

Here: duplicate names, depth, size, forms of numbers, characters, times, places; each signed by the real
key of whoever publishes it, with its code. Not here: proof and context (`document_material`).
"""

from __future__ import annotations

import gzip
from typing import Any, Final

from attacks.document_material import Forge, Make, Table, replaced, said
from localfed.protocol import limits

EXT: Final = "https://x.example/"


# --- names there twice -----------------------------------------------------------------------


def _twice(name: str, other: bytes, *, last: bool = False, escaped: bool = False) -> Make:
    """Say a member a second time with another value, before the signed one or after it."""

    def forge(forge: Forge) -> bytes:
        body = forge.good(online=True)
        written = f'"{name}":'.encode()
        assert body.count(written) >= 1, name
        spelt = written
        if escaped:
            spelt = b'"\\u%04x' % ord(name[0]) + written[2:]
        second = spelt + other + b","
        if last:
            second = b"," + spelt + other
            return body[:-1] + second + b"}"
        return body.replace(b"{", b"{" + second, 1)

    return forge


DUPLICATES: Final[Table] = {
    **{
        f"{name} twice, {place}{spelt}": (
            _twice(name, other, last=place == "after", escaped=bool(spelt)),
            "not-canonical",
        )
        for name, other in (
            ("name", b'{"en":"Other"}'),
            ("type", b'"Need"'),
            ("issuer", b'"did:webvh:x"'),
            ("expires", b'"2099-01-01T00:00:00Z"'),
            ("online", b"false"),
        )
        for place in ("before", "after")
        for spelt in ("", ", escaped")
    },
    "a language twice": (
        replaced(b'{"en":"Forged bread"}', b'{"en":"Forged bread","en":"Gold"}'),
        "not-canonical",
    ),
    "a language twice, escaped": (
        replaced(b'{"en":"Forged bread"}', b'{"en":"Forged bread","\\u0065n":"Gold"}'),
        "not-canonical",
    ),
    "a member of the proof twice": (
        replaced(b'"cryptosuite":', b'"cryptosuite":"none","cryptosuite":'),
        "not-canonical",
    ),
    "a member of a place twice": (
        replaced(
            b'"latitude":"1"',
            b'"latitude":"89","latitude":"1"',
            location=[{"latitude": "1", "longitude": "1"}],
        ),
        "not-canonical",
    ),
    "a name of ext twice": (
        replaced(
            b'"https://x.example/":1',
            b'"https://x.example/":2,"https://x.example/":1',
            ext={EXT: 1},
        ),
        "not-canonical",
    ),
    "the whole twice": (lambda f: f.good() + f.good(), "not-json"),
}


# --- depth and size --------------------------------------------------------------------------


def nested(depth: int, *, objects: bool = False) -> Any:
    """Give lists or objects in each other."""
    value: Any = 1
    for _ in range(depth):
        value = {"m": value} if objects else [value]
    return value


def _deep(opening: bytes, closing: bytes, depth: int) -> Make:
    """Nest deeper than any parser recurses; what is signed cannot be so deep."""
    return replaced(
        b'"https://x.example/":1',
        b'"https://x.example/":' + opening * depth + b"1" + closing * depth,
        ext={EXT: 1},
    )


def _sized(count: int) -> Make:
    """Fill a document to a number of bytes."""

    def forge(forge: Forge) -> bytes:
        texts = {f"a{chr(98 + at)}": "x" * 9_999 for at in range(6)}
        lacking = count - len(forge.good(description={**texts, "zz": ""}))
        # A signature is one or two characters longer or shorter each time.
        for more in range(-9, 10):
            body = forge.good(description={**texts, "zz": "x" * (lacking + more)})
            if len(body) == count:
                return body
        raise AssertionError

    return forge


SIZES: Final[Table] = {
    "33 deep": (said(ext={EXT: nested(31)}), "too-deep"),
    "33 deep in objects": (said(ext={EXT: nested(31, objects=True)}), "too-deep"),
    "33 deep outside ext": (said(more=nested(32)), "too-deep"),
    "a thousand deep": (_deep(b"[", b"]", 1_000), "too-deep"),
    "twenty thousand deep": (_deep(b"[", b"]", 20_000), "too-deep"),
    "ten thousand objects deep": (_deep(b'{"":', b"}", 10_000), "too-deep"),
    "brackets without end": (lambda f: b"[" * limits.DOCUMENT_BYTES, "too-deep"),
    "objects without end": (lambda f: b'{"a":' * 13_000, "too-deep"),
    "a byte too many": (_sized(limits.DOCUMENT_BYTES + 1), "too-large"),
    "a megabyte": (lambda f: b" " * 2**20 + f.good(), "too-large"),
    "257 members": (said(ext={EXT: {f"m{at}": 0 for at in range(257)}}), "too-many-values"),
    "257 members at the top": (said(**{f"m{at}": 0 for at in range(257)}), "too-many-values"),
    "5,001 values": (said(more=[0] * 5_001), "too-many-values"),
    "5,001 values in many lists": (said(more=[[0] * 50 for _ in range(100)]), "too-many-values"),
    "51 categories": (said(category=[f"c{at}" for at in range(51)]), "wrong-shape"),
    "51 keywords": (said(keywords=["k"] * 51), "wrong-shape"),
    "21 places": (said(location=[{"latitude": "1", "longitude": "1"}] * 21), "wrong-shape"),
    "nine languages": (
        said(name={f"a{letter}": "Bread" for letter in "abcdefghi"}),
        "wrong-shape",
    ),
    "a name of 301 characters": (said(name={"en": "x" * 301}), "wrong-shape"),
    "a name of nothing": (said(name={"en": ""}), "wrong-shape"),
    "a text of 10,001 characters": (said(description={"en": "x" * 10_001}), "wrong-shape"),
    "a URL of 2,001 characters": (said(url="https://x.example/" + "x" * 1_983), "wrong-shape"),
    "a member's name of 65 characters": (said(**{"m" * 65: 1}), "bad-member-name"),
    "nothing at all": (lambda f: b"", "not-json"),
    "one byte": (lambda f: b"{", "not-json"),
    "a document and a half": (lambda f: f.good() + f.good()[:99], "not-json"),
    "the first half": (lambda f: f.good()[: len(f.good()) // 2], "not-json"),
    "a line feed more": (lambda f: f.good() + b"\n", "not-canonical"),
    "a space before": (lambda f: b" " + f.good(), "not-canonical"),
}


# --- numbers ---------------------------------------------------------------------------------


def _number(digits: str) -> Make:
    """Spell the revision otherwise; 7 is signed."""
    return replaced(b'"revision":7', b'"revision":' + digits.encode())


NUMBERS: Final[Table] = {
    "with a fraction of zero": (_number("7.0"), "bad-number"),
    "with an exponent": (_number("7e0"), "bad-number"),
    "with a capital exponent": (_number("7E0"), "bad-number"),
    "with a negative exponent": (_number("70e-1"), "bad-number"),
    "minus zero": (_number("-0"), "not-canonical"),
    "minus zero with a fraction": (_number("-0.0"), "bad-number"),
    "below zero": (said(revision=-7), "wrong-shape"),
    "zero in front": (_number("07"), "not-json"),
    "plus in front": (_number("+7"), "not-json"),
    "in hexadecimal": (_number("0x7"), "not-json"),
    "with an underline": (_number("7_0"), "not-json"),
    "in other digits": (_number("٧"), "not-json"),
    "without a digit before the point": (_number(".7"), "not-json"),
    "without a digit after the point": (_number("7."), "not-json"),
    "Infinity": (_number("Infinity"), "not-json"),
    "minus Infinity": (_number("-Infinity"), "not-json"),
    "NaN": (_number("NaN"), "not-json"),
    "undefined": (_number("undefined"), "not-json"),
    "as text": (said(revision="7"), "wrong-shape"),
    "true": (said(revision=True), "wrong-shape"),
    "2^53": (_number("9007199254740992"), "bad-number"),
    "2^53 + 1": (_number("9007199254740993"), "bad-number"),
    "2^64": (_number("18446744073709551616"), "bad-number"),
    "2^64 + 7": (_number("18446744073709551623"), "bad-number"),
    "500 digits": (_number("7" * 500), "bad-number"),
    "50,000 digits": (_number("7" * 50_000), "bad-number"),
    "beyond doubles": (_number("7e999"), "bad-number"),
    "a small fraction": (_number("7.0000000000000000001"), "bad-number"),
    "a fraction somewhere": (
        replaced(b'x.example/":1', b'x.example/":1.5', ext={EXT: 1}),
        "bad-number",
    ),
}


# --- characters ------------------------------------------------------------------------------


def _bytes(new: bytes) -> Make:
    """Put bytes into the name that no text has; the text before is signed."""
    return replaced(b"Forged bread", b"Forged" + new + b"bread")


def _everywhere(character: str) -> dict[str, Any]:
    return {
        "a name": {"name": {"en": f"Forged{character}bread"}},
        "a text": {"description": {"en": f"a{character}b"}},
        "a category": {"category": [f"a{character}b"]},
        "ext": {"ext": {EXT: f"a{character}b"}},
        "a member of no meaning": {"more": f"a{character}b"},
    }


ANYWHERE: Final = {
    "NUL": "\0",
    "a tab": "\t",
    "a bell": "\x07",
    "a carriage return": "\r",
    "an escape": "\x1b",
    "a delete": "\x7f",
    "a next line": "\x85",
    "a control of the second set": "\x9b",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
    "an embedding to the left": "\u202a",
    "an embedding to the right": "\u202b",
    "an end of direction": "\u202c",
    "an override to the left": "\u202d",
    "an override to the right": "\u202e",
    "an isolate to the left": "\u2066",
    "an isolate to the right": "\u2067",
    "an isolate of its first letter": "\u2068",
    "an end of isolates": "\u2069",
}
"""What stands nowhere in a document (LF-BYTES-7)."""

IN_LABELS: Final = {
    "a line feed": "\n",
    "a letter mark": "\u061c",
    "a zero-width space": "\u200b",
    "a zero-width non-joiner": "\u200c",
    "a zero-width joiner": "\u200d",
    "a mark to the left": "\u200e",
    "a mark to the right": "\u200f",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a grapheme joiner": "\u034f",
    "a vowel separator": "\u180e",
    "a word joiner": "\u2060",
    "an invisible operator": "\u2062",
    "a switch of digits": "\u206f",
    "a blank letter": "\u3164",
    "a narrow blank letter": "\uffa0",
    "a blank consonant": "\u115f",
}
"""What stands in no name and no category, because nobody sees it (LF-FORM-1)."""

CHARACTERS: Final[Table] = {
    **{
        f"{what} in {where}": (said(**members), "bad-character")
        for what, character in ANYWHERE.items()
        for where, members in _everywhere(character).items()
        if where == "a name" or what in {"NUL", "an override to the right", "a line separator"}
    },
    **{
        f"{what} in {where}": (said(**_everywhere(character)[where]), "wrong-shape")
        for what, character in IN_LABELS.items()
        for where in ("a name", "a category")
    },
    "NUL in a language": (said(name={"e\0n": "Bread"}), "bad-member-name"),
    "NUL in a member's name": (said(**{"na\0me": "Bread"}), "bad-member-name"),
    "a zero-width space in a member's name": (said(**{"na\u200bme": 1}), "bad-member-name"),
    "a letter of another script in a member's name": (said(nаme=1), "bad-member-name"),
    "NUL in an id": (
        lambda f: f.good(id=f"{f.did}/{f.path}\0"),
        "bad-character",
    ),
    "NUL in a type": (said(type="Offer\0"), "bad-character"),
    "NUL, raw": (_bytes(b"\0"), "not-json"),
    "a line feed, raw": (_bytes(b"\n"), "not-json"),
    "half a surrogate pair": (_bytes(b"\\ud83d"), "bad-character"),
    "the other half": (_bytes(b"\\ude00"), "bad-character"),
    "a pair in the wrong order": (_bytes(b"\\ude00\\ud83d"), "bad-character"),
    "a half and a letter": (_bytes(b"\\ud83d\\u0041"), "bad-character"),
    "half a pair in a member's name": (
        replaced(b'"name"', b'"n\\ud83d":1,"name"'),
        "bad-character",
    ),
    "a pair, escaped": (_bytes(b"\\ud83d\\ude00"), "not-canonical"),
    "a letter, escaped": (_bytes(b"\\u0041"), "not-canonical"),
    "a slash, escaped": (_bytes(b"\\/"), "not-canonical"),
    "an escape of nothing": (_bytes(b"\\x41"), "not-json"),
    "an escape cut short": (_bytes(b"\\u00"), "not-json"),
    "a pair in UTF-8": (_bytes(b"\xed\xa0\xbd\xed\xb8\x80"), "not-utf8"),
    "NUL in two bytes": (_bytes(b"\xc0\x80"), "not-utf8"),
    "a slash in two bytes": (_bytes(b"\xc0\xaf"), "not-utf8"),
    "a quote in two bytes": (_bytes(b"\xc0\xa2"), "not-utf8"),
    "a quote in three bytes": (_bytes(b"\xe0\x80\xa2"), "not-utf8"),
    "beyond Unicode": (_bytes(b"\xf4\x90\x80\x80"), "not-utf8"),
    "five bytes for one": (_bytes(b"\xf8\x88\x80\x80\x80"), "not-utf8"),
    "a byte that begins nothing": (_bytes(b"\x80"), "not-utf8"),
    "a character cut short": (_bytes(b"\xe2\x80"), "not-utf8"),
    "Latin-1": (_bytes(b"\xe9"), "not-utf8"),
    "UTF-16": (lambda f: f.good().decode().encode("utf-16"), "not-utf8"),
    "UTF-16 without a mark": (lambda f: f.good().decode().encode("utf-16-le"), "not-json"),
    "UTF-32": (lambda f: f.good().decode().encode("utf-32"), "not-utf8"),
    "a byte order mark before all": (lambda f: b"\xef\xbb\xbf" + f.good(), "not-json"),
    "compressed": (lambda f: gzip.compress(f.good(), mtime=0), "not-utf8"),
}


# --- times and places ------------------------------------------------------------------------


def _timed(code: str, /, **spans: Any) -> tuple[Make, str]:
    """Say times that are so many days from now, or as they are written."""

    def forge(forge: Forge) -> bytes:
        times = {
            name: forge.time(days=span) if isinstance(span, int | float) else span
            for name, span in spans.items()
        }
        return forge.good(**times)

    return forge, code


def _at(latitude: Any, longitude: Any, **more: Any) -> tuple[Make, str]:
    place = {"latitude": latitude, "longitude": longitude, **more}
    return said(location=[place]), "wrong-shape"


def _place(**place: Any) -> tuple[Make, str]:
    return said(location=[place]), "wrong-shape"


RANGES: Final[Table] = {
    "a thirtieth of February": _timed("bad-time", assured="2026-02-30T09:00:00Z"),
    "a leap day of no leap year": _timed("bad-time", assured="2026-02-29T09:00:00Z"),
    "hour 24": _timed("bad-time", updated="2026-04-30T24:00:00Z"),
    "a leap second": _timed("bad-time", assured="2026-04-30T23:59:60Z"),
    "month 0": _timed("bad-time", assured="2026-00-10T09:00:00Z"),
    "year 0": _timed("bad-time", assured="0000-01-01T00:00:00Z"),
    "year 999": _timed("bad-time", updated="0999-01-01T00:00:00Z"),
    "year 10000": _timed("wrong-shape", expires="10000-01-01T00:00:00Z"),
    "a year with a sign": _timed("wrong-shape", expires="+2026-06-01T00:00:00Z"),
    "another zone": _timed("wrong-shape", updated="2026-05-01T09:00:00+00:00"),
    "no zone": _timed("wrong-shape", updated="2026-05-01T09:00:00"),
    "a fraction of a second": _timed("wrong-shape", updated="2026-05-01T09:00:00.000Z"),
    "a day of the week": _timed("wrong-shape", updated="2026-W18-5T09:00:00Z"),
    "a time as a number": _timed("wrong-shape", updated="1777626000"),
    "a time with a line feed": _timed("wrong-shape", updated="2026-05-01T09:00:00Z\n"),
    "digits of another script": _timed("wrong-shape", updated="２０２６-05-01T09:00:00Z"),
    "over before it began": _timed("bad-time", expires=-1),
    "over as it began": _timed("bad-time", expires=0),
    "living for 181 days": _timed("bad-time", expires=181),
    "living for ever": _timed("bad-time", expires="9999-12-31T23:59:59Z"),
    "assured tomorrow": _timed("bad-time", assured=1),
    "assured two years ago": _timed("bad-time", assured=-730),
    "expired": _timed("expired", updated=-20, assured=-20, expires=-1),
    "expired this moment": _timed("expired", updated=-20, assured=-20, expires=0),
    "a listing until never": _timed("bad-time", validUntil="2026-06-31T00:00:00Z"),
    "a listing until soon": _timed("wrong-shape", validUntil="soon"),
    "north of the pole": _at("90.000001", "0"),
    "south of the pole": _at("-90.000001", "0"),
    "around the world": _at("0", "180.000001"),
    "around the world and back": _at("0", "-180.000001"),
    "far away": _at("9999999999", "0"),
    "beyond ten digits": _at("99999999999", "0"),
    "not a number": _at("NaN", "0"),
    "infinite": _at("0", "Infinity"),
    "minus zero": _at("-0", "0"),
    "minus zero with places": _at("0", "-0.000000"),
    "with an exponent": _at("5e1", "0"),
    "with a comma": _at("55,95", "0"),
    "with a plus": _at("+55", "0"),
    "with a zero in front": _at("055", "0"),
    "with seven places": _at("55.0000001", "0"),
    "with a space": _at("55 ", "0"),
    "with a line feed": _at("55\n", "0"),
    "in other digits": _at("٥٥", "0"),
    "in degrees": _at("55°57′N", "3°11′W"),
    "a point of numbers": _at(55, -3),
    "a point of nothing": _at("", ""),
    "half a point": _place(latitude="55"),
    "the other half": _place(longitude="55"),
    "a radius below the least": _at("55", "3", radius=999),
    "a radius beyond the Earth": _at("55", "3", radius=1_000_001),
    "a radius below zero": _at("55", "3", radius=-5_000),
    "a radius of text": _at("55", "3", radius="5000"),
    "a vague place that is exact": _at("55.955", "3", radius=5_000),
    "a radius without a point": _place(name={"en": "Here"}, radius=5_000),
    "a place of nothing": _place(),
    "a place of what nobody knows": _place(planet="Mars"),
    "an address of nothing": _place(address={}),
    "a country in small letters": _place(address={"addressCountry": "gb"}),
    "a country of three letters": _place(address={"addressCountry": "GBR"}),
    "a script for an address": (said(url="javascript:alert(1)"), "wrong-shape"),
    "data for an address": (said(url="data:text/html,x"), "wrong-shape"),
    "a URL with a user": (said(url="https://friend.example@evil.example/"), "wrong-shape"),
    "a URL with a backslash": (said(url="https:\\\\evil.example/"), "wrong-shape"),
    "a URL with a quote": (said(url='https://x.example/"onload="x'), "wrong-shape"),
    "a URL of another script": (said(url="https://fríend.example/"), "wrong-shape"),
    "a URL with a line feed": (said(url="https://x.example/\n"), "wrong-shape"),
}

LATER: Final[Table] = {
    "from tomorrow": _timed("too-early", updated=1, assured=1, expires=2),
    "from six minutes ahead": _timed("too-early", updated=0.0042, assured=0, expires=2),
    "from the year 9999": _timed(
        "too-early",
        updated="9999-12-01T00:00:00Z",
        assured="9999-12-01T00:00:00Z",
        expires="9999-12-31T23:59:59Z",
    ),
}
"""What may be good later: refused, and not remembered."""
