"""Partnerships: proposing one, answering, going further, stepping down, ending; and how far each goes now.

Here: what a person does, made of messages (`messages`) and our own halves (`listings`). Not here: what a half is and
what holds by two of them (`protocol.partnership`). Spec: 05-documents (LF-PART), 10-messages (LF-MSG).

A proposal is private and makes nothing true. Who accepts publishes its half; who proposed publishes its own when the
answer comes, for it has said that it would. Whatever is in force follows from the two halves, and either side can
take its own back alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from localfed.app import listings, messages, moderation, organisations
from localfed.app.message_values import (
    MessageState,
    OutboxItem,
    OutboxKind,
    OutboxState,
    StoredMessage,
)
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Publisher
from localfed.protocol.errors import BadDraft, UnknownDocument, UnknownMessage, UnknownOrganisation
from localfed.protocol.message import Accept, Decline, Message, Proposal
from localfed.protocol.partnership import (
    STAGES,
    Partnership,
    Role,
    Stage,
    half_path,
    in_force,
    reaches,
)
from localfed.protocol.times import write_time

_TAKEN_BACK: Final = "taken back"
"""Why a proposal of ours is given up: we went less far since, or ended it."""

_HALF: Final = msgspec.json.Decoder(Partnership)
_READERS: Final[dict[str, msgspec.json.Decoder[Message]]] = {
    "Proposal": msgspec.json.Decoder(Proposal),
    "Accept": msgspec.json.Decoder(Accept),
    "Decline": msgspec.json.Decoder(Decline),
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far one of ours goes with another organisation, as far as this node knows."""

    partner: str
    """DID of the other."""
    host: str | None
    """Where it lives; None: it is not known here."""
    mine: Stage | None
    """What our half says; None: there is none."""
    theirs: Stage | None
    """What their half says, if it is here."""
    in_force: Stage | None
    """The lower of the two; None: it does not hold."""
    proposed: Stage | None = None
    """What we proposed and they have not answered."""
    asked: Stage | None = None
    """What they proposed and we have not answered."""
    message: int | None = None
    """The number of their proposal in the inbox."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a step did."""

    partner: str
    mine: Stage | None
    """What our half says now."""
    sent: str | None = None
    """What is on its way to the other: `Proposal`, `Accept`, `Decline`, or nothing."""


# --- what is so ------------------------------------------------------------------------------


def list_partnerships(reads: Reads, did: str, now: str) -> list[Standing]:
    """Say how far a hosted organisation goes with each other one, sorted by their DIDs.

    `now` is a time of the wire: what has expired says nothing any more. Rules: LF-PART-4.
    """
    mine, theirs = _halves(reads, did, now)
    asked = {one.sender: (one, said) for one, said in _proposals_to(reads, did)}
    proposed = {item.recipient: said.stage for item, said in _proposals_of(reads, did, now)}
    rows = []
    for partner in sorted(mine.keys() | theirs.keys() | asked.keys() | proposed.keys()):
        our, their = mine.get(partner), theirs.get(partner)
        publisher = reads.publisher(partner)
        message, said = asked.get(partner, (None, None))
        rows.append(
            Standing(
                partner=partner,
                host=publisher.host if publisher is not None else None,
                mine=our.stage if our is not None else None,
                theirs=their.stage if their is not None else None,
                in_force=in_force(our, their),
                proposed=proposed.get(partner),
                asked=said.stage if said is not None else None,
                message=message.number if message is not None else None,
            )
        )
    return rows


def _halves(
    reads: Reads, did: str, now: str
) -> tuple[dict[str, Partnership], dict[str, Partnership]]:
    """Return our halves and those of others towards us that hold now, by the other's DID."""
    halves = [one for one in map(_HALF.decode, reads.halves()) if one.expires > now]
    shown = {one.did for one in reads.publishers() if one.is_shown or one.voucher is not None}
    return (
        {one.partner: one for one in halves if one.issuer == did},
        {one.issuer: one for one in halves if one.partner == did and one.issuer in shown},
    )


def _proposals_to(reads: Reads, did: str) -> Iterator[tuple[StoredMessage, Proposal]]:
    """Yield the proposals that wait for an answer of ours, the newest of each sender last."""
    for one in reads.messages():
        if one.recipient == did and one.state is MessageState.NEW:
            said = _read(one.type, one.body)
            if isinstance(said, Proposal):
                yield one, said


