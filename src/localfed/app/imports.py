"""Imports: listing the organisations of somebody's table as documents of ours.

Here: what is new, changed, unchanged and missing, compared with the last import of the same source,
all in one transaction. Not here: reading the table (`interop`). Spec: 05-documents (LF-ORG).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from localfed.app.placing import spot_of
from localfed.app.ports import Gazetteer, Ports, Reads, Transaction
from localfed.app.publishing import sign_and_store
from localfed.app.signing import Author, Change, new_record_path, put
from localfed.app.values import ImportRecord
from localfed.interop.records import ImportTable, ListedRecord, PlaceRecord
from localfed.protocol.canonical import Json, JsonObject, encode
from localfed.protocol.digest import digest
from localfed.protocol.errors import OverQuota
from localfed.protocol.forms import Address, Source

Progress = Callable[[int, int], None]
"""Called with how many records are done, and of how many."""

_DOCUMENTS_MAX = 100_000
"""One publisher's documents: far above any real list, below what a small node can carry."""

_SHOWN_EVERY = 100


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did."""

    new: int
    changed: int
    unchanged: int
    missing: int
    """Records of an earlier import that the table no longer has."""
    withdrawn: int
    """How many of those were withdrawn."""
    left_out: int
    """Records that were withdrawn by hand, or at the wish of whom they are about: they stay away."""


async def import_table(
    ports: Ports,
    did: str,
    table: ImportTable,
    *,
    withdraw_missing: bool,
    with_withdrawn: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Publish every record of a table as an organisation listed by a hosted one.

    A second import of the same table changes nothing; of a changed one, only what changed. What was withdrawn
    by hand since stays away whatever the table says of it, unless it is told to come `with_withdrawn`.

    Raises:
        OverQuota: more records than one publisher may have; nothing was changed.

    """

    def change(tx: Transaction, author: Author) -> tuple[Imported, list[Change]]:
        work = _Import(ports, tx, author, table, progress)
        done = work.run(withdraw_missing=withdraw_missing, with_withdrawn=with_withdrawn)
        return done, work.changes

    return await sign_and_store(ports, did, change)


def count_imported(reads: Reads, did: str, source: str) -> int:
    """Count what was imported from a source and is still published."""
    known = reads.import_records(did, source).values()
    return sum(not reads.is_retired(did, one.path) for one in known)


def count_by_address(gazetteer: Gazetteer, records: Iterable[ListedRecord]) -> int:
    """Count records without a point that searches near a place find by their postcode or town."""
    return sum(
        any(_is_known(gazetteer, one) for one in record.places)
        for record in records
        if not any(one.latitude for one in record.places)
    )


def _is_known(gazetteer: Gazetteer, one: PlaceRecord) -> bool:
    address = Address(
        address_locality=one.locality,
        address_region=one.region,
        postal_code=one.postal_code,
        address_country=one.country,
    )
    return spot_of(gazetteer, address) is not None


class _Import:
    """One import under way, within its transaction."""

    def __init__(
        self,
        ports: Ports,
        tx: Transaction,
        author: Author,
        table: ImportTable,
        progress: Progress | None,
    ) -> None:
        self.ports = ports
        self.tx = tx
        self.author = author
        self.table = table
        self.progress = progress
        self.changes: list[Change] = []
        self.records: list[ImportRecord] = []
        self.now: datetime = author.now

    def run(self, *, withdraw_missing: bool, with_withdrawn: bool) -> Imported:
        source = self.table.source.name
        known = self.tx.import_records(self.author.did, source)
        # Withdrawn by hand: the record of the import stays, and says of which records nobody wants to hear again.
        withdrawn = {
            key for key, one in known.items() if self.tx.is_retired(self.author.did, one.path)
        }
        new = changed = left_out = 0
        if len(self.table.records) > _DOCUMENTS_MAX:
            message = f"one publisher may list {_DOCUMENTS_MAX} records at most"
            raise OverQuota(message)
        for number, record in enumerate(self.table.records, start=1):
            held = known.get(record.key)
            is_withdrawn = record.key in withdrawn
            if is_withdrawn and not with_withdrawn:
                left_out += 1
            else:
                members = write_members(record, self.table.source, self.table.language)
                fingerprint = digest(encode(members))
                if held is None or held.fingerprint != fingerprint or is_withdrawn:
                    self._publish(record.key, held, members, fingerprint)
                    new += held is None
                    changed += held is not None
            if self.progress is not None and (
                number % _SHOWN_EVERY == 0 or number == len(self.table.records)
            ):
                self.progress(number, len(self.table.records))
        self.tx.save_import_records(self.records)
        keys = {record.key for record in self.table.records}
        # What was withdrawn by hand is gone already, and remembered should the table have it again.
        missing = sorted(known.keys() - keys - withdrawn)
        if withdraw_missing and missing:
            self.changes += [Change(path=known[key].path) for key in missing]
            self.tx.delete_import_records(self.author.did, source, missing)
        return Imported(
            new=new,
            changed=changed,
            unchanged=len(self.table.records) - new - changed - left_out,
            missing=len(missing),
            withdrawn=len(missing) if withdraw_missing else 0,
            left_out=left_out,
        )

    def _publish(
        self, key: str, held: ImportRecord | None, members: JsonObject, fingerprint: str
    ) -> None:
        path = held.path if held is not None else new_record_path(self.ports.chance)
        if held is not None and self.tx.is_retired(self.author.did, path):
            # It comes back under a new path, by the operator's word (LF-FEED-2).
            path = new_record_path(self.ports.chance)
        self.changes.append(
            put(
                self.tx,
                self.author,
                path=path,
                members=members,
                assured=self.now,
                jitter=self.ports.chance.fraction(),
            )
        )
        self.records.append(
            ImportRecord(
                did=self.author.did,
                source=self.table.source.name,
                key=key,
                path=path,
                fingerprint=fingerprint,
            )
        )


def write_members(record: ListedRecord, source: Source, language: str) -> JsonObject:
    """Write a record as the members of a listed organisation's document."""
    told = msgspec.structs.replace(source, record=record.key[:300])
    members: dict[str, Json | None] = {
        "type": "Organization",
        "listed": True,
        "language": language,
        "name": dict(record.name),
        "description": dict(record.description) if record.description else None,
        "url": record.url,
        "legalForm": record.legal_form,
        "category": list(record.category),
        "keywords": list(record.keywords),
        "identifier": [msgspec.to_builtins(one) for one in record.identifier],
        "location": [_write_place(place, language) for place in record.places],
        "source": msgspec.to_builtins(told),
    }
    return {name: value for name, value in members.items() if value}


def _write_place(place: PlaceRecord, language: str) -> JsonObject:
    address = {
        "streetAddress": place.street,
        "addressLocality": place.locality,
        "addressRegion": place.region,
        "postalCode": place.postal_code,
        "addressCountry": place.country,
    }
    members: dict[str, Json | None] = {
        "name": {language: place.name} if place.name else None,
        "address": {name: value for name, value in address.items() if value},
        "latitude": place.latitude,
        "longitude": place.longitude,
    }
    return {name: value for name, value in members.items() if value}
