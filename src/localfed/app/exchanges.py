"""Exchanges: recording what was given and got, confirming, correcting, disputing, taking back.

Here: what a person does, made of messages (`messages`) and our own halves (`listings`). Not here: how far each has
come (`ledger`), which are confirmed (`protocol.exchange`), adding them up (`report`). Spec: 05-documents (LF-EXCH).

What is recorded is private until the other confirms it. Who confirms publishes its half; who recorded it publishes
its own when the answer comes. Whatever is confirmed follows from the two halves.
"""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import Final

import msgspec

from localfed.app import listings, messages, proposals
from localfed.app.ledger import Row, find_exchange, find_to_confirm, stored_halves
from localfed.app.message_values import MessageState
from localfed.app.others import find_partner
from localfed.app.ports import Ports
from localfed.protocol.canonical import JsonObject
from localfed.protocol.document import DEFAULT_LICENSE
from localfed.protocol.errors import BadDraft, BadTime, Rejected, UnknownExchange, WrongShape
from localfed.protocol.exchange import HOURS, Figures, Flow, check_figures, kept_until
from localfed.protocol.message import Accept
from localfed.protocol.misfits import say_misfit
from localfed.protocol.short_forms import write_decimal
from localfed.protocol.times import write_time

_DISPUTED: Final = "We see this exchange otherwise."
"""What is said where a person says nothing: an enquiry has to have a text."""