def _proposals_of(reads: Reads, did: str, now: str) -> Iterator[tuple[OutboxItem, Proposal]]:
    """Yield what we proposed and what still waits for an answer, the newest to each recipient last."""
    answered = {
        (one.sender, said.in_reply_to)
        for one in reads.messages()
        if one.recipient == did and isinstance(said := _read(one.type, one.body), Accept | Decline)
    }
    for item in reads.outbox():
        if item.sender != did or item.kind is not OutboxKind.MESSAGE or item.body is None:
            continue
        if item.state is OutboxState.FAILED or (item.expires or "") <= now:
            continue
        said = _read("Proposal", item.body)
        if isinstance(said, Proposal) and (item.recipient, item.digest) not in answered:
            yield item, said


def _read(kind: str, body: bytes) -> Message | None:
    """See a kept message; None where it is of another type, or a bad disk made it unreadable."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        return reader.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


# --- what a person does ----------------------------------------------------------------------


async def propose(
    ports: Ports, did: str, which: str, stage: Stage, *, language: str, text: str | None = None
) -> Done:
    """Propose a partnership, or that one goes further; nothing is published until the other accepts.

    `which` is a URL, host or DID of somebody known here, another organisation of this node among them.

    Raises:
        UnknownOrganisation: nobody such is known here, or it takes no messages.
        BadDraft: it is so already.

    """
    partner = _partner(ports.store, did, which)
    held = _standing(ports, did, partner.did)
    if reaches(held.in_force, stage):
        message = f"that is in force already: {held.in_force}"
        raise BadDraft(message)
    draft = messages.Draft(type="Proposal", language=language, text=text, stage=stage)
    await messages.send(ports, did, partner.did, draft)
    return Done(partner=partner.did, mine=held.mine, sent="Proposal")


async def accept(
    ports: Ports,
    did: str,
    number: int,
    *,
    language: str,
    stage: Stage | None = None,
    roles: tuple[Role, ...] = (),
    text: str | None = None,
) -> Done:
    """Accept what was proposed, wholly or at a lower stage: our half is published, and the other is told.

    Raises:
        UnknownMessage: there is no proposal of that number that waits.
        BadDraft: a higher stage than was proposed: propose it.

    """
    message, said = _find_proposal(ports.store, did, number)
    if stage is not None and STAGES.index(stage) > STAGES.index(said.stage):
        text_ = f"they proposed {said.stage}: propose {stage} to them instead"
        raise BadDraft(text_)
    await _publish_half(
        ports, did, message.sender, stage or said.stage, language=language, roles=roles
    )
    draft = messages.Draft(type="Accept", language=language, text=text, in_reply_to=message.digest)
    await messages.send(ports, did, message.sender, draft)
    await messages.mark(ports, number, MessageState.OPENED)
    return Done(partner=message.sender, mine=stage or said.stage, sent="Accept")


async def decline(
    ports: Ports, did: str, number: int, *, language: str, text: str | None = None
) -> Done:
    """Decline what was proposed; the other is told, and what is in force stays.

    Raises:
        UnknownMessage: there is no proposal of that number that waits.

    """
    message, _ = _find_proposal(ports.store, did, number)
    draft = messages.Draft(type="Decline", language=language, text=text, in_reply_to=message.digest)
    await messages.send(ports, did, message.sender, draft)
    await messages.mark(ports, number, MessageState.DISMISSED)
    held = _standing(ports, did, message.sender)
    return Done(partner=message.sender, mine=held.mine, sent="Decline")


async def step(
    ports: Ports, did: str, which: str, stage: Stage, *, language: str, roles: tuple[Role, ...] = ()
) -> Done:
    """Go further with a partner, or less far. Less far counts at once; further takes both.

    Raises:
        UnknownOrganisation: nobody such is known here.
        BadDraft: there is no partnership with it, or ours is at that stage already.

    """
    partner = _partner(ports.store, did, which)
    held = _standing(ports, did, partner.did)
    if held.mine is None:
        message = "there is no partnership of yours with it: propose one"
        raise BadDraft(message)
    if held.mine == stage and not roles:
        message = f"yours is at {stage} already"
        raise BadDraft(message)
    is_further = STAGES.index(stage) > STAGES.index(held.mine)
    if is_further and not reaches(held.theirs, stage):
        return await propose(ports, did, partner.did, stage, language=language)
    if not is_further:
        await _take_proposals_back(ports, did, partner.did)
    await _publish_half(ports, did, partner.did, stage, language=language, roles=roles)
    return Done(partner=partner.did, mine=stage)


async def end(ports: Ports, did: str, which: str) -> Done:
    """End a partnership alone: our half is withdrawn, and nothing of it is in force any more.

    What we proposed and nobody has answered is taken back with it.

    Raises:
        UnknownOrganisation: nobody such is known here.
        BadDraft: there is none.

    """
    partner = _partner(ports.store, did, which)
    taken_back = await _take_proposals_back(ports, did, partner.did)
    try:
        await listings.withdraw(ports, did, f"{did}/{half_path(partner.did)}")
    except UnknownDocument as error:
        if not taken_back:
            message = "there is no partnership of yours with it"
            raise BadDraft(message) from error
    return Done(partner=partner.did, mine=None)


async def settle(ports: Ports, did: str, *, language: str) -> list[Done]:
    """Keep our word: publish our half where what we proposed was accepted. Each answer counts once.

    An answer counts if it comes from whom we asked, and names the very proposal.
    """
    now = write_time(ports.clock.now())
    asked = {
        (item.recipient, item.digest): item
        for item in ports.store.outbox()
        if item.sender == did and item.kind is OutboxKind.MESSAGE and item.problem != _TAKEN_BACK
    }
    done = []
    for one in ports.store.messages(MessageState.NEW):
        said = _read(one.type, one.body) if one.recipient == did else None
        if not isinstance(said, Accept | Decline):
            continue
        item = asked.get((one.sender, said.in_reply_to))
        proposal = _read("Proposal", item.body) if item is not None and item.body else None
        if not isinstance(proposal, Proposal):
            continue  # an answer to something else: it waits for a person
        if isinstance(said, Accept) and said.expires > now:
            await _publish_half(ports, did, one.sender, proposal.stage, language=language)
            done.append(Done(partner=one.sender, mine=proposal.stage))
        await messages.mark(ports, one.number, MessageState.OPENED)
    return done


# --- parts -----------------------------------------------------------------------------------


def _partner(reads: Reads, did: str, which: str) -> Publisher:
    ours = reads.publisher(did)
    name = which.strip().rstrip("/")
    if ours is not None and name in {ours.did, ours.host, ours.base.rstrip("/"), ours.scid}:
        message = "a partner is somebody else"
        raise BadDraft(message)
    near = organisations.neighbour(reads, did, which)
    if near is not None:
        return near
    try:
        return moderation.find(reads, which)
    except UnknownOrganisation:
        near = organisations.neighbour(reads, did, which, by_name=True)
        if near is None:
            raise
        return near


def _standing(ports: Ports, did: str, partner: str) -> Standing:
    now = write_time(ports.clock.now())
    rows = [one for one in list_partnerships(ports.store, did, now) if one.partner == partner]
    empty = Standing(partner=partner, host=None, mine=None, theirs=None, in_force=None)
    return rows[0] if rows else empty


def _find_proposal(reads: Reads, did: str, number: int) -> tuple[StoredMessage, Proposal]:
    for one, said in _proposals_to(reads, did):
        if one.number == number:
            return one, said
    message = "no proposal of that number waits for an answer"
    raise UnknownMessage(message)


async def _take_proposals_back(ports: Ports, did: str, partner: str) -> bool:
    """Let what we proposed count no more: who goes less far, or ends it, is bound by no late answer.

    Says whether there was any.
    """

    def change(tx: Transaction) -> bool:
        has_any = False
        for item in tx.outbox():
            if (item.sender, item.recipient) != (did, partner) or item.body is None:
                continue
            if item.problem == _TAKEN_BACK:
                continue
            if isinstance(_read("Proposal", item.body), Proposal):
                back = msgspec.structs.replace(item, state=OutboxState.FAILED, problem=_TAKEN_BACK)
                tx.update_outbox(back)
                has_any = True
        return has_any

    return await ports.store.write(change)


async def _publish_half(
    ports: Ports,
    did: str,
    partner: str,
    stage: Stage,
    *,
    language: str,
    roles: tuple[Role, ...] = (),
) -> None:
    """Publish our half at a stage; what it said beside that stays."""
    held = ports.store.document(did, half_path(partner))
    kept = _HALF.decode(held.body) if held is not None and held.body is not None else None
    draft = {"type": "Partnership", "partner": partner, "stage": stage}
    members: dict[str, object] = dict(draft)
    if roles or (kept is not None and kept.roles):
        members["roles"] = roles or (kept.roles if kept is not None else ())
    if kept is not None and kept.promotes:
        members["promotes"] = True
    if kept is not None and kept.joint_offers:
        members["jointOffers"] = kept.joint_offers
    if kept is not None and kept.description is not None:
        members["description"] = kept.description
    await listings.publish_draft(ports, did, msgspec.json.encode(members), language=language)
