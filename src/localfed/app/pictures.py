"""Pictures: which of them documents here name, those of ours that are published, and what is shown of each.

Here: the pictures of a draft, following the store's log, which copies are shown. Not here: fetching the
pictures of others (`picture_fetching`), decoding (`interop.picture_file`, by a port). Spec: 05-documents (LF-IMG).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from localfed.app.picture_values import PictureState, StoredPicture
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol import limits
from localfed.protocol.accept import DOCUMENT_TYPES
from localfed.protocol.canonical import Json, JsonObject
from localfed.protocol.digest import digest
from localfed.protocol.draft import Draft
from localfed.protocol.errors import BadDraft
from localfed.protocol.image import Image, Picture
from localfed.protocol.times import write_time

Load = Callable[[str], bytes]
"""Gives the bytes of a file that a draft names."""

_SEEN: Final = "pictures-seen"
"""How far the store's log was followed."""
_ROWS: Final = 500
_SHOWING: Final = frozenset({"Offer", "Need", "Organization"})
_OF_A_DRAFT: Final = frozenset({"file", "alt"})


class _Naming(msgspec.Struct, frozen=True, kw_only=True):
    """The members of a document that name pictures."""

    image: tuple[Image, ...] = ()
    logo: Image | None = None


_read_naming: Final = msgspec.json.Decoder(_Naming).decode


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is given beside a draft."""

    data: bytes
    alt: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that a document names, and what this node has of it."""

    image: Image
    stored: StoredPicture | None

    @property
    def copy(self) -> str | None:
        """Name of the copy that is shown; None where there is none."""
        return self.stored.copy if self.stored is not None else None


# --- what documents name ---------------------------------------------------------------------


