"""Partnerships: proposing one, answering, going further, stepping down, ending; and how far each goes now.

Here: what a person does, made of messages (`messages`) and our own halves (`listings`). Not here: what a half is and
what holds by two of them (`protocol.partnership`). Spec: 05-documents (LF-PART), 10-messages (LF-MSG).

A proposal is private and makes nothing true. Who accepts publishes its half; who proposed publishes its own when the
answer comes, for it has said that it would. Whatever is in force follows from the two halves, and either side can
take its own back alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from localfed.app import halves, last_words, listings, messages, proposals
from localfed.app.message_values import MessageState, StoredMessage
from localfed.app.others import find_partner
from localfed.app.own_halves import Part, own_half, publish_half, will_promote
from localfed.app.ports import Ports, Reads
from localfed.protocol.errors import BadDraft, UnknownDocument, UnknownMessage, UnknownOrganisation
from localfed.protocol.message import Accept
from localfed.protocol.partnership import (
    STAGES,
    Half,
    Role,
    Stage,
    half_path,
    reaches,
)
from localfed.protocol.times import write_time

_WITH_WHOM: Final = "localfed partner list shows with whom you work, and what is proposed."


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
    my_roles: tuple[Role, ...] = ()
    their_roles: tuple[Role, ...] = ()
    promotes: bool = False
    """Each shows the other: both say so, and it is in force at `promotion` or above."""
    unconfirmed_since: str | None = None
    """When the head of either expired; None: both are confirmed."""
    proposed: Stage | None = None
    """What we proposed and they have not answered."""
    asked: Stage | None = None
    """What they proposed and we have not answered."""
    asked_roles: tuple[Role, ...] = ()
    """What they say in it that they would be."""
    asked_promotes: bool = False
    """They say in it that they would show us; from `promotion` on they do."""
    message: int | None = None
    """The number of their proposal in the inbox."""
    is_counter: bool = False
    """Their proposal answers one of ours."""
    is_agreed: bool = False
    """Both said yes by message; their half is to be read at the next poll."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a step did."""

    partner: str
    mine: Stage | None
    """What our half says now."""
    sent: str | None = None
    """What is on its way to the other: `Proposal`, `Accept`, `Decline`, or nothing."""


# --- what is so ------------------------------------------------------------------------------


def list_partnerships(reads: Reads, did: str, now: datetime) -> list[Standing]:
    """Say how far a hosted organisation goes with each other one, sorted by their DIDs.

    What has expired says nothing any more. Rules: LF-PART-4.
    """
    mine, theirs = halves.halves_of(reads, did, now), _towards(reads, did, now)
    asked = {
        one.sender: (one, said)
        for one, said in proposals.proposals_to(reads, did)
        if said.stage is not None
    }
    waiting = proposals.proposals_of(reads, did, write_time(now))
    proposed = {item.recipient: said.stage for item, said in waiting if said.stage is not None}
    words = last_words.last_words(reads, did, {})
    rows = []
    for partner in sorted(mine.keys() | theirs.keys() | asked.keys() | proposed.keys()):
        our, their = mine.get(partner), theirs.get(partner)
        publisher = reads.publisher(partner)
        held = halves.join(our, their, reads.publisher(did), publisher, now)
        message, said = asked.get(partner, (None, None))
        rows.append(
            Standing(
                partner=partner,
                host=publisher.host if publisher is not None else None,
                mine=our.stage if our is not None else None,
                theirs=their.stage if their is not None else None,
                in_force=held.stage if held is not None else None,
                my_roles=our.roles if our is not None else (),
                their_roles=their.roles if their is not None else (),
                promotes=held is not None and held.is_promotion,
                unconfirmed_since=held.unconfirmed_since if held is not None else None,
                proposed=proposed.get(partner),
                asked=said.stage if said is not None else None,
                asked_roles=said.roles if said is not None else (),
                asked_promotes=said is not None and said.promotes,
                message=message.number if message is not None else None,
                is_counter=said is not None and said.in_reply_to is not None,
                is_agreed=our is not None
                and their is None
                and last_words.is_unread(words.get((partner, last_words.PARTNERSHIP)), publisher),
            )
        )
    return rows


