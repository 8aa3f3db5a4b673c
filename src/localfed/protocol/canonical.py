"""Canonical JSON: the one spelling in which bytes are accepted and signed.

Here: reading bytes into plain values (and refusing every other spelling), writing values as bytes.
Not here: what the members mean (`documents`), digests (`digest`).
Spec: 02-bytes (LF-BYTES). Source: RFC 8785 (JCS), RFC 8259.
"""

from __future__ import annotations

import json
import re
from typing import Final, TypeAlias

import msgspec
import rfc8785

from localfed.protocol import limits
from localfed.protocol.errors import (
    BadCharacter,
    BadMemberName,
    BadNumber,
    NotCanonical,
    NotJson,
    NotUtf8,
    TooDeep,
    TooLarge,
    TooManyValues,
    WrongShape,
)

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(order="sorted")

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
# No quote and no backslash: so a name stands in canonical bytes as it is, and can be counted there.
_EXT_NAME: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
# U+007F, U+0080-009F, U+2028-202E, U+2066-2069 as they stand in UTF-8.
_FORBIDDEN: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]",
)
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
# Names seen and found good: a set comparison in C instead of a pattern for every name of every
# document. Bounded, because names come from strangers.
_known_names: set[str] = {"@context"}
_KNOWN_NAMES_MAX: Final = 1_000


def encode(value: Json) -> bytes:
    """Write any JSON value in canonical form (RFC 8785).

    Rules: LF-BYTES-1.

    Raises:
        BadNumber: an integer outside ±(2^53-1), NaN or an infinity.
        BadCharacter: a lone surrogate.

    """
    if _is_plain(value):
        return encode_plain(value)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.IntegerDomainError, rfc8785.FloatDomainError) as error:
        message = "a number has no canonical form"
        raise BadNumber(message, detail=str(error)) from error
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        message = "a string has no canonical form"
        raise BadCharacter(message, detail=str(error)) from error


def encode_plain(value: Json) -> bytes:
    """Write a value that `parse` returned, or that we made, in canonical form; 40 times as fast.

    Right for values without fractions whose member names are ASCII: there, sorting by code point
    (msgspec) and by UTF-16 unit (RFC 8785) agree. A property test compares it with `rfc8785`.
    """
    return _encoder.encode(value)


def parse(data: bytes, *, limit: int = limits.DOCUMENT_BYTES, lists: bool = False) -> Json:
    """Read canonical JSON from a stranger's bytes; refuse every other spelling.

    Rules: LF-BYTES-1, LF-BYTES-3 to LF-BYTES-8, LF-BYTES-13. With `lists`, the limits of a document on numbers of values do
    not apply (feed files); all else does.

    Raises:
        TooLarge, NotUtf8, NotJson, TooDeep, TooManyValues, BadMemberName, BadNumber, BadCharacter,
        NotCanonical: by name.

    """
    if len(data) > limit:
        message = f"{len(data)} bytes, where {limit} are allowed"
        raise TooLarge(message)
    value = parse_loose(data)
    _check_values(value, lists=lists)
    if encode_plain(value) != data:
        message = "the bytes are not the canonical form of what they say"
        raise NotCanonical(message)
    # Only now: in another spelling an escape may stand for an innocent character.
    check_characters(data)
    return value


def parse_object(data: bytes, *, limit: int = limits.DOCUMENT_BYTES) -> JsonObject:
    """Read canonical JSON that is an object.

    Raises:
        WrongShape: it is something else; and all that `parse` raises.

    """
    value = parse(data, limit=limit)
    if not isinstance(value, dict):
        message = "a JSON object is needed here"
        raise WrongShape(message)
    return value


