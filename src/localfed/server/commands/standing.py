"""Commands for when something is not as it should be: evidence, restored, clock."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from localfed.app import clocks, organisations, restoring
from localfed.app.values import Evidence
from localfed.server.commands.own import as_option
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    say,
)
from localfed.server.hints import how_to
from localfed.server.wiring import Node, open_node
from localfed.store.files import make_private_folder, write_private_file

_KINDS = {
    "forked": "two feeds with one number",
    "log-forked": "two identity logs that contradict each other",
    "stale": "an older head than one seen before",
    "restarted": "a feed that does not go on where it ended",
    "other-snapshot": "a snapshot that tells newcomers something else",
    "ahead": "a head of this node's own organisation that goes further than what is stored here",
}


@click.command()
@data_option
@click.option(
    "--write", "target", metavar="FOLDER", help="Write the statements, as they came, to a folder."
)
@json_option
@command
async def evidence(folder: str, target: str | None, as_json: bool) -> None:
    """Show signed statements that contradict each other: forks, rollbacks, feeds that restarted."""
    async with open_node(Path(folder)) as node:
        kept = _all_evidence(node)
        hosts = {one.did: one.host for one in node.ports.store.publishers(removed=None)}
    files = [_write(one, Path(target), number) for number, one in enumerate(kept)] if target else []
    if as_json:
        print_json(
            [
                {
                    "did": one.did,
                    "host": hosts[one.did],
                    "kind": one.kind.value,
                    "first": one.first,
                    "last": one.last,
                    "times": one.times,
                    "source": one.source,
                    "held": one.held.decode(errors="replace"),
                    "offered": one.offered.decode(errors="replace"),
                }
                for one in kept
            ]
        )
        return
    for one in kept:
        say(f"{hosts[one.did]}: {one.kind.value}: {_KINDS[one.kind.value]}")
        say(f"    {one.times} times, first {one.first}, last {one.last}, from {one.source}")
    for file in files:
        say(f"written: {file}")
    note(f"{len(kept)} kept")


@click.command()
@data_option
@as_option
@click.option("--from", "at", metavar="URL", help="The folder of the public feed, if not at home.")
@click.option(
    "--let-go", is_flag=True, help="Withdraw what the public feed lists and nobody has any more."
)
@json_option
@command
async def restored(
    folder: str, organisation: str | None, at: str | None, let_go: bool, as_json: bool
) -> None:
    """Say that this folder came from a backup: its own public feed is taken over and goes on."""
    place = None if at is None else at if at.endswith("/") else at + "/"
    async with open_node(Path(folder)) as node:
        publisher = organisations.the_hosted(node.ports.store, organisation)
        done = await restoring.take_over(node.ports, publisher.did, at=place, let_go=let_go)
        has_several = len(node.ports.store.publishers(hosted=True)) > 1
    drafts = _write_drafts(Path(folder), done.drafts)
    if as_json:
        value = {**msgspec.structs.asdict(done), "drafts": [str(path) for path in drafts]}
        print_json(value)
        return
    say(
        f"taken over from {done.source}: {counted(done.documents, 'document')}, {done.fetched} of them fetched"
    )
    if done.let_go:
        say(f"{done.let_go} that nobody has any more were withdrawn")
    if drafts:
        say(f"{len(drafts)} that only the backup has are drafts now; to publish one again:")
        whose = f" --as {publisher.base}" if has_several else ""
        say(f"    {how_to(f'publish{whose} {drafts[0]}')}")


@click.command()
@data_option
@click.option("--trust", is_flag=True, help="Say that this machine's clock is right, for 30 days.")
@click.option("--doubt", is_flag=True, help="Take that word back.")
@json_option
@command
async def clock(folder: str, trust: bool, doubt: bool, as_json: bool) -> None:
    """Tell what the hosts that this node reads say about this machine's clock."""
    if trust and doubt:
        message = "give --trust or --doubt, not both"
        raise click.UsageError(message)
    async with open_node(Path(folder)) as node:
        if trust or doubt:
            await clocks.trust(node.ports, is_right=trust)
        verdict = clocks.judge(node.ports.store, node.ports.clock.machine())
    if as_json:
        print_json(verdict)
        return
    total = verdict.differing + verdict.agreeing
    say(f"{verdict.agreeing} of {total} hosts read within a day agree with this machine's clock")
    if verdict.differing:
        way = "ahead of it" if verdict.offset > 0 else "behind it"
        say(f"{verdict.differing} are {abs(verdict.offset)} seconds {way}")
    if verdict.is_wrong:
        say(
            "you said that it is right: nothing is stopped"
            if verdict.is_trusted
            else "so nothing is signed: set the clock right, or say --trust if the others are wrong"
        )


def _all_evidence(node: Node) -> list[Evidence]:
    store = node.ports.store
    kept = [one for who in store.publishers(removed=None) for one in store.evidence(who.did)]
    return sorted(kept, key=lambda one: one.last, reverse=True)


def _write(one: Evidence, target: Path, number: int) -> Path:
    make_private_folder(target)
    kind = "jsonl" if one.kind.value == "log-forked" else "json"
    stem = f"{number + 1}-{one.kind.value}"
    write_private_file(target / f"{stem}-held.{kind}", one.held)
    offered = target / f"{stem}-offered.{kind}"
    write_private_file(offered, one.offered)
    return offered


def _write_drafts(folder: Path, drafts: tuple[bytes, ...]) -> list[Path]:
    """Write each draft to a file of its own in `drafts/` of the data folder."""
    if not drafts:
        return []
    target = folder / "drafts"
    make_private_folder(target)
    taken = {path.name for path in target.iterdir()}
    paths = []
    number = 0
    for draft in drafts:
        number += 1
        while f"{number}.json" in taken:
            number += 1
        path = target / f"{number}.json"
        write_private_file(path, draft)
        paths.append(path)
    return paths
