"""The envelope that every signed document shares, and how a document says its type and its path.

Here: the members common to all, times, ids and paths. Not here: what each type adds
(`organisation`, `listing`, `feed`), the door (`accept`), signing (`proofs`).
Spec: 05-documents (LF-DOC).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from localfed.protocol import limits
from localfed.protocol.canonical import JsonObject
from localfed.protocol.errors import BadTime, Expired, TooEarly, UnknownContext, WrongShape
from localfed.protocol.forms import Language, Number, Time, Url
from localfed.protocol.times import read_time

CONTEXT: Final = "https://w3id.org/localfed/1.0"
"""What we write: the lowest version that defines our terms."""

DEFAULT_LICENSE: Final = "https://creativecommons.org/licenses/by/4.0/"

ORGANISATION_PATH: Final = "org.json"
CONTACT_PATH: Final = "contact.json"
HEAD_PATH: Final = "head.json"

_CONTEXTS: Final = re.compile(r"https://w3id\.org/localfed/1\.(0|[1-9][0-9]{0,2})")
_RECORD_PATH: Final = re.compile(r"d/[a-z2-7]{26}\.json")
_PARTNERSHIP_PATH: Final = re.compile(r"p/[1-9A-HJ-NP-Za-km-z]{46}\.json")
_ANY_PATH: Final = re.compile(r"[a-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*){0,3}\.json")
_RESERVED: Final = (
    "head.json",
    "feed/",
    "snapshot/",
    "mirror/",
    "messages/",
    "m/",
    "api/",
)
_PATH_CHARACTERS: Final = 200
_TOLERANCE: Final = timedelta(seconds=limits.CLOCK_SECONDS)


class Proof(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The one proof of a document (LF-PROOF-1, LF-PROOF-2)."""

    context: str = msgspec.field(name="@context")
    type: Literal["DataIntegrityProof"]
    cryptosuite: Literal["eddsa-jcs-2022"]
    verification_method: str
    proof_purpose: Literal["assertionMethod"]
    proof_value: str


class Signed(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every signed document says, head included. Unknown members stay in the bytes."""

    context: Annotated[str, Meta(max_length=64)] = msgspec.field(name="@context")
    id: Annotated[str, Meta(max_length=limits.DID_CHARACTERS + 1 + _PATH_CHARACTERS)]
    type: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9]{0,63}\Z")]
    issuer: Annotated[str, Meta(max_length=limits.DID_CHARACTERS)]
    updated: Time
    expires: Time
    critical: tuple[Annotated[str, Meta(max_length=64)], ...] = ()
    ext: dict[str, Any] | None = None


class Document(Signed, frozen=True, kw_only=True):
    """What every document of a feed says. An unknown type is read as this and nothing more."""

    lifetime_days: ClassVar[int] = limits.LIFETIME_DAYS
    """`expires` is later than `updated` by at most this (LF-DOC-8)."""

    revision: Number
    license: Url | None = None
    language: Language | None = None

    def latest_expiry(self) -> datetime | None:
        """When it is over for good, however often it is signed again; None: never."""
        return None


class Assured(Document, frozen=True, kw_only=True):
    """A document that a person has to look at once a year."""

    license: Url
    assured: Time
    """When a person last said that it is right."""

    def latest_expiry(self) -> datetime | None:
        """When nobody has looked at it for too long (LF-DOC-9)."""
        return read_time(self.assured) + timedelta(days=limits.ASSURED_DAYS)


T = TypeVar("T", bound=Signed)


def convert(value: JsonObject, kind: type[T]) -> T:
    """See a checked JSON object as the struct of its type.

    Raises:
        WrongShape: a member is missing or has another form; the message names it.

    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = f"not a {kind.__name__} by the specification: {error}"
        raise WrongShape(message) from error


def check_context(context: str) -> None:
    """Check that a context is one of major version 1 (LF-DOC-2).

    Raises:
        UnknownContext: it is not.

    """
    if context != CONTEXT and not _CONTEXTS.fullmatch(context):
        message = "the @context is not one of LocalFed 1"
        raise UnknownContext(message)


def check_times(
    document: Signed,
    now: datetime,
    *,
    lifetime_days: int,
    assured: str | None = None,
    may_be_expired: bool = False,
) -> None:
    """Check the times of a document against each other and against `now`.

    Rules: LF-DOC-8 to LF-DOC-11.

    Raises:
        BadTime: a time does not exist, or it lives longer than its kind may.
        TooEarly: updated later than the clock tolerance allows.
        Expired: no longer valid.

    """
    updated, expires = _moment(document.updated), _moment(document.expires)
    # Differences, never sums: the year 9999 and 180 days more is no date.
    if not _days(0) < expires - updated <= _days(lifetime_days):
        message = f"expires is not within {lifetime_days} days after updated"
        raise BadTime(message)
    if assured is not None:
        looked_at = _moment(assured)
        if looked_at - updated > _TOLERANCE:
            message = "assured is later than updated"
            raise BadTime(message)
        if expires - looked_at > _days(limits.ASSURED_DAYS):
            message = f"expires is more than {limits.ASSURED_DAYS} days after assured"
            raise BadTime(message)
    if updated - now > _TOLERANCE:
        message = f"updated at {document.updated}, which has not come yet"
        raise TooEarly(message)
    if expires <= now and not may_be_expired:
        message = f"expired at {document.expires}"
        raise Expired(message)


def _moment(text: str) -> datetime:
    """Do what `read_time` does, for a text whose form `Time` has seen."""
    try:
        # Later versions of Python read 24:00:00 as the next day.
        is_plain = text >= "1000" and text[11:13] < "24"
        return datetime.fromisoformat(text) if is_plain else read_time(text)
    except ValueError:
        return read_time(text)  # the error that it raises says it


@lru_cache(maxsize=16)
def _days(days: int) -> timedelta:
    return timedelta(days=days)


def is_known_path(path: str) -> bool:
    """Whether this version knows what a document at this path is (LF-DOC-6)."""
    return (
        path in {ORGANISATION_PATH, CONTACT_PATH}
        or _RECORD_PATH.fullmatch(path) is not None
        or _PARTNERSHIP_PATH.fullmatch(path) is not None
    )


def is_possible_path(path: str) -> bool:
    """Whether a feed may list this path at all: known ones, and those of later versions.

    Rules: LF-DOC-7.
    """
    return is_known_path(path) or (
        len(path) <= _PATH_CHARACTERS
        and _ANY_PATH.fullmatch(path) is not None
        and not path.startswith(_RESERVED)
    )


def is_record_path(path: str) -> bool:
    """Whether this is the path of a record under `d/`."""
    return _RECORD_PATH.fullmatch(path) is not None