def _towards(reads: Reads, did: str, now: datetime) -> dict[str, Half]:
    """Return the halves of others towards one of ours that are live, by who says it."""
    return {
        issuer: half
        for (issuer, partner), half in halves.read_halves(reads, now).items()
        if partner == did and halves.speaks(reads.publisher(issuer), now)
    }


# --- what a person does ----------------------------------------------------------------------


async def propose(
    ports: Ports,
    did: str,
    which: str,
    stage: Stage,
    *,
    language: str,
    text: str | None = None,
    part: Part = Part(),  # noqa: B008 - frozen
) -> Done:
    """Propose a partnership, or that one goes further; nothing is published until the other accepts.

    `which` is a URL, host or DID of somebody known here, another organisation of this node among them.
    `part` is what our half will say beside the stage: the other is told.

    Raises:
        UnknownOrganisation: nobody such is known here, or it takes no messages.
        BadDraft: it is so already.

    """
    partner = find_partner(ports.store, did, which)
    held = _standing(ports, did, partner.did)
    if reaches(held.in_force, stage):
        message = f"that is in force already: {held.in_force}"
        raise BadDraft(message)
    draft = _proposal(ports.store, did, partner.did, stage, part, language=language, text=text)
    await messages.send(ports, did, partner.did, draft)
    return Done(partner=partner.did, mine=held.mine, sent="Proposal")


async def accept(
    ports: Ports,
    did: str,
    number: int,
    *,
    language: str,
    stage: Stage | None = None,
    part: Part = Part(),  # noqa: B008 - frozen
    text: str | None = None,
) -> Done:
    """Accept what was proposed, wholly or at a lower stage: our half is published, and the other is told.

    Raises:
        UnknownMessage: there is no proposal of that number that waits.
        BadDraft: a higher stage than was proposed: propose it.

    """
    message, asked = _find(ports.store, did, number)
    if stage is not None and STAGES.index(stage) > STAGES.index(asked):
        text_ = (
            f"they proposed {asked}: propose {stage} in answer instead (localfed partner counter)"
        )
        raise BadDraft(text_)
    await publish_half(ports, did, message.sender, stage or asked, language=language, part=part)
    draft = messages.Draft(type="Accept", language=language, text=text, in_reply_to=message.digest)
    await messages.send(ports, did, message.sender, draft)
    await messages.mark(ports, number, MessageState.OPENED)
    return Done(partner=message.sender, mine=stage or asked, sent="Accept")


async def counter(
    ports: Ports,
    did: str,
    number: int,
    stage: Stage,
    *,
    language: str,
    part: Part = Part(),  # noqa: B008 - frozen
    text: str | None = None,
) -> Done:
    """Propose something else in answer to a proposal: that one is declined by it; nothing is published.

    Raises:
        UnknownMessage: there is no proposal of that number that waits.
        BadDraft: it is what they proposed.

    """
    message, asked = _find(ports.store, did, number)
    if stage == asked:
        text_ = f"they proposed {stage}: accept it"
        raise BadDraft(text_)
    draft = _proposal(ports.store, did, message.sender, stage, part, language=language, text=text)
    answer = msgspec.structs.replace(draft, in_reply_to=message.digest)
    await messages.send(ports, did, message.sender, answer)
    await messages.mark(ports, number, MessageState.DISMISSED)
    held = _standing(ports, did, message.sender)
    return Done(partner=message.sender, mine=held.mine, sent="Proposal")


async def decline(
    ports: Ports, did: str, number: int, *, language: str, text: str | None = None
) -> Done:
    """Decline what was proposed; the other is told, and what is in force stays.

    Raises:
        UnknownMessage: there is no proposal of that number that waits.

    """
    message, _ = _find(ports.store, did, number)
    draft = messages.Draft(type="Decline", language=language, text=text, in_reply_to=message.digest)
    await messages.send(ports, did, message.sender, draft)
    await messages.mark(ports, number, MessageState.DISMISSED)
    held = _standing(ports, did, message.sender)
    return Done(partner=message.sender, mine=held.mine, sent="Decline")


