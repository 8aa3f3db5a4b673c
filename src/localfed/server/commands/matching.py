"""Commands for matching: matches."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from localfed.app import listings, matching, organisations, search
from localfed.app.comparing import Reason
from localfed.app.matching import Match
from localfed.app.names import name_in
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import UnknownDocument
from localfed.server.commands.own import as_option
from localfed.server.console import (
    command,
    counted,
    data_option,
    json_option,
    note,
    print_json,
    say,
    wanted_languages,
)
from localfed.server.wiring import Node, open_node

_WAIT_SECONDS = 10.0


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    need: str
    offer: str
    score: float
    km: float | None
    approximate: bool
    why: tuple[Reason, ...]
    alike: tuple[str, ...]


@click.command("matches")
@data_option
@as_option
@click.argument("document_id", metavar="[ID]", required=False)
@json_option
@command
async def matches_(
    folder: str, organisation: str | None, document_id: str | None, as_json: bool
) -> None:
    """Show which offers could meet a need, and why; or which needs an offer could meet.

    Without ID: for everything that you offer and need. What does not fit well enough is not shown.
    """
    async with open_node(Path(folder)) as node:
        await search.wait_until_current(node.ports, _WAIT_SECONDS)
        if document_id is not None:
            found = list(matching.find_matches(node.ports, document_id))
        else:
            ours = organisations.the_hosted(node.ports.store, organisation)
            found = list(matching.matches_of(node.ports, ours.did))
        lines = [] if as_json else [_line(node, one) for one in found]
    if as_json:
        print_json(
            [
                _Row(
                    need=one.need,
                    offer=one.offer,
                    score=one.score,
                    km=one.km,
                    approximate=one.is_about,
                    why=one.why,
                    alike=one.alike,
                )
                for one in found
            ]
        )
        return
    for line in lines:
        say(line)
    note(f"{counted(len(found), 'match', 'matches')}")


def _line(node: Node, match: Match) -> str:
    reasons = "; ".join(one.says for one in match.why if one.fits)
    against = "; ".join(one.says for one in match.why if not one.fits)
    also = f" (and {len(match.alike)} alike)" if match.alike else ""
    return (
        f"{_name(node, match.need)} <- {_name(node, match.offer)}{also}\n"
        f"  {reasons}{'; but ' + against if against else ''}\n  {match.offer}"
    )


def _name(node: Node, document_id: str) -> str:
    try:
        body = listings.find_document(node.ports.store, document_id).body
    except UnknownDocument:
        return document_id
    return name_in(parse_object(body or b"{}"), wanted_languages()) or document_id
