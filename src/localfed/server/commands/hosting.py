"""Commands for the organisations of this node: organisations."""

from __future__ import annotations

from pathlib import Path

import click

from localfed.app import organisations
from localfed.app.message_values import MessageState
from localfed.app.values import DocumentState, Publisher
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


@click.command("organisations")
@data_option
@json_option
@command
async def organisations_(folder: str, as_json: bool) -> None:
    """List the organisations that this node hosts, and what each needs of you."""
    async with open_node(Path(folder)) as node:
        waiting = [one.recipient for one in node.ports.store.messages(MessageState.NEW)]
        rows = [
            _row(node, one, waiting.count(one.did))
            for one in node.ports.store.publishers(hosted=True)
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['name']}{' (closed)' if row['closed'] else ''}")
        documents = counted(str(row["documents"]), "document")
        wait = "1 message waits" if row["messages"] == 1 else f"{row['messages']} messages wait"
        say(f"    {row['url']}  {documents}, {wait}")
        if row["hold"]:
            say(f"    signs nothing: {row['hold']}; see localfed restored --help")
        if row["kit_checked"] is None and not row["closed"]:
            check = how_to(f"keys check --as {row['url']} --kit FILE")
            say(f"    recovery kit never checked: {check}")
    note(f"{counted(len(rows), 'organisation')}")


def _row(node: Node, one: Publisher, messages: int) -> dict[str, object]:
    reads = node.ports.store
    live = [path for path, _, _, state in reads.rows(one.did) if state is DocumentState.LIVE]
    return {
        "did": one.did,
        "name": organisations.name_of(reads, one),
        "url": one.base,
        "host": one.host,
        "language": node.language_of(one),
        "closed": one.is_closed,
        "hold": one.hold,
        "kit_checked": one.kit_checked,
        "documents": len(live),
        "messages": messages,
    }
