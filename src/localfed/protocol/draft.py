"""Drafts: what a person or a script writes, before it is a document.

Here: reading a draft forgivingly but exactly, and completing and signing a document.
Not here: the numbers and times it gets (arguments), storing it (`app`).
Spec: none: a draft never travels. docs/run/publish.md describes it for people.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from localfed.protocol import limits
from localfed.protocol.accept import DOCUMENT_TYPES
from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.document import CONTEXT, DEFAULT_LICENSE, Assured, convert
from localfed.protocol.errors import (
    BadCharacter,
    BadDraft,
    NotJson,
    NotUtf8,
    TooDeep,
    TooLarge,
    WrongShape,
)
from localfed.protocol.keys import SigningKey
from localfed.protocol.misfits import say_misfit
from localfed.protocol.proofs import sign
from localfed.protocol.short_forms import complete
from localfed.protocol.times import read_time, write_time

ENVELOPE: Final = frozenset(
    {"@context", "id", "issuer", "revision", "updated", "expires", "assured", "proof"},
)
"""The members that a document is given when it is signed; a draft has none of them but `id`."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that will become a document: its members, without the envelope."""

    id: str | None
    """Given: the next revision of that document. Absent: a new one."""
    type: str
    members: JsonObject


def read_draft(data: bytes, *, language: str) -> Draft:
    """Read a draft in any spelling of JSON; plain strings are in `language`.

    A document as `localfed show` prints it is a draft as well: its envelope is left out.

    Raises:
        TooLarge, NotUtf8, NotJson, TooDeep: by name.
        BadDraft: a name twice, an unknown type or member, a value that cannot be meant.

    """
    value = _read_json(data)
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in DOCUMENT_TYPES:
        message = f"the type of a draft is one of {', '.join(sorted(DOCUMENT_TYPES))}"
        raise BadDraft(message)
    known = {field.encode_name for field in msgspec.structs.fields(DOCUMENT_TYPES[kind])}
    for name in value:
        if name not in known | ENVELOPE:
            message = f"a draft of type {kind} has no member {name[:70]!a}"
            raise BadDraft(message)
    identifier = value.get("id")
    if identifier is not None and not isinstance(identifier, str):
        message = "the id of a draft is a string"
        raise BadDraft(message)
    # null says that there is nothing: in a document that is to leave the member out (LF-DOC-3).
    members = {
        name: item for name, item in value.items() if name not in ENVELOPE and item is not None
    }
    members.setdefault("language", language)
    return Draft(id=identifier, type=kind, members=_complete(members, str(members["language"])))


def write_document(
    members: JsonObject,
    *,
    did: str,
    path: str,
    revision: int,
    key: SigningKey,
    now: datetime,
    assured: datetime,
) -> bytes:
    """Complete a document's members with the envelope and sign it; returns its bytes.

    `did` is the first DID of the issuer, `assured` when a person last said that it is right; a type that nobody
    has to look at again says neither that nor a licence of its own accord.

    Raises:
        BadDraft: a member has a form that the specification does not allow.

    """
    kind = DOCUMENT_TYPES[str(members["type"])]
    updated = now.replace(microsecond=0)
    expires = updated + timedelta(days=kind.lifetime_days)
    by_hand: JsonObject = {}
    if issubclass(kind, Assured):
        members = {"license": DEFAULT_LICENSE, **members}
        by_hand = {"assured": write_time(assured)}
    document: JsonObject = {
        **members,
        "@context": CONTEXT,
        "id": f"{did}/{path}",
        "issuer": did,
        "revision": revision,
        "updated": write_time(updated),
        "expires": write_time(expires),
        **by_hand,
    }
    try:
        latest = convert(document, kind).latest_expiry()
    except WrongShape as error:
        raise BadDraft(_say_wrong(kind, error, document)) from error
    if latest is not None:
        document["expires"] = write_time(min(expires, latest))
    return sign(document, key, f"{did}#{key.multikey}")


def _say_wrong(kind: type[msgspec.Struct], error: WrongShape, document: JsonObject) -> str:
    """Say what is wrong in the words of drafts, where it is the form of a member."""
    cause = error.__cause__
    if not isinstance(cause, msgspec.ValidationError):
        return error.message
    return say_misfit(kind, str(cause), document)


def assured_at(document: JsonObject) -> datetime | None:
    """Read when a person last said that a document of ours is right; None where its type does not say it."""
    said = document.get("assured")
    return read_time(said) if isinstance(said, str) else None


def _read_json(data: bytes) -> dict[str, Any]:
    if len(data) > limits.DOCUMENT_BYTES:
        message = f"a draft has at most {limits.DOCUMENT_BYTES} bytes"
        raise TooLarge(message)
    try:
        # `json`, not msgspec: only it can tell us of a name that is there twice.
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_no_duplicates,
            parse_float=Decimal,
            parse_constant=_no_constants,
        )
    except UnicodeDecodeError as error:
        message = f"byte {error.start} of the draft is not UTF-8"
        raise NotUtf8(message) from error
    except RecursionError as error:
        message = "the draft is nested too deep"
        raise TooDeep(message) from error
    except ValueError as error:
        message = f"the draft is not JSON: {error}"
        raise NotJson(message) from error
    if not isinstance(value, dict):
        message = "a draft is a JSON object"
        raise BadDraft(message)
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        twice = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        message = f"the member {twice[:70]!a} is there twice"
        raise BadDraft(message)
    return names


def _no_constants(name: str) -> None:
    message = f"{name} is not JSON"
    raise BadDraft(message)


def _complete(members: dict[str, Any], language: str) -> JsonObject:
    """Write what may be said short in its full form."""
    complete(members, language)
    return {name: _plain(item, 1) for name, item in members.items()}


def _plain(value: Any, depth: int) -> Json:
    """Refuse what canonical form cannot say, in words for the writer of the draft."""
    if depth > limits.DEPTH:
        message = "the draft is nested too deep"
        raise TooDeep(message)
    if isinstance(value, Decimal):
        message = f'write the number {value} as a string: "{value}"'
        raise BadDraft(message)
    if isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value):
        raise BadCharacter("a string of the draft holds half of a surrogate pair")
    if isinstance(value, dict):
        for name in value:
            _plain(name, depth)
        return {name: _plain(item, depth + 1) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return value  # type: ignore[no-any-return]
