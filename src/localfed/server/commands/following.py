"""Commands for what other nodes publish: follow, unfollow, sync, search."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from localfed.app import (
    claim_notices,
    exchanges,
    follows,
    lapses,
    partnerships,
    search,
    sync,
    vouching,
)
from localfed.app import mirrors as mirroring
from localfed.app.names import name_in
from localfed.app.placing import say_km
from localfed.app.values import MirrorState, Publisher
from localfed.app.whereabouts import place_asked
from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.did import parse_base
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadQuery, LocalFedError, Rejected
from localfed.protocol.times import write_time
from localfed.server.config import may_use_loopback
from localfed.server.console import (
    Progress,
    command,
    data_option,
    json_option,
    note,
    print_json,
    say,
    wanted_languages,
)
from localfed.server.hints import how_to
from localfed.server.wiring import Node, open_node

_POLLS_AT_ONCE = 4
_INDEX_SECONDS = 10.0


@click.command()
@data_option
@click.argument("url", metavar="URL|DID")
@click.option(
    "--via", "mirrors", multiple=True, metavar="URL", help="A node that mirrors it; give two."
)
@click.option(
    "--mirror", metavar="URL|home", help="Read it at this node's mirror, or at its home again."
)
@click.option(
    "--allow-loopback", is_flag=True, help="Allow http://localhost:PORT, for development."
)
@json_option
@command
async def follow(
    folder: str,
    url: str,
    mirrors: tuple[str, ...],
    mirror: str | None,
    allow_loopback: bool,
    as_json: bool,
) -> None:
    """Follow the organisations at an address, after checking the identity of each."""
    async with open_node(Path(folder)) as node:
        allowed = node.settings.allow_loopback or may_use_loopback(given=allow_loopback)
        if url.startswith("did:"):
            found = await follows.look_up_on_mirrors(
                node.ports, url, mirrors, allow_loopback=allowed
            )
            looked = follows.LookUp(hosts=(), found=(found,), refused=())
        elif mirrors:
            message = "--via goes with the DID of the organisation: its page on a mirror shows it"
            raise click.UsageError(message)
        else:
            looked = await follows.look_up(node.ports, url, allow_loopback=allowed)
        for one in looked.found:
            note(f"found {one.identity.base} ({one.identity.did})")
        for refused in looked.refused:
            note(f"cannot follow {refused.base}: {refused.code}: {refused.message}")
        done = [
            await follows.follow(node.ports, found, allow_loopback=allowed)
            for found in _of_others(node, looked.found)
        ]
        if mirror is not None:
            base = None if mirror == "home" else parse_base(mirror, allow_loopback=allowed)
            done = [
                await follows.read_by_mirror(node.ports, publisher.did, base) for publisher in done
            ]
    if as_json:
        print_json(
            {
                "hosts": looked.hosts,
                "followed": [
                    {"did": one.did, "url": one.base, "home_confirmed": one.home.confirmed}
                    for one in done
                ],
                "refused": looked.refused,
            }
        )
        return
    for publisher in done:
        where = "" if publisher.home.confirmed else ", not confirmed at its home"
        say(f"following {publisher.base}{where}")
    note(f"A running node reads them at once; otherwise: {how_to('sync --once')}")


def _of_others(node: Node, found: tuple[follows.Found, ...]) -> list[follows.Found]:
    """Leave out the organisations of this node, unless there are no others: then following says why not."""
    reads = node.ports.store
    hosted = {one.did for one in reads.publishers(hosted=True)}
    others = [one for one in found if one.identity.did not in hosted]
    for one in found if others else ():
        if one.identity.did in hosted:
            note(f"{one.identity.base} is of this node: there is nothing to follow")
    return others or list(found)


@click.command("mirrors")
@data_option
@json_option
@command
async def mirrors_(folder: str, as_json: bool) -> None:
    """Tell which of those followed are mirrors, and whether they have what this node published."""
    async with open_node(Path(folder)) as node:
        states = await mirroring.look_at_clocks(node.ports, is_fresh=True)
        hosted = [one for one in node.ports.store.publishers(hosted=True) if one.state is not None]
    rows = [
        {
            "mirror": state.base,
            "host": owner.host,
            "publishers": len(state.clock) if state.clock is not None else None,
            "has_ours": {one.base: _receipt(state, one) for one in hosted if one.state is not None},
        }
        for state, owner in states
    ]
    if as_json:
        print_json(rows)
        return
    for state, owner in states:
        if state.clock is None:
            say(f"{owner.host}: no mirror")
            continue
        say(f"{owner.host}: mirrors {len(state.clock)}")
        for one in hosted:
            say(f"    {one.host}: {_receipt(state, one)}")


def _receipt(state: MirrorState, ours: Publisher) -> str:
    """Say whether a mirror has everything of a hosted organisation, deletions included."""
    assert ours.state is not None
    seq = (state.clock or {}).get(ours.scid)
    if seq is None:
        return "not mirrored"
    return "all of it" if seq >= ours.state.seq else "not the newest yet"


@click.command()
@data_option
@click.argument("which", metavar="URL|HOST|DID")
@json_option
@command
async def unfollow(folder: str, which: str, as_json: bool) -> None:
    """Stop following an organisation and forget what it published."""
    async with open_node(Path(folder)) as node:
        publisher = await follows.unfollow(node.ports, which)
        await vouching.refresh(node.ports, steps=node.settings.via_steps)
        still = node.ports.store.publisher(publisher.did)
    if as_json:
        print_json({"did": publisher.did, "url": publisher.base})
        return
    say(f"no longer following {publisher.base}")
    if still is not None and still.is_shown:
        note("it is still shown, as a partner of one that you follow; localfed block hides it")


@click.command("sync")
@data_option
@click.option("--once", is_flag=True, help="Poll everyone once and end; otherwise go on.")
@json_option
@command
async def sync_(folder: str, once: bool, as_json: bool) -> None:
    """Read what is new of everyone followed, without serving."""
    async with open_node(Path(folder)) as node:
        reports = await _poll_all(node, node.ports.store.publishers(followed=True))
        reports += await _poll_vouched(node)
        for ours in node.ports.store.publishers(hosted=True):
            await _keep_our_word(node, ours)
        _print_reports(reports, as_json=as_json)
        while not once:
            await asyncio.sleep(5)
            due = node.ports.store.due_for_poll(write_time(node.ports.clock.now()))
            if due:
                _print_reports(await _poll_all(node, due), as_json=as_json)
            await vouching.refresh(node.ports, steps=node.settings.via_steps)
    failed = [report for report in reports if report.problem]
    for report in failed:
        note(f"localfed: {report.problem}: {report.host}: {report.message}")
    if failed:
        sys.exit(1)


@click.command("search")
@data_option
@click.argument("text", required=False, default="")
@click.option("--near", metavar="PLACE", help="A postcode, a town, or a point such as 55.95,-3.19.")
@click.option("--radius", metavar="KM", help="Only within so many kilometres of it.")
@click.option("--kind", help="organisation, offer or need.")
@click.option("--category", help="Only of this category: a code of the vocabulary, or words.")
@click.option("--cost", help="free, pay, pay-what-you-can, exchange or time.")
@click.option("--open", metavar="now", help="Only what is open at this moment: now.")
@click.option("--audience", help="Only for these people: a code of the vocabulary, or words.")
@click.option("--accessibility", help="Only with this: a code of the vocabulary, or words.")
@click.option("--language", metavar="TAG", help="Only where this language is spoken, such as cy.")
@click.option(
    "--organisation",
    metavar="SCID",
    help="Only what this organisation publishes or contributes to; or its DID.",
)
@click.option("--where", help="here: only what has a place; online: only what can be had online.")
@click.option("--sort", help="best, nearest (with --near) or newest first.")
@click.option("--limit", default=20, show_default=True, help="How many results (1 to 100).")
@click.option("--cursor", help="The next page: what the page before printed.")
@json_option
@command
async def search_(folder: str, text: str, limit: int, as_json: bool, **parts: str | None) -> None:
    """Search everything that this node knows."""
    if not 1 <= limit <= 100:  # noqa: PLR2004
        message = "limit is a number from 1 to 100"
        raise BadQuery(message)
    async with open_node(Path(folder)) as node:
        place = place_asked(node.ports.gazetteer, parts.pop("near"))
        query = search.read_query(
            q=text,
            near=place.near if place else None,
            **parts,
            limit=limit,
            now=node.ports.clock.now(),
        )
        await lapses.refresh(node.ports)
        await search.wait_until_current(node.ports, _INDEX_SECONDS)
        found = search.find(node.ports, query)
        read = [(result, _read(result.document.body)) for result in found.results]
        vouchers = {one.did: one.host for one in node.ports.store.publishers()}
        subjects = [node.ports.lexicon.label(one) for one in found.about]
    if as_json:
        print_json(_found_json(found, read, subjects))
        return
    for result, value in read:
        if value is None:
            continue
        distance = say_km(result.km, is_about=result.is_about) if result.km is not None else ""
        via = vouchers.get(result.publisher.voucher or "")
        say(f"{name_in(value, wanted_languages())}  {distance}".rstrip())
        say(
            f"    {result.kind.value}, published by {result.publisher.host}"
            f"{f' (via {via})' if via else ''}"
        )
        say(f"    {result.document.id}")
        for other in result.behind:
            is_own = other.document.path == ORGANISATION_PATH
            said = "published by itself" if is_own else f"listed by {other.publisher.host}"
            say(f"    also {said}: {other.document.id}")
    if found.corrected is not None:
        note(f"looked for: {found.corrected}")
    if subjects:
        note(f"too little says that, so also: what is about {', '.join(subjects)}")
    note(f"{found.total} found")


async def _poll_all(node: Node, publishers: list[Publisher]) -> list[sync.Report]:
    gate = asyncio.Semaphore(_POLLS_AT_ONCE)

    async def one(publisher: Publisher) -> sync.Report:
        async with gate:
            progress = Progress(publisher.host)
            try:
                return await sync.poll(node.ports, publisher.did, progress=progress)
            finally:
                progress.close()

    reports = await asyncio.gather(*(one(publisher) for publisher in publishers))
    await lapses.refresh(node.ports)
    await claim_notices.refresh(node.ports)
    await search.wait_until_current(node.ports, _INDEX_SECONDS)
    return list(reports)


async def _poll_vouched(node: Node) -> list[sync.Report]:
    """Poll those who are shown by "via": first what says so, then, of those who do, the rest."""
    reports: dict[str, sync.Report] = {}
    for _ in range(2 * vouching.STEPS):
        changes = await vouching.refresh(node.ports, steps=node.settings.via_steps)
        vouched = [
            one
            for one in node.ports.store.publishers(followed=False, hosted=False)
            if one.voucher is not None and (one.did not in reports or one.did in changes.shown)
        ]
        for report in await _poll_all(node, vouched):
            reports[report.did] = report
        if not vouched:
            break
    return list(reports.values())


async def _keep_our_word(node: Node, ours: Publisher) -> None:
    """Answer what was accepted; that one organisation cannot sign holds up no other."""
    try:
        await partnerships.settle(node.ports, ours.did, language=node.language_of(ours))
        await exchanges.settle(node.ports, ours.did, language=node.language_of(ours))
    except LocalFedError as error:
        note(f"localfed: {error.code}: {ours.host}: {error.message}")


def _print_reports(reports: list[sync.Report], *, as_json: bool) -> None:
    if as_json:
        print_json(reports)
        return
    for report in reports:
        if report.problem:
            say(f"{report.host}: not read ({report.problem})")
            continue
        parts = [f"{report.changed} new or changed", f"{report.deleted} deleted"]
        parts += [f"{report.lacking} still lacking"] if report.lacking else []
        parts += [f"{report.rejected} refused"] if report.rejected else []
        parts += [f"{report.over_quota} over quota"] if report.over_quota else []
        say(f"{report.host}: {', '.join((*parts, *report.notes))}")


def _read(body: bytes | None) -> JsonObject | None:
    """Read a stored document; None for what a bad disk made unreadable: it hides no other result."""
    try:
        return parse_object(body or b"")
    except Rejected:
        return None


def _found_json(
    found: search.Found, read: list[tuple[search.Result, JsonObject | None]], about: list[str]
) -> JsonObject:
    results = []
    for result, value in read:
        if value is None:
            continue
        results.append(
            {
                "id": result.document.id,
                "kind": result.kind.value,
                "name": value.get("name"),
                "distance_km": result.km,
                "approximate": result.is_about,
                "covers": result.covers,
                "score": result.score,
                "publisher": {
                    "did": result.publisher.did,
                    "host": result.publisher.host,
                    "url": result.publisher.base,
                    "via": result.publisher.voucher,
                },
                "behind": [
                    {"id": one.document.id, "publisher": one.publisher.host}
                    for one in result.behind
                ],
                "checked": result.publisher.checked,
                "document": value,
            }
        )
    return {
        "results": results,  # type: ignore[dict-item]
        "total": found.total,
        "corrected": found.corrected,
        "about": about,  # type: ignore[dict-item]
        "facets": found.facets,  # type: ignore[dict-item]
        "next": found.next_cursor,
    }
