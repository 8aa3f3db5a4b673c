"""Proposals: which wait for an answer of ours, which of ours wait for theirs, and taking ours back.

Here: messages kept in the inbox and the outbox, seen as what they say. Not here: what a person does about
them (`partnerships`, `exchanges`), messages as such (`messages`). Spec: 10-messages (LF-MSG), 05-documents (LF-PART-5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from localfed.app.message_values import (
    MessageState,
    OutboxItem,
    OutboxKind,
    OutboxState,
    StoredMessage,
)
from localfed.app.ports import Ports, Reads, Transaction
from localfed.protocol.errors import UnknownMessage
from localfed.protocol.message import Accept, Decline, Enquiry, Message, Proposal

TAKEN_BACK: Final = "taken back"
"""Why a proposal of ours is given up: we have thought again since."""

_READERS: Final[dict[str, msgspec.json.Decoder[Message]]] = {
    "Proposal": msgspec.json.Decoder(Proposal),
    "Accept": msgspec.json.Decoder(Accept),
    "Decline": msgspec.json.Decoder(Decline),
    "Enquiry": msgspec.json.Decoder(Enquiry),
}


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a proposal of ours, by whom we sent it to, that nobody has acted upon."""

    message: StoredMessage
    answer: Accept | Decline
    proposal: Proposal


def read_message(kind: str, body: bytes) -> Message | None:
    """See a kept message; None where it is of another type, or a bad disk made it unreadable."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        return reader.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def proposals_to(reads: Reads, did: str) -> Iterator[tuple[StoredMessage, Proposal]]:
    """Yield the proposals that wait for an answer of ours, the newest of each sender last."""
    for one in reads.messages():
        if one.recipient == did and one.state is MessageState.NEW:
            said = read_message(one.type, one.body)
            if isinstance(said, Proposal):
                yield one, said


def proposals_of(reads: Reads, did: str, now: str) -> Iterator[tuple[OutboxItem, Proposal]]:
    """Yield what we proposed and what still waits for an answer, the newest to each recipient last.

    Another proposal in answer is an answer too.
    """
    answered = {
        (one.sender, said.in_reply_to)
        for one in reads.messages()
        if one.recipient == did
        and isinstance(said := read_message(one.type, one.body), Accept | Decline | Proposal)
    }
    for item in reads.outbox():
        if item.sender != did or item.kind is not OutboxKind.MESSAGE or item.body is None:
            continue
        if item.state is OutboxState.FAILED or (item.expires or "") <= now:
            continue
        said = read_message("Proposal", item.body)
        if isinstance(said, Proposal) and (item.recipient, item.digest) not in answered:
            yield item, said


def answers_to(reads: Reads, did: str) -> Iterator[Answered]:
    """Yield the answers that wait to be acted upon, oldest first.

    An answer counts if it comes from whom we asked, and names the very proposal; not if we took that back.
    """
    asked = {
        (item.recipient, item.digest): item
        for item in reads.outbox()
        if item.sender == did and item.kind is OutboxKind.MESSAGE and item.problem != TAKEN_BACK
    }
    for one in reads.messages(MessageState.NEW):
        said = read_message(one.type, one.body) if one.recipient == did else None
        if not isinstance(said, Accept | Decline):
            continue
        item = asked.get((one.sender, said.in_reply_to))
        proposal = read_message("Proposal", item.body) if item is not None and item.body else None
        if isinstance(proposal, Proposal):  # else to something else: it waits for a person
            yield Answered(message=one, answer=said, proposal=proposal)


def find_proposal(reads: Reads, did: str, number: int) -> tuple[StoredMessage, Proposal]:
    """Return the proposal of that number in the inbox, if it waits.

    Raises:
        UnknownMessage: there is none.

    """
    for one, said in proposals_to(reads, did):
        if one.number == number:
            return one, said
    message = "no proposal of that number waits for an answer"
    raise UnknownMessage(message)


async def take_back(
    ports: Ports, did: str, partner: str, is_meant: Callable[[Proposal], bool]
) -> bool:
    """Let what we proposed count no more: who thinks again is bound by no late answer.

    Says whether there was any.
    """

    def change(tx: Transaction) -> bool:
        has_any = False
        for item in tx.outbox():
            if (item.sender, item.recipient) != (did, partner) or item.body is None:
                continue
            if item.problem == TAKEN_BACK:
                continue
            said = read_message("Proposal", item.body)
            if isinstance(said, Proposal) and is_meant(said):
                back = msgspec.structs.replace(item, state=OutboxState.FAILED, problem=TAKEN_BACK)
                tx.update_outbox(back)
                has_any = True
        return has_any

    return await ports.store.write(change)
