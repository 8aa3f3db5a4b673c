"""Commands that check and tell: verify, resolve, status. None of them uses the network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from localfed.app.ports import Reads
from localfed.app.values import DocumentState
from localfed.protocol import limits
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import parse_object
from localfed.protocol.document import HEAD_PATH
from localfed.protocol.errors import IdentityNeeded, LocalFedError, WrongShape
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.times import read_time
from localfed.protocol.webvh import resolve_log, write_resolution
from localfed.server.console import (
    command,
    data_option,
    json_option,
    print_json,
    read_file,
    say,
)
from localfed.server.wiring import open_node

at_option = click.option(
    "--at", metavar="TIME", help="Check as of this time (2026-05-01T09:30:00Z), not of now."
)


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--identity", metavar="DID_JSONL", help="The issuer's identity log.")
@click.option(
    "--data", "folder", type=click.Path(file_okay=False), help="A node that knows the issuer."
)
@at_option
@json_option
@command
async def verify(
    file: str, identity: str | None, folder: str | None, at: str | None, as_json: bool
) -> None:
    """Check a document or a head: its form, its issuer's identity, its signature, its times."""
    body = read_file(file, limit_bytes=limits.DOCUMENT_BYTES)
    now = _moment(at)
    listed = None
    if identity is not None:
        log = read_file(identity, limit_bytes=limits.LOG_BYTES)
        issuer = read_identity(log, now=now, allow_loopback=True)
        told = _check(body, issuer, now)
    elif folder is not None:
        async with open_node(Path(folder)) as node:
            issuer = _known_identity(node.ports.store, body, now)
            told = _check(body, issuer, now)
            listed = _is_listed(node.ports.store, issuer, told)
    else:
        message = "nothing says who the issuer is"
        raise IdentityNeeded(message)
    told = msgspec.structs.replace(told, listed=listed)
    if as_json:
        print_json(told)
        return
    say(f"valid: {told.type} {told.id}")
    say(f"  signed by {told.issuer}, who is at {told.host}")
    say(f"  updated {told.updated}, valid until {told.expires}")
    if listed is not None:
        say(f"  its publisher's newest head {'lists' if listed else 'does not list'} it")


@click.command()
@click.argument("file", metavar="DID_JSONL|-")
@click.option("--did", help="The DID that the log must be of.")
@click.option("--profile", is_flag=True, help="Ask for LocalFed's profile as well.")
@at_option
@json_option
@command
async def resolve(file: str, did: str | None, profile: bool, at: str | None, as_json: bool) -> None:
    """Resolve an identity log by did:webvh 1.0, and tell whether LocalFed's profile holds."""
    log = read_file(file, limit_bytes=limits.LOG_BYTES)
    now = _moment(at)
    resolution = resolve_log(log, now=now, did=did)
    problem: str | None = None
    try:
        identity: Identity | None = read_identity(log, now=now, allow_loopback=True, did=did)
    except LocalFedError as error:
        if profile:
            raise
        identity, problem = None, error.message
    value = write_resolution(resolution)
    value["localfedProfile"] = {"holds": identity is not None, "problem": problem}
    if as_json:
        print_json(value)
        return
    last = resolution.versions[-1]
    say(f"{last.did}")
    say(f"  {len(resolution.versions)} entries, the last of {last.time:%Y-%m-%d %H:%M} UTC")
    say(f"  {'closed' if resolution.deactivated else 'open'}")
    if identity is None:
        say(f"  not of LocalFed's profile: {problem}")
    else:
        say(f"  LocalFed's profile holds; its files are at {identity.base}")


@click.command()
@data_option
@json_option
@command
async def status(folder: str, as_json: bool) -> None:
    """Tell what this node holds. Says nothing that changes with the clock alone."""
    async with open_node(Path(folder)) as node:
        store = node.ports.store
        counts = store.counts()
        publishers = [
            {
                "did": one.did,
                "url": one.base,
                "hosted": one.is_hosted,
                "closed": one.is_closed,
                "seq": one.state.seq if one.state else None,
                "problem": one.problem,
                "over_quota": one.over_quota,
                "via": one.voucher,
                "shown": one.is_shown,
                "held_back": one.growth.held_back,
                "hold": one.hold,
                "kit_checked": one.kit_checked,
                "keys_changed": one.keys_changed,
                "evidence": len(store.evidence(one.did)),
            }
            for one in store.publishers()
        ]
        unchecked = any(
            one.kit_checked is None and not one.is_closed for one in store.publishers(hosted=True)
        )
    if as_json:
        print_json({"name": node.settings.name, "counts": counts, "publishers": publishers})
        return
    say(node.settings.name)
    if unchecked:
        say("  the recovery kit was never checked: localfed keys check --kit FILE")
    say(f"  {counts.documents_live} documents, {counts.documents_wanted} still lacking")
    for one in publishers:
        kind = "hosted here" if one["hosted"] else "via a partner" if one["via"] else "followed"
        problem = f" (problem: {one['problem']})" if one["problem"] else ""
        say(f"  {kind}: {one['url']}{problem}")
        if one["closed"]:
            say("    closed its identity")
        if not one["shown"]:
            say("    not shown: it does not say itself that it is a partner")
        if one["held_back"]:
            say(f"    {one['held_back']} documents wait: see localfed quota")
        if one["hold"]:
            say(f"    signs nothing: {one['hold']}; see localfed restored --help")
        if one["evidence"]:
            say("    contradicted itself: see localfed evidence")


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found out."""

    valid: bool = True
    id: str
    type: str
    issuer: str
    host: str
    path: str
    digest: str
    updated: str
    expires: str
    listed: bool | None = None
    """Whether the publisher's newest head that this node has lists these bytes."""


def _check(body: bytes, issuer: Identity, now: datetime) -> Verified:
    if parse_object(body).get("type") == "Head":
        head = open_head(body, identity=issuer, now=now).head
        return Verified(
            id=head.id,
            type=head.type,
            issuer=head.issuer,
            host=issuer.host,
            path=HEAD_PATH,
            digest="",
            updated=head.updated,
            expires=head.expires,
        )
    checked = open_document(body, identity=issuer, now=now)
    document = checked.document
    return Verified(
        id=document.id,
        type=document.type,
        issuer=document.issuer,
        host=issuer.host,
        path=checked.path,
        digest=checked.digest,
        updated=document.updated,
        expires=document.expires,
    )


def _known_identity(reads: Reads, body: bytes, now: datetime) -> Identity:
    issuer = parse_object(body).get("issuer")
    if not isinstance(issuer, str):
        message = "the document names no issuer"
        raise WrongShape(message)
    publisher = reads.publisher(issuer)
    if publisher is None:
        message = "this node neither hosts nor follows the issuer"
        raise IdentityNeeded(message)
    return read_identity(publisher.log, now=now, allow_loopback=publisher.allow_loopback)


def _is_listed(reads: Reads, issuer: Identity, told: Verified) -> bool | None:
    if told.path == HEAD_PATH:
        return None  # a head lists; nothing lists it
    held = reads.document(issuer.did, told.path)
    return held is not None and held.state is DocumentState.LIVE and held.digest == told.digest


def _moment(at: str | None) -> datetime:
    return read_time(at) if at is not None else datetime.now(UTC)