_HOURS: Final = frozenset({"h", "hr", "hrs", "hour", "hours"})


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a step did."""

    ref: str
    partner: str
    mine: Figures | None
    """What our half says now."""
    sent: str | None = None
    """What is on its way to the other: `Proposal`, `Accept`, `Decline`, `Enquiry`, or nothing."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that went one way or the other, as a person says it."""

    what: str
    quantity: str
    unit: str
    category: str | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says that was given and received, and when: first and last day, `YYYY-MM-DD`."""

    gave: tuple[Given, ...] = ()
    received: tuple[Given, ...] = ()
    start: str | None = None
    end: str | None = None
    """None: one day; in a correction: as it was."""


# --- what a person does ----------------------------------------------------------------------


async def record(
    ports: Ports,
    did: str,
    which: str,
    account: Account,
    *,
    language: str,
    text: str | None = None,
    at_once: bool = False,
) -> Done:
    """Record what was given and received, and ask the other to confirm it; nothing is published before that.

    `which` is a URL, host or DID of somebody known here. `at_once` publishes our half instead of asking: for a
    partner that takes no messages. Until the other publishes the same, it counts for nothing.

    Raises:
        UnknownOrganisation: nobody such is known here, or it takes no messages.
        BadDraft: the partner is oneself; figures that cannot be; a period that is not over, or over for three years.

    """
    partner = find_partner(ports.store, did, which)
    ref = base64.b32encode(ports.chance.random_bytes(16)).decode().lower().rstrip("=")
    figures = _figures(ports, did, partner.did, ref, account)
    if at_once:
        await _publish_half(ports, did, partner.did, figures, language=language, note=text)
        return Done(ref=ref, partner=partner.did, mine=figures)
    await _propose(ports, did, partner.did, figures, language=language, text=text)
    return Done(ref=ref, partner=partner.did, mine=None, sent="Proposal")


async def confirm(
    ports: Ports, did: str, which: str, *, language: str, text: str | None = None
) -> Done:
    """Confirm what the other says of an exchange: our half is published with the same figures.

    `which` is its ref, or the number of the other's message in the inbox. Rules: LF-EXCH-6, LF-EXCH-7.

    Raises:
        UnknownExchange: nothing of that name waits.
        BadDraft: it is confirmed already; the other said different things; it is over for three years.

    """
    row, figures, message = find_to_confirm(ports.store, did, which, ports.clock.now())
    _check(ports, did, row.partner, figures)
    # What we said before of the same exchange binds us no more.
    await _take_proposals_back(ports, did, row)
    await _publish_half(ports, did, row.partner, figures, language=language)
    if message is None:
        return Done(ref=row.ref, partner=row.partner, mine=figures)
    draft = messages.Draft(type="Accept", language=language, text=text, in_reply_to=message.digest)
    await messages.send(ports, did, message.sender, draft)
    for number in row.messages:
        await messages.mark(ports, number, MessageState.OPENED)
    return Done(ref=row.ref, partner=row.partner, mine=figures, sent="Accept")


async def correct(
    ports: Ports,
    did: str,
    which: str,
    account: Account,
    *,
    language: str,
    text: str | None = None,
) -> Done:
    """Say other figures of an exchange that one of the two recorded, and ask the other to confirm them.

    Where our half is published it changes at once: until the other says the same, the exchange is disputed.

    Raises:
        UnknownExchange: nothing of that name is known.
        BadDraft: figures that cannot be, or no others than before.

    """
    row = find_exchange(ports.store, did, which, ports.clock.now())
    figures = _figures(ports, did, row.partner, row.ref, account, before=row.figures)
    if figures == row.figures:
        message = "those are the figures already"
        raise BadDraft(message)
    await _take_proposals_back(ports, did, row)
    if row.mine is not None:
        await _publish_half(ports, did, row.partner, figures, language=language)
    answered = messages.find(ports.store, row.messages[-1]).digest if row.messages else None
    await _propose(
        ports, did, row.partner, figures, language=language, text=text, in_reply_to=answered
    )
    for number in row.messages:
        await messages.mark(ports, number, MessageState.OPENED)
    mine = figures if row.mine is not None else None
    return Done(ref=row.ref, partner=row.partner, mine=mine, sent="Proposal")


async def dispute(
    ports: Ports, did: str, which: str, *, language: str, text: str | None = None
) -> Done:
    """Say that an exchange was not so: what waits is declined, our half withdrawn, and the other is told.

    Raises:
        UnknownExchange: nothing of that name is known.
        BadDraft: we did so already, or they did.

    """
    row = find_exchange(ports.store, did, which, ports.clock.now())
    if row.disputed_by is not None:
        reason = (
            "you said already that it was not so: they were told"
            if row.disputed_by == "us"
            else "they say already that it was not so: correct it, or take it back (localfed exchange withdraw)"
        )
        raise BadDraft(reason)
    await _take_proposals_back(ports, did, row)
    sent = None
    for number in row.messages:
        message = messages.find(ports.store, number)
        reply = messages.Draft(
            type="Decline", language=language, text=text, in_reply_to=message.digest
        )
        await messages.send(ports, did, row.partner, reply)
        await messages.mark(ports, number, MessageState.DISMISSED)
        sent = "Decline"
    if row.id is not None:
        await listings.withdraw(ports, did, row.id)
    if sent is None and row.their_id is not None:
        told = messages.Draft(
            type="Enquiry", language=language, text=text or _DISPUTED, about=row.their_id
        )
        await messages.send(ports, did, row.partner, told)
        sent = "Enquiry"
    return Done(ref=row.ref, partner=row.partner, mine=None, sent=sent)


async def withdraw(ports: Ports, did: str, which: str) -> Done:
    """Take back what we said of an exchange: our half, and what we proposed. The other need not agree.

    Raises:
        UnknownExchange: we have said nothing of it.

    """
    row = find_exchange(ports.store, did, which, ports.clock.now())
    taken_back = await _take_proposals_back(ports, did, row)
    if row.id is not None:
        await listings.withdraw(ports, did, row.id)
    elif not taken_back:
        message = "you have said nothing of that exchange: dispute it, if it was not so"
        raise UnknownExchange(message)
    return Done(ref=row.ref, partner=row.partner, mine=None)


async def settle(ports: Ports, did: str, *, language: str) -> list[Done]:
    """Keep our word: publish our half where what we recorded was confirmed. Each answer counts once (LF-EXCH-7)."""
    now = write_time(ports.clock.now())
    done = []
    for one in list(proposals.answers_to(ports.store, did)):
        figures, partner = one.proposal.exchange, one.message.sender
        if figures is None:
            continue
        if isinstance(one.answer, Accept) and one.answer.expires > now:
            try:
                _check(ports, did, partner, figures)
            except BadDraft:
                figures = None  # its three years were over before the answer came
            if figures is not None:
                await _publish_half(ports, did, partner, figures, language=language)
                done.append(Done(ref=figures.ref, partner=partner, mine=figures))
        await messages.mark(ports, one.message.number, MessageState.OPENED)
    return done


async def let_go(ports: Ports, did: str) -> int:
    """Delete our halves whose three years are over (LF-EXCH-4); returns how many."""
    now = ports.clock.now()
    over = [
        half.id
        for half in stored_halves(ports.store)
        if half.issuer == did and kept_until(half.period) <= now
    ]
    for document_id in over:
        await listings.withdraw(ports, did, document_id)
    return len(over)


# --- parts -----------------------------------------------------------------------------------


def _figures(
    ports: Ports,
    did: str,
    partner: str,
    ref: str,
    account: Account,
    *,
    before: Figures | None = None,
) -> Figures:
    """Make what a person says into figures; what a correction leaves out is as it was before."""
    flows = tuple(
        _flow(giver, taker, one)
        for giver, taker, things in (
            (did, partner, account.gave),
            (partner, did, account.received),
        )
        for one in things
    )
    if not flows and before is None:
        message = "say what you gave or received"
        raise BadDraft(message)
    flows = flows or (before.flows if before is not None else ())
    end = account.end or (before.period.end if before is not None else account.start)
    start = account.start or (before.period.start if before is not None else end)
    if start is None:
        message = "say when it was: --since and the first day, such as --since 2026-11-01"
        raise BadDraft(message)
    said = msgspec.to_builtins({"ref": ref, "flows": flows, "period": {"start": start, "end": end}})
    try:
        figures = msgspec.convert(said, Figures)
    except msgspec.ValidationError as error:
        message = f"that cannot be recorded: {say_misfit(Figures, str(error), said)}"
        raise BadDraft(message) from error
    _check(ports, did, partner, figures)
    return figures


def _flow(giver: str, taker: str, one: Given) -> Flow:
    unit = one.unit.strip()
    return Flow(
        giver=giver,
        taker=taker,
        what=one.what.strip(),
        category=one.category,
        quantity=_quantity(one.quantity),
        unit=HOURS if unit.casefold() in _HOURS else unit,
    )


def _quantity(text: str) -> str:
    """Read a number as a person writes it: `2.50` is 2.5, and what is none is refused in words."""
    if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,6})?", text.strip(), re.ASCII) is None:
        message = f"{text[:40]!a} is no number such as 3 or 2.5"
        raise BadDraft(message)
    return write_decimal(Decimal(text.strip()))


def _check(ports: Ports, did: str, partner: str, figures: Figures) -> None:
    """Check figures before anything is done with them.

    Raises:
        BadDraft: they cannot be, or the three years that an exchange is kept are over.

    """
    now = ports.clock.now()
    try:
        check_figures(figures, did, partner, said=write_time(now))
        is_over = kept_until(figures.period) <= now
    except (WrongShape, BadTime) as error:
        raise BadDraft(error.message) from error
    if is_over:
        message = "that was more than three years ago: it is over"
        raise BadDraft(message)


async def _propose(
    ports: Ports,
    did: str,
    partner: str,
    figures: Figures,
    *,
    language: str,
    text: str | None,
    in_reply_to: str | None = None,
) -> None:
    said: JsonObject = msgspec.to_builtins(figures)
    draft = messages.Draft(
        type="Proposal", language=language, text=text, exchange=said, in_reply_to=in_reply_to
    )
    await messages.send(ports, did, partner, draft)


async def _take_proposals_back(ports: Ports, did: str, row: Row) -> bool:
    return await proposals.take_back(
        ports,
        did,
        row.partner,
        lambda said: said.exchange is not None and said.exchange.ref == row.ref,
    )


async def _publish_half(
    ports: Ports,
    did: str,
    partner: str,
    figures: Figures,
    *,
    language: str,
    note: str | None = None,
) -> None:
    """Publish our half with these figures, at the path where it lies; what it said beside them stays."""
    held = [
        half
        for half in stored_halves(ports.store)
        if (half.issuer, half.partner, half.ref) == (did, partner, figures.ref)
    ]
    said = held[0] if held else None
    if said is not None and said.figures == figures and note is None:
        return
    members: JsonObject = {
        "type": "Exchange",
        "partner": partner,
        "license": DEFAULT_LICENSE,
        **msgspec.to_builtins(figures),
    }
    if said is not None:
        members["id"] = said.id
        if said.note is not None:
            members["note"] = dict(said.note)
    if note is not None:
        members["note"] = note
    try:
        await listings.publish_draft(ports, did, msgspec.json.encode(members), language=language)
    except Rejected as error:
        raise BadDraft(error.message, detail=error.detail) from error
