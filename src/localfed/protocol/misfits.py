"""Misfits: what a draft has where its type wants something else, in words for whoever writes the draft.

Here: which member it is, what may stand there, what to write for instance. Not here: reading the draft (`draft`),
the forms themselves (`forms` and the files of the documents). Spec: none: a draft never travels.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import inspect

from localfed.protocol.canonical import JsonObject
from localfed.protocol.contact import Email, Telephone
from localfed.protocol.exchange import Ref
from localfed.protocol.forms import (
    Country,
    DecimalText,
    DidText,
    Digest,
    DocumentId,
    Identifier,
    Label,
    Language,
    Time,
    Url,
)
from localfed.protocol.image import Image
from localfed.protocol.listing import Cost
from localfed.protocol.schedule import LocalDate, LocalTime, Recurrence, ZoneName

# What the library says, and where: "... - at `$.cost[0].basis`", or "- at `key` in `$.name`".
_SAID: Final = re.compile(
    r"(?P<what>.*?)(?: - at `(?P<key>key` in `)?\$(?P<path>[^`]*)`)?", re.DOTALL
)
_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<at>\d+|\.\.\.)\]")
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_TOO_LONG: Final = re.compile(r"Expected `\w+(?: \| null)?` of length <= (?P<most>\d+)")
_SHOWN_CHARACTERS: Final = 60


class _Form(NamedTuple):
    """What strings of one pattern are, for people."""

    words: str
    example: str


def _bare(kind: inspect.Type) -> inspect.Type:
    """Leave out that a member may be absent."""
    if isinstance(kind, inspect.UnionType):
        return next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def _pattern(form: Any, member: str = "") -> str:
    """Return the pattern of a form, or of a member of a struct."""
    kind = _bare(inspect.type_info(form))
    if isinstance(kind, inspect.StructType):
        kind = _bare(next(one.type for one in kind.fields if one.name == member))
    assert isinstance(kind, inspect.StrType)
    return kind.pattern or ""


_FORMS: Final = {
    _pattern(Label): _Form("one line of text without invisible characters", "Veg box"),
    _pattern(Language): _Form("a language tag", "en"),
    _pattern(Url): _Form("an http or https address in ASCII", "https://grocer.example/"),
    _pattern(DecimalText): _Form("a number of at most six decimal places, as a string", "7.50"),
    _pattern(Time): _Form("a moment in UTC", "2026-06-30T17:00:00Z"),
    _pattern(Digest): _Form("a digest as SHA-256 multihash", "zQm…"),
    _pattern(Country): _Form("a country in two capital letters (ISO 3166)", "GB"),
    _pattern(DidText): _Form("the DID of an organisation", "did:webvh:…"),
    _pattern(DocumentId): _Form("the id of a document", "did:webvh:…/d/….json"),
    _pattern(LocalTime): _Form("a day and a time of day", "2026-05-07T19:30"),
    _pattern(LocalDate): _Form("a day", "2026-08-06"),
    _pattern(ZoneName): _Form("a time zone of the IANA database", "Europe/London"),
    _pattern(Cost, "currency"): _Form("a currency in three capital letters (ISO 4217)", "GBP"),
    _pattern(Recurrence, "repeat"): _Form(
        "a rule of spec/05-documents.md", "FREQ=MONTHLY;BYDAY=1TH"
    ),
    _pattern(Email): _Form("an e-mail address in ASCII", "post@grocer.example"),
    _pattern(Telephone): _Form("a telephone number", "+44 1632 960123"),
    _pattern(Ref): _Form("26 letters a to z and digits 2 to 7", "a" * 26),
    _pattern(Identifier, "scheme"): _Form("a register's code (org-id.guide)", "GB-COH"),
    _pattern(Image, "path"): _Form("the path of a picture that was published", "m/….jpg"),
}

_SHORT: Final = {
    "basis": '"free"',
    "cost": '"free" or "7.50 GBP an hour"',
    "schedule": '"Mo-Fr 09:00-17:00 Europe/London"',
    "location": '{"latitude": "54.6021", "longitude": "-2.3014"}',
    "category": '"food"',
    "audience": '"children"',
    "keywords": '"bread"',
    "quantity": '"40"',
    "unit": '"chairs"',
    "image": '{"file": "hall.jpg", "alt": "The hall with its stage"}',
    "logo": '{"file": "sign.png", "alt": "Our sign"}',
}
"""What is shortest to write for a member of a draft (`short_forms`), where its type does not show it."""


def say_misfit(kind: type[msgspec.Struct], said: str, document: JsonObject) -> str:
    """Say which member of a document is wrong, what may stand there and what to write for instance.

    Args: `said`, what msgspec said of `document` when it was to be a `kind`.
    """
    match = _SAID.fullmatch(said)
    assert match is not None
    form: inspect.Type = inspect.type_info(kind)
    value: Any = document
    where: list[str] = []
    top = ""
    for step in _STEP.finditer(match["path"] or ""):
        form = _bare(form)
        if step["name"] and isinstance(form, inspect.StructType):
            top = top or step["name"]
            where.append(step["name"])
            form = _member(form, step["name"])
            value = value[step["name"]]
        elif isinstance(form, inspect.DictType):
            form = form.value_type
            key = next((key for key, one in value.items() if not _fits(form, one)), "")
            where.append(key)
            value = value.get(key)
        elif isinstance(form, inspect.VarTupleType):
            if len(value) > 1:
                where[-1] += f" {int(step['at']) + 1}"
            form, value = form.item_type, value[int(step["at"])]
    form = _bare(form)
    missing = _MISSING.match(match["what"])
    if missing and isinstance(form, inspect.StructType):
        wanted = _member(form, missing["name"])
        where.append(missing["name"])
        return (
            f"{', '.join(where)} is missing: it is {_allowed(wanted)}; "
            f'write for instance "{missing["name"]}": {_instead(wanted, missing["name"])}'
        )
    long = _TOO_LONG.match(match["what"])
    if long and not match["key"]:
        what, remedy = ("entries", "leave some out")
        if isinstance(value, str):
            what, remedy = ("characters", "write it shorter")
        elif isinstance(value, dict):
            what = "languages"
        return f"{', '.join(where)} has {len(value)} {what}, and may have {long['most']}: {remedy}"
    if match["key"] and isinstance(form, inspect.DictType):
        form = form.key_type
        value = next((key for key in value if not _fits(form, key)), "")
    example = _SHORT.get(top) or _example(form)
    if len(where) > 1 and not isinstance(form, (inspect.StructType, inspect.LiteralType)):
        example = _example(form)
    return (
        f"{', '.join(where)}: {_show(value)} is not {_allowed(form)}; write for instance {example}"
    )


def _member(form: inspect.StructType, name: str) -> inspect.Type:
    return _bare(next(one.type for one in form.fields if one.encode_name == name))


def _instead(form: inspect.Type, name: str) -> str:
    return _SHORT.get(name) or _example(form)


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _fits(form: inspect.Type, value: Any) -> bool:
    """Whether a value is a string of this form; every map of ours holds strings."""
    return (
        isinstance(form, inspect.StrType)
        and isinstance(value, str)
        and (form.min_length or 0) <= len(value) <= (form.max_length or len(value))
        and (form.pattern is None or re.search(form.pattern, value) is not None)
    )


def _allowed(form: inspect.Type) -> str:
    """Say what may stand there."""
    if isinstance(form, inspect.LiteralType):
        values = [str(one) for one in form.values]
        return f"one of {', '.join(values)}" if len(values) > 1 else values[0]
    if isinstance(form, inspect.StrType):
        words = _FORMS[form.pattern].words if form.pattern else "a text"
        return f"{words}, at most {form.max_length} characters" if form.max_length else words
    if isinstance(form, inspect.BoolType):
        return "true or false"
    if isinstance(form, inspect.IntType):
        least = 0 if form.ge is None else form.ge
        return f"a whole number from {least} to {form.le}" if form.le is not None else "a number"
    if isinstance(form, inspect.DictType):
        return (
            f"a text by language, in 1 to {form.max_length} languages"
            if form.max_length
            else "an object"
        )
    if isinstance(form, inspect.VarTupleType):
        what = _allowed(_bare(form.item_type))
        most = f" of at most {form.max_length}" if form.max_length else ""
        return f"a list{most}, of which each is {what}"
    if isinstance(form, inspect.StructType):
        needed = [one.encode_name for one in form.fields if one.required]
        more = [one.encode_name for one in form.fields if not one.required]
        ways = [f" with {', '.join(needed)}"] * bool(needed)
        ways += [f" that may have {', '.join(more)}"] * bool(more)
        return f"an object{', and'.join(ways)}"
    return "an object"


def _example(form: inspect.Type) -> str:
    return json.dumps(_value_of(form), ensure_ascii=False)


def _value_of(form: inspect.Type) -> Any:
    """Make the least that fits."""
    form = _bare(form)
    if isinstance(form, inspect.LiteralType):
        return form.values[0]
    if isinstance(form, inspect.StrType):
        return _FORMS[form.pattern].example if form.pattern else "Fresh every Friday"
    if isinstance(form, inspect.IntType):
        return form.ge or 1
    if isinstance(form, inspect.DictType):
        return {"en": _value_of(form.value_type)} if form.max_length else {}
    if isinstance(form, inspect.VarTupleType):
        return [_value_of(form.item_type)]
    if isinstance(form, inspect.StructType):
        return {one.encode_name: _value_of(one.type) for one in form.fields if one.required}
    return True if isinstance(form, inspect.BoolType) else {}
