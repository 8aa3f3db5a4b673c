"""Commands for exchanges: exchange record, confirm, correct, dispute, withdraw, list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from localfed.app import exchanges, ledger, organisations
from localfed.app.exchanges import Account, Done, Given
from localfed.app.ledger import Row
from localfed.app.names import Names
from localfed.app.ports import Reads
from localfed.protocol.errors import BadDraft
from localfed.protocol.exchange import Figures
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
from localfed.server.hints import how_to
from localfed.server.wiring import open_node

Things = tuple[tuple[str, str, str], ...]

_which = click.argument("which", metavar="REF|NUMBER")
_text_option = click.option("--text", help="What you say with it. Name no person.")


class _Day(click.ParamType):  # type: ignore[type-arg]  # a subscript needs click 8.5
    """A day of the calendar."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a day, such as 2026-11-01."""
        try:
            return datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 - a day, in no zone
        except ValueError:
            self.fail(f"{value!r} is no day such as 2026-11-01 (year, month, day).", param, ctx)


def _check_things(_: click.Context, param: click.Parameter, value: Things) -> Things:
    """Refuse what is two words and the next option: it would be said of a word that is in its place."""
    for what, quantity, unit in value:
        if any(word.startswith("--") for word in (what, quantity, unit)):
            name = param.opts[0]
            message = (
                f"{name} is followed by three words, what, how much and the unit, such as: "
                f"{name} digging 3 hours"
            )
            raise click.UsageError(message)
    return value


def _account_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what was given, received, and when."""
    three: dict[str, Any] = {
        "nargs": 3,
        "multiple": True,
        "metavar": "WHAT QUANTITY UNIT",
        "callback": _check_things,
    }
    day = _Day()
    for option in (
        click.option(
            "--until", type=day, metavar="DATE", help="The last day; that of --since if not given."
        ),
        click.option(
            "--since",
            type=day,
            metavar="DATE",
            help="The first day, such as 2026-11-01. Recording needs it, or --until.",
        ),
        click.option(
            "--category",
            "categories",
            multiple=True,
            help="What it is about: once for all of it, or once for each thing in their order.",
        ),
        click.option(
            "--received", help="What you got from them; may be given several times.", **three
        ),
        click.option(
            "--gave",
            help="What you gave them, such as: digging 12 hours. Name no person. May be given several times.",
            **three,
        ),
    ):
        function = option(function)
    return function


@click.group()
def exchange() -> None:
    """Record what you and others gave each other; what both of you say alike is counted.

    Say what it was, not who did it: an exchange names no person.
    """


@exchange.command("list")
@data_option
@as_option
@json_option
@command
async def list_exchanges(folder: str, organisation: str | None, as_json: bool) -> None:
    """List your exchanges: which are confirmed, which are disputed, which wait for somebody."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        rows = ledger.list_exchanges(node.ports.store, ours.did, node.ports.clock.now())
        names = Names(node.ports.store, wanted_languages())
        called = {one.partner: names.of(one.partner) for one in rows}
    if as_json:
        print_json(rows)
        return
    for one in rows:
        period = one.figures.period
        say(f"{one.ref}  {called[one.partner]}  {period.start} to {period.end}  {_state(one)}")
        for line in _lines(one, ours.did):
            say(f"    {line}")
    note(f"{counted(len(rows), 'exchange')}")


@exchange.command("record")
@data_option
@as_option
@click.argument("which", metavar="URL|HOST|DID")
@_account_options
@click.option(
    "--at-once",
    is_flag=True,
    help="Publish your half now instead of asking: for a partner that takes no messages.",
)
@_text_option
@json_option
@command
async def record(
    folder: str,
    organisation: str | None,
    which: str,
    gave: Things,
    received: Things,
    categories: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    at_once: bool,
    text: str | None,
    as_json: bool,
) -> None:
    """Record what you gave somebody and got from them, and ask them to confirm it."""
    account = _account(gave, received, categories, since, until)
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await exchanges.record(
            node.ports,
            ours.did,
            which,
            account,
            language=node.language_of(ours),
            text=text,
            at_once=at_once,
        )
        _tell(done, node.ports.store, ours.did, as_json=as_json)