async def step(
    ports: Ports,
    did: str,
    which: str,
    stage: Stage,
    *,
    language: str,
    part: Part = Part(),  # noqa: B008 - frozen
) -> Done:
    """Go further with a partner, or less far. Less far counts at once; further takes both.

    Raises:
        UnknownOrganisation: nobody such is known here.
        BadDraft: there is no partnership with it, or ours is at that stage already.

    """
    partner = find_partner(ports.store, did, which)
    held = _standing(ports, did, partner.did)
    if held.mine is None:
        message = "there is no partnership of yours with it: propose one"
        raise BadDraft(message)
    if held.mine == stage and part == Part():
        message = f"yours is at {stage} already"
        raise BadDraft(message)
    is_further = STAGES.index(stage) > STAGES.index(held.mine)
    if is_further and not reaches(held.theirs, stage):
        return await propose(ports, did, partner.did, stage, language=language, part=part)
    if held.mine != stage and not is_further:
        await _take_back(ports, did, partner.did)
    await publish_half(ports, did, partner.did, stage, language=language, part=part)
    return Done(partner=partner.did, mine=stage)


async def end(ports: Ports, did: str, which: str) -> Done:
    """End a partnership alone: our half is withdrawn, and nothing of it is in force any more.

    What we proposed and nobody has answered is taken back with it.

    Raises:
        UnknownOrganisation: nobody such is known here.
        BadDraft: there is none.

    """
    partner = _find_to_end(ports, did, which)
    taken_back = await _take_back(ports, did, partner)
    try:
        await listings.withdraw(ports, did, f"{did}/{half_path(partner)}")
    except UnknownDocument as error:
        if not taken_back:
            message = "there is no partnership of yours with it"
            raise BadDraft(message, next_step=_WITH_WHOM) from error
    return Done(partner=partner, mine=None)


async def settle(ports: Ports, did: str, *, language: str) -> list[Done]:
    """Keep our word: publish our half where what we proposed was accepted. Each answer counts once.

    An answer counts if it comes from whom we asked, and names the very proposal.
    """
    now = write_time(ports.clock.now())
    done = []
    for one in list(proposals.answers_to(ports.store, did)):
        said, partner = one.proposal, one.message.sender
        if said.stage is None:
            continue
        if isinstance(one.answer, Accept) and one.answer.expires > now:
            part = Part(roles=said.roles, promotes=said.promotes)
            await publish_half(ports, did, partner, said.stage, language=language, part=part)
            done.append(Done(partner=partner, mine=said.stage))
        await messages.mark(ports, one.message.number, MessageState.OPENED)
    return done


# --- parts -----------------------------------------------------------------------------------


def _find(reads: Reads, did: str, number: int) -> tuple[StoredMessage, Stage]:
    message, said = proposals.find_proposal(reads, did, number)
    if said.stage is None:
        text = "that proposal is of an exchange: localfed exchange list"
        raise UnknownMessage(text)
    return message, said.stage


def _find_to_end(ports: Ports, did: str, which: str) -> str:
    """Find a partner; also one that is forgotten here, by its DID: our half of it is not."""
    try:
        return find_partner(ports.store, did, which).did
    except UnknownOrganisation:
        if which not in halves.halves_of(ports.store, did, ports.clock.now()):
            raise
        return which


async def _take_back(ports: Ports, did: str, partner: str) -> bool:
    """Be bound by no late answer: who goes less far, or ends it, has thought again."""
    return await proposals.take_back(ports, did, partner, lambda said: said.stage is not None)


def _standing(ports: Ports, did: str, partner: str) -> Standing:
    now = ports.clock.now()
    rows = [one for one in list_partnerships(ports.store, did, now) if one.partner == partner]
    empty = Standing(partner=partner, host=None, mine=None, theirs=None, in_force=None)
    return rows[0] if rows else empty


def _proposal(
    reads: Reads,
    did: str,
    partner: str,
    stage: Stage,
    part: Part,
    *,
    language: str,
    text: str | None,
) -> messages.Draft:
    """Write a proposal that says what our half will say."""
    kept = own_half(reads, did, partner)
    return messages.Draft(
        type="Proposal",
        language=language,
        text=text,
        stage=stage,
        roles=part.roles or (kept.roles if kept is not None else ()),
        promotes=will_promote(kept, stage, part),
    )
