"""Commands for what other nodes publish: follow, unfollow, sync, search."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from localfed.app import follows, search, sync
from localfed.app.values import DocumentState, Publisher
from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.errors import BadQuery
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
)
from localfed.server.wiring import Node, open_node

_POLLS_AT_ONCE = 4
_INDEX_SECONDS = 10.0


@click.command()
@data_option
@click.argument("url", metavar="URL")
@click.option(
    "--allow-loopback", is_flag=True, help="Allow http://localhost:PORT, for development."
)
@json_option
@command
async def follow(folder: str, url: str, allow_loopback: bool, as_json: bool) -> None:
    """Follow the organisations at an address, after checking the identity of each."""
    async with open_node(Path(folder)) as node:
        allowed = node.settings.allow_loopback or may_use_loopback(given=allow_loopback)
        looked = await follows.look_up(node.ports, url, allow_loopback=allowed)
        for found in looked.found:
            note(f"found {found.identity.base} ({found.identity.did})")
        for refused in looked.refused:
            note(f"cannot follow {refused.base}: {refused.code}: {refused.message}")
        done = [
            await follows.follow(node.ports, found, allow_loopback=allowed)
            for found in looked.found
        ]
    if as_json:
        print_json(
            {
                "hosts": looked.hosts,
                "followed": [{"did": one.did, "url": one.base} for one in done],
                "refused": looked.refused,
            }
        )
        return
    for one in done:
        say(f"following {one.base}")
    note("A running node reads them at once; otherwise: localfed sync --once")


@click.command()
@data_option
@click.argument("which", metavar="URL|HOST|DID")
@json_option
@command
async def unfollow(folder: str, which: str, as_json: bool) -> None:
    """Stop following an organisation and forget what it published."""
    async with open_node(Path(folder)) as node:
        publisher = await follows.unfollow(node.ports, which)
    if as_json:
        print_json({"did": publisher.did, "url": publisher.base})
    else:
        say(f"no longer following {publisher.base}")


@click.command("sync")
@data_option
@click.option("--once", is_flag=True, help="Poll everyone once and end; otherwise go on.")
@json_option
@command
async def sync_(folder: str, once: bool, as_json: bool) -> None:
    """Read what is new of everyone followed, without serving."""
    async with open_node(Path(folder)) as node:
        reports = await _poll_all(node, node.ports.store.publishers(followed=True))
        _print_reports(reports, as_json=as_json)
        while not once:
            await asyncio.sleep(5)
            due = node.ports.store.due_for_poll(write_time(node.ports.clock.now()))
            if due:
                _print_reports(await _poll_all(node, due), as_json=as_json)
    failed = [report for report in reports if report.problem]
    for report in failed:
        note(f"localfed: {report.problem}: {report.host}: {report.message}")
    if failed:
        sys.exit(1)


@click.command("search")
@data_option
@click.argument("text", required=False, default="")
@click.option("--near", metavar="LAT,LON", help="A point, such as 55.95,-3.19.")
@click.option("--radius", metavar="KM", help="Only within so many kilometres of it.")
@click.option("--kind", help="organisation, offer or need.")
@click.option("--category", help="Only of this category.")
@click.option("--limit", default=20, show_default=True, help="How many results (1 to 100).")
@click.option("--cursor", help="The next page: what the page before printed.")
@json_option
@command
async def search_(
    folder: str,
    text: str,
    near: str | None,
    radius: str | None,
    kind: str | None,
    category: str | None,
    limit: int,
    cursor: str | None,
    as_json: bool,
) -> None:
    """Search everything that this node knows."""
    if not 1 <= limit <= 100:  # noqa: PLR2004
        message = "limit is a number from 1 to 100"
        raise BadQuery(message)
    async with open_node(Path(folder)) as node:
        query = search.read_query(
            q=text,
            near=near,
            radius=radius,
            kind=kind,
            category=category,
            cursor=cursor,
            limit=limit,
            now=node.ports.clock.now(),
        )
        await search.wait_until_current(node.ports, _INDEX_SECONDS)
        found = search.find(node.ports, query)
    if as_json:
        print_json(_found_json(found))
        return
    for result in found.results:
        assert result.document.body is not None
        value = parse_object(result.document.body)
        distance = f"{result.km:.1f} km" if result.km is not None else ""
        say(f"{_name(value)}  {distance}".rstrip())
        say(f"    {result.kind.value}, published by {result.publisher.host}")
        say(f"    {result.document.id}")
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
    await search.wait_until_current(node.ports, _INDEX_SECONDS)
    return list(reports)


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


def _found_json(found: search.Found) -> JsonObject:
    results = []
    for result in found.results:
        assert result.document.body is not None
        assert result.document.state is DocumentState.LIVE
        results.append(
            {
                "id": result.document.id,
                "kind": result.kind.value,
                "name": parse_object(result.document.body).get("name"),
                "distance_km": result.km,
                "score": result.score,
                "publisher": {
                    "did": result.publisher.did,
                    "host": result.publisher.host,
                    "url": result.publisher.base,
                },
                "checked": result.publisher.checked,
                "document": parse_object(result.document.body),
            }
        )
    return {
        "results": results,  # type: ignore[dict-item]
        "total": found.total,
        "facets": {"kind": dict(found.kinds), "category": dict(found.categories)},
        "next": found.next_cursor,
    }


def _name(value: JsonObject) -> str:
    names = value.get("name")
    return str(next(iter(names.values()))) if isinstance(names, dict) and names else ""