def parse_loose(data: bytes) -> Json:
    """Read JSON in any spelling: for drafts, settings and logs of other software.

    Duplicate names are not seen here (the last one wins): use `parse` for what strangers sign.

    Raises:
        NotUtf8, NotJson, TooDeep, BadNumber, BadCharacter: by name.

    """
    try:
        if not data.isascii():
            data.decode()
        return _decoder.decode(data)  # type: ignore[no-any-return]
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8"
        raise NotUtf8(message) from error
    except msgspec.ValidationError as error:
        # A number of hundreds of digits: JSON, but beyond what any reader keeps.
        message = "a number is a fraction or outside ±(2^53-1)"
        raise BadNumber(message, detail=str(error)) from error
    except msgspec.DecodeError as error:
        if _SURROGATE.search(data) and _is_json_but_for_surrogates(data):
            message = "a string holds half of a surrogate pair"
            raise BadCharacter(message, detail=str(error)) from error
        message = f"not JSON: {error}"
        raise NotJson(message) from error
    except RecursionError as error:
        message = "nested too deep"
        raise TooDeep(message) from error


def _is_json_but_for_surrogates(data: bytes) -> bool:
    """Whether a decoder that forgives half surrogate pairs reads this; `json` is one."""
    try:
        json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _is_plain(value: Json) -> bool:
    """Whether `encode_plain` writes the canonical form of this value."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if not all(name.isascii() for name in item):
                return False
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, str):
            if not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
                return False
        elif isinstance(item, float) or (
            isinstance(item, int) and not -limits.INTEGER <= item <= limits.INTEGER
        ):
            return False
    return True


def _check_values(value: Json, *, lists: bool) -> None:
    """Depth, numbers of members and values, names and numbers (LF-BYTES-3 to LF-BYTES-6)."""
    if type(value) is not dict and type(value) is not list:
        value = [value]
    stack: list[tuple[dict[str, Json] | list[Json], int, bool]] = [(value, 1, False)]
    count = 0
    while stack:
        item, depth, is_ext = stack.pop()
        if depth > limits.DEPTH:
            message = f"nested deeper than {limits.DEPTH}"
            raise TooDeep(message)
        count += len(item)
        if type(item) is dict:
            if item.keys() > _known_names or not item.keys() <= _known_names:
                _check_names(item, is_ext=is_ext)
            if len(item) > limits.MEMBERS:
                message = f"an object has more than {limits.MEMBERS} members"
                raise TooManyValues(message)
        for child in item.values() if type(item) is dict else item:
            kind = type(child)
            if kind is str:
                continue
            if kind is dict or kind is list:
                in_ext = is_ext or (depth == 1 and type(item) is dict and child is item.get("ext"))
                stack.append((child, depth + 1, in_ext))  # type: ignore[arg-type]
            elif kind is float or (
                kind is int and not -limits.INTEGER <= child <= limits.INTEGER  # type: ignore[operator]
            ):
                message = "a number is a fraction or outside ±(2^53-1)"
                raise BadNumber(message)
    if count > limits.VALUES and not lists:
        message = f"more than {limits.VALUES} values"
        raise TooManyValues(message)


def _check_names(item: dict[str, Json], *, is_ext: bool) -> None:
    """Check member names (LF-BYTES-5): one pattern everywhere, looser inside `ext`."""
    for name in item:
        if name in _known_names:
            continue
        if is_ext:
            if not _EXT_NAME.fullmatch(name):
                message = "a member name inside ext is not plain printable ASCII"
                raise BadMemberName(message)
        elif not _NAME.fullmatch(name):
            message = f"the member name {name[:70]!a} is not allowed"
            raise BadMemberName(message)
        elif len(_known_names) < _KNOWN_NAMES_MAX:
            _known_names.add(name)


def check_characters(data: bytes) -> None:
    """Check that no string holds a character that none may hold, in bytes that are canonical JSON.

    Rules: LF-BYTES-7.

    Raises:
        BadCharacter: one does.

    """
    # A backslash starts `\"`, `\\`, `\n`, or the escape of a character that we refuse. They are counted
    # because a pattern that visits each takes a tenth of the time of a signature; mostly all are `\n`.
    backslashes = data.count(b"\\")
    if backslashes and backslashes != data.count(b"\\n"):
        single = data.replace(b"\\\\", b"")
        allowed = single.count(b'\\"') + single.count(b"\\n")
        if single.count(b"\\") != allowed:
            message = "a string holds a control character"
            raise BadCharacter(message)
    if b"\x7f" in data or (not data.isascii() and _FORBIDDEN.search(data)):
        message = "a string holds a control, line-separator or bidirectional character"
        raise BadCharacter(message)