def images_of(document: StoredDocument) -> tuple[Image, ...]:
    """Return the pictures that a document shows, in its order; none of what is not shown."""
    if document.state is not DocumentState.LIVE or not document.is_shown or document.body is None:
        return ()
    if document.type not in _SHOWING:
        return ()
    try:
        naming = _read_naming(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()  # written by a version that knew more
    return (*naming.image, naming.logo) if naming.logo is not None else naming.image


def shown_of(reads: Reads, document: StoredDocument) -> list[Shown]:
    """Return the pictures of a document, in its order, with what this node has of each."""
    images = images_of(document)
    if not images:
        return []
    known = {one.path: one for one in reads.pictures_of(document.did, document.path)}
    return [Shown(image=image, stored=known.get(image.path)) for image in images]


async def follow(ports: Ports) -> int:
    """Note which pictures documents name, as far as the store's log goes; returns how many rows.

    What nobody names any more is deleted (LF-IMG-5, LF-IMG-9); what is new of others is asked for.
    """
    done = 0
    while int(ports.store.fact(_SEEN) or 0) < ports.store.log_position():
        now = ports.clock.now()
        done += await ports.store.write(lambda tx, now=now: _follow_some(tx, now))  # type: ignore[misc]
    return done


def _follow_some(tx: Transaction, now: datetime) -> int:
    rows = tx.log_after(int(tx.fact(_SEEN) or 0), _ROWS)
    publishers = {did: tx.publisher(did) for did in {row.did for row in rows}}
    for did, path in dict.fromkeys((row.did, row.path) for row in rows):
        publisher = publishers[did]
        if publisher is None:
            continue  # forgotten, and its pictures with it
        document = tx.document(did, path)
        # Its new bytes are on their way: they mostly name what the old ones did.
        if document is None or document.state is not DocumentState.WANTED:
            images = images_of(document) if document is not None else ()
            note(tx, did, path, images, None if publisher.is_hosted else now)
    if rows:
        tx.save_fact(_SEEN, str(rows[-1].position))
    return len(rows)


def note(
    tx: Transaction, did: str, document: str, images: Sequence[Image], now: datetime | None
) -> None:
    """Note which pictures a document names; `now` for those of others, which are then wanted."""
    for image in images if now is not None else ():
        held = tx.picture(did, image.path)
        said = (image.bytes, image.width, image.height)
        if held is not None and (
            held.state is PictureState.HELD or (held.bytes, held.width, held.height) == said
        ):
            continue
        wanted = StoredPicture(
            did=did,
            path=image.path,
            state=PictureState.WANTED,
            bytes=image.bytes,
            width=image.width,
            height=image.height,
            next_try=write_time(now) if now is not None else None,
        )
        tx.put_picture(wanted)
    if images or tx.pictures_of(did, document):
        tx.use_pictures(did, document, [image.path for image in images])


# --- drafts ----------------------------------------------------------------------------------


async def prepare(
    ports: Ports, draft: Draft, load: Load, attached: Sequence[Attached] = ()
) -> tuple[Draft, list[Picture]]:
    """Make the pictures whose files a draft names, and name them in it as the specification does.

    Raises:
        BadDraft: a picture without a description, or where none can be.
        BadPicture: a file that is none. What `load` raises.

    """
    members = dict(draft.members)
    for one in attached:
        _attach(draft.type, members, {"file": one, "alt": {str(members["language"]): one.alt}})
    made: list[Picture] = []

    async def fill(value: object) -> Json:
        if not isinstance(value, dict) or "file" not in value:
            return value  # type: ignore[return-value]
        if value.keys() != _OF_A_DRAFT:
            message = (
                "a picture of a draft has a file, an alt (what is to be seen), and nothing else"
            )
            raise BadDraft(message)
        file = value["file"]
        if not isinstance(file, str | Attached):
            message = "the file of a picture is its name"
            raise BadDraft(message)
        picture = await ports.pictures.make(load(file) if isinstance(file, str) else file.data)
        made.append(picture)
        return {**_member(picture), "alt": value["alt"]}

    if isinstance(members.get("image"), list):
        members["image"] = [await fill(one) for one in members["image"]]  # type: ignore[union-attr]
    if "logo" in members:
        members["logo"] = await fill(members["logo"])
    return msgspec.structs.replace(draft, members=members), made


def keep(tx: Transaction, did: str, pictures: Sequence[Picture]) -> None:
    """Keep pictures of a hosted organisation, before the document that names them (LF-IMG-5)."""
    for one in pictures:
        stored = StoredPicture(
            did=did,
            path=one.path,
            state=PictureState.HELD,
            bytes=len(one.body),
            width=one.width,
            height=one.height,
            copy=one.name,
            copy_width=one.width,
            copy_height=one.height,
            copy_bytes=len(one.body),
        )
        tx.put_picture(stored, one.body)


def settle(tx: Transaction, did: str, path: str) -> None:
    """Note which pictures a document names that was just signed.

    Raises:
        BadDraft: one that is not here; who reads it would look for it in vain.

    """
    document = tx.document(did, path)
    images = images_of(document) if document is not None else ()
    for image in images:
        held = tx.picture(did, image.path)
        if held is None or (held.bytes, held.width, held.height) != (
            image.bytes,
            image.width,
            image.height,
        ):
            message = f"the picture {image.path} is not here as the draft says; name its file"
            raise BadDraft(message)
    note(tx, did, path, images, None)


def _attach(kind: str, members: JsonObject, picture: dict[str, object]) -> None:
    """Put a picture that was given beside a draft where its type has room for one."""
    fields = {field.name for field in msgspec.structs.fields(DOCUMENT_TYPES[kind])}
    if "image" in fields:
        held = members.get("image", [])
        if not isinstance(held, list) or len(held) >= limits.PICTURES:
            message = f"there is room for {limits.PICTURES} pictures"
            raise BadDraft(message)
        members["image"] = [*held, picture]  # type: ignore[list-item]
    elif "logo" in fields and "logo" not in members:
        members["logo"] = picture  # type: ignore[assignment]
    else:
        message = f"there is no room for that picture in a draft of type {kind}"
        raise BadDraft(message)


def _member(picture: Picture) -> JsonObject:
    return {
        "path": picture.path,
        "digest": digest(picture.body),
        "bytes": len(picture.body),
        "width": picture.width,
        "height": picture.height,
    }