@exchange.command("confirm")
@data_option
@as_option
@_which
@_text_option
@json_option
@command
async def confirm(
    folder: str, organisation: str | None, which: str, text: str | None, as_json: bool
) -> None:
    """Confirm what they recorded: your half is published with the same figures."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await exchanges.confirm(
            node.ports, ours.did, which, language=node.language_of(ours), text=text
        )
        _tell(done, node.ports.store, ours.did, as_json=as_json)


@exchange.command("correct")
@data_option
@as_option
@_which
@_account_options
@_text_option
@json_option
@command
async def correct(
    folder: str,
    organisation: str | None,
    which: str,
    gave: Things,
    received: Things,
    categories: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Say what it was instead, and ask them to confirm that. What you leave out stays as it was."""
    account = _account(gave, received, categories, since, until)
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await exchanges.correct(
            node.ports, ours.did, which, account, language=node.language_of(ours), text=text
        )
        _tell(done, node.ports.store, ours.did, as_json=as_json)


@exchange.command("dispute")
@data_option
@as_option
@_which
@_text_option
@json_option
@command
async def dispute(
    folder: str, organisation: str | None, which: str, text: str | None, as_json: bool
) -> None:
    """Say that it was not so: it is not counted, and they are told."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await exchanges.dispute(
            node.ports, ours.did, which, language=node.language_of(ours), text=text
        )
        _tell(done, node.ports.store, ours.did, as_json=as_json)


@exchange.command("withdraw")
@data_option
@as_option
@_which
@json_option
@command
async def withdraw(folder: str, organisation: str | None, which: str, as_json: bool) -> None:
    """Take back what you said of it; it is not counted any more, and they need not agree."""
    async with open_node(Path(folder)) as node:
        ours = organisations.the_hosted(node.ports.store, organisation)
        done = await exchanges.withdraw(node.ports, ours.did, which)
        _tell(done, node.ports.store, ours.did, as_json=as_json)


def _account(
    gave: Things,
    received: Things,
    categories: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
) -> Account:
    number = len(gave) + len(received)
    if len(categories) not in {0, 1, number}:
        message = f"give one category, or one for each of the {number} things"
        raise BadDraft(message)
    given = [
        Given(
            what=what,
            quantity=quantity,
            unit=unit,
            category=categories[at if len(categories) > 1 else 0] if categories else None,
        )
        for at, (what, quantity, unit) in enumerate((*gave, *received))
    ]
    return Account(
        gave=tuple(given[: len(gave)]),
        received=tuple(given[len(gave) :]),
        start=since.date().isoformat() if since else None,
        end=until.date().isoformat() if until else None,
    )


def _tell(done: Done, reads: Reads, did: str, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    say(f"exchange {done.ref} with {Names(reads, wanted_languages()).of(done.partner)}")
    if done.sent is not None:
        say(f"{done.sent} on its way to them")
    for line in _flows(done.mine, did) if done.mine else ["nothing of yours is published"]:
        say(f"    {line}")


def _state(one: Row) -> str:
    if one.is_agreed:
        return "both said yes: theirs is read at the next poll, or with localfed sync --once"
    by = {"us": " by you", "them": " by them"}
    if one.corrected_by is not None:
        return f"corrected{by[one.corrected_by]}: not counted until both say the same"
    return f"{one.state}{by[one.disputed_by] if one.disputed_by is not None else ''}"


def _lines(one: Row, did: str) -> list[str]:
    said = [
        ("both say" if one.mine == one.theirs else "you say", one.mine),
        ("they say", one.theirs if one.theirs != one.mine else None),
        ("you proposed", one.proposed),
        ("they propose", one.asked),
        ("you proposed" if one.disputed_by == "them" else "they proposed", one.declined),
    ]
    lines = []
    for who, figures in said:
        if figures is not None:
            lines += [f"{who}: {flow}" for flow in _flows(figures, did)]
    if one.disputed_by == "them":
        lines.append(
            f"they say that it was not so: {how_to(f'exchange correct {one.ref}')}, or withdraw"
        )
    elif one.waits:
        lines.append(
            f"waits for you: {how_to(f'exchange confirm {one.ref}')}, or correct, or dispute"
        )
    return lines


def _flows(figures: Figures, did: str) -> list[str]:
    return [
        f"{'gave' if flow.giver == did else 'got'} {flow.quantity} {flow.unit} of {flow.what}"
        + (f" ({flow.category})" if flow.category else "")
        for flow in figures.flows
    ]
