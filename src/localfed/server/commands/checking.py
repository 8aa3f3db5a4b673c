"""Commands that check and tell: verify, resolve, status. None of them uses the network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from localfed.app import notices
from localfed.app.ports import Reads
from localfed.app.values import DocumentState
from localfed.protocol import limits
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import parse_object
from localfed.protocol.did import parse_did
from localfed.protocol.document import HEAD_PATH, Signed
from localfed.protocol.errors import IdentityNeeded, LocalFedError, WrongShape
from localfed.protocol.feed import read_page, read_parts
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.message import MESSAGE_TYPES, Ping, open_message, read_post
from localfed.protocol.mirror import read_clock
from localfed.protocol.times import read_time
from localfed.protocol.webvh import resolve_log, write_resolution
from localfed.server.config import may_use_loopback
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    print_json,
    read_file,
    say,
)
from localfed.server.hints import how_to
from localfed.server.wiring import open_node

at_option = click.option(
    "--at", metavar="TIME", help="Check as of this time (2026-05-01T09:30:00Z), not of now."
)


SIGNED: Final = ("document", "head", "message")
UNSIGNED: Final[dict[str, int]] = {
    "post": limits.INBOX_BYTES,
    "page": limits.FEED_FILE_BYTES,
    "snapshot": limits.FEED_FILE_BYTES,
    "clock": limits.FETCH_BYTES,
}
"""Table: files that no signature is in, whose form alone can be checked, and how large they may be."""


@click.command()
@click.argument("files", metavar="FILE|-...", nargs=-1, required=True)
@click.option(
    "--as",
    "kind",
    type=click.Choice([*SIGNED, *UNSIGNED]),
    help="What it has to be; else what its type says.",
)
@click.option("--identity", metavar="DID_JSONL", help="The issuer's identity log.")
@click.option(
    "--data", "folder", type=click.Path(file_okay=False), help="A node that knows the issuer."
)
@click.option("--path", help="The path at which a feed lists it, or at which a page lies.")
@click.option("--digest", help="The digest with which a feed lists it.")
@click.option("--to", "hosted", metavar="DID", multiple=True, help="Whose inbox a message came to.")
@at_option
@json_option
@command
async def verify(
    files: tuple[str, ...],
    kind: str | None,
    identity: str | None,
    folder: str | None,
    path: str | None,
    digest: str | None,
    hosted: tuple[str, ...],
    at: str | None,
    as_json: bool,
) -> None:
    """Check a document, a head or a message: its form, its issuer's identity, its signature, its times.

    Of what nobody signs (a post, a page, a snapshot, a mirror's clock) the form is checked.
    """
    if len(files) > 1 and kind != "snapshot":
        message = "only a snapshot has several files"
        raise click.UsageError(message)
    limit = UNSIGNED.get(kind or "", limits.DOCUMENT_BYTES)
    bodies = [read_file(file, limit_bytes=limit) for file in files]
    if kind in UNSIGNED:
        form = _read_form(kind, bodies, path)
        if as_json:
            print_json(form)
        else:
            say(f"valid: {form.kind}, {form.holds}")
        return
    body, now = bodies[0], _moment(at)
    listed = None
    if kind is None:
        kind = _guess(body, is_listed=bool(path or digest), is_posted=bool(hosted))
    said = _Said(kind=kind, path=path, digest=digest, hosted=hosted)
    if identity is not None:
        log = read_file(identity, limit_bytes=limits.LOG_BYTES)
        issuer = read_identity(log, now=_today(now), allow_loopback=True)
        told = _check(body, issuer, now, said)
    elif folder is not None:
        async with open_node(Path(folder)) as node:
            store = node.ports.store
            issuer = _known_identity(store, body, now)
            if not hosted:
                here = tuple(one.did for one in store.publishers(hosted=True))
                said = msgspec.structs.replace(said, hosted=here)
            told = _check(body, issuer, now, said)
            listed = _is_listed(store, issuer, told) if kind == "document" else None
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
@click.option(
    "--allow-loopback", is_flag=True, help="Allow http://localhost:PORT, for development."
)
@at_option
@json_option
@command
async def resolve(
    file: str,
    did: str | None,
    profile: bool,
    allow_loopback: bool,
    at: str | None,
    as_json: bool,
) -> None:
    """Resolve an identity log by did:webvh 1.0, and tell whether LocalFed's profile holds."""
    if did is not None:
        parse_did(did)
    log = read_file(file, limit_bytes=limits.LOG_BYTES)
    now = _moment(at)
    resolution = resolve_log(log, now=now, did=did)
    problem: str | None = None
    # Where only a person is told, what is for development is told as what it is.
    allowed = not profile or may_use_loopback(given=allow_loopback)
    try:
        identity: Identity | None = read_identity(log, now=now, allow_loopback=allowed, did=did)
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
    say(
        f"  {counted(len(resolution.versions), 'entry', 'entries')}, the last of {last.time:%Y-%m-%d %H:%M} UTC"
    )
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
        hosted = store.publishers(hosted=True)
        waiting = len(notices.unseen(store))
        unchecked = [one for one in hosted if one.kit_checked is None and not one.is_closed]
    if as_json:
        print_json(
            {
                "name": node.settings.name,
                "counts": counts,
                "publishers": publishers,
                "notices": waiting,
            }
        )
        return
    say(node.settings.name)
    for lacking in unchecked:
        whose = f" --as {lacking.base}" if len(hosted) > 1 else ""
        check = how_to(f"keys check{whose} --kit FILE")
        say(f"  the recovery kit was never checked: {check}")
    say(f"  {counted(counts.documents_live, 'document')}, {counts.documents_wanted} still lacking")
    if waiting:
        say(f"  {counted(waiting, 'notice')} for you: {how_to('notices')}")
    for one in publishers:
        kind = "hosted here" if one["hosted"] else "via a partner" if one["via"] else "followed"
        problem = f" (problem: {one['problem']})" if one["problem"] else ""
        say(f"  {kind}: {one['url']}{problem}")
        if one["closed"]:
            say("    closed its identity")
        if not one["shown"]:
            say("    not shown: it does not say itself that it is a partner")
        if one["held_back"]:
            say(f"    held back: {counted(one['held_back'], 'document')}; see localfed quota")
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


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found in a file that no signature is in."""

    valid: bool = True
    kind: str
    holds: str
    """In words: how much, or of which kind."""


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of the bytes beside them."""

    kind: str
    path: str | None
    digest: str | None
    hosted: tuple[str, ...]


def _guess(body: bytes, *, is_listed: bool, is_posted: bool) -> str:
    """Say what the bytes have to be: what a feed lists, what came to an inbox, or what they say."""
    if is_listed or is_posted:
        return "document" if is_listed else "message"
    name = str(parse_object(body).get("type"))
    if name in MESSAGE_TYPES:
        return "message"
    return "head" if name == "Head" else "document"


def _read_form(kind: str, bodies: list[bytes], path: str | None) -> Form:
    if kind == "page":
        if path is None:
            message = "a page needs --path, such as feed/1777714200000.json"
            raise click.UsageError(message)
        return Form(kind=kind, holds=f"{len(read_page(bodies[0], path).entries)} entries")
    if kind == "snapshot":
        return Form(kind=kind, holds=f"{len(read_parts(bodies))} rows")
    if kind == "clock":
        return Form(kind=kind, holds=f"{len(read_clock(bodies[0]))} organisations")
    is_ping = isinstance(read_post(bodies[0]), Ping)
    return Form(kind=kind, holds="a ping" if is_ping else "a log and a message")


def _check(body: bytes, issuer: Identity, now: datetime, said: _Said) -> Verified:
    if said.kind == "head":
        head = open_head(body, identity=issuer, now=now).head
        return _verified(head, issuer, path=HEAD_PATH)
    if said.kind == "message":
        opened = open_message(body, identity=issuer, now=now, hosted=said.hosted)
        path = opened.message.id.partition("/")[2]
        return _verified(opened.message, issuer, path=path, digest=opened.digest)
    checked = open_document(body, identity=issuer, now=now, path=said.path, digest=said.digest)
    return _verified(checked.document, issuer, path=checked.path, digest=checked.digest)


def _verified(signed: Signed, issuer: Identity, *, path: str, digest: str = "") -> Verified:
    return Verified(
        id=signed.id,
        type=signed.type,
        issuer=signed.issuer,
        host=issuer.host,
        path=path,
        digest=digest,
        updated=signed.updated,
        expires=signed.expires,
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
    return read_identity(publisher.log, now=_today(now), allow_loopback=publisher.allow_loopback)


def _is_listed(reads: Reads, issuer: Identity, told: Verified) -> bool:
    held = reads.document(issuer.did, told.path)
    return held is not None and held.state is DocumentState.LIVE and held.digest == told.digest


def _moment(at: str | None) -> datetime:
    return read_time(at) if at is not None else datetime.now(UTC)


def _today(now: datetime) -> datetime:
    """Say when the log at hand is read: asked about an earlier time, it is of today all the same."""
    return max(now, datetime.now(UTC))
