"""Passing on: what visitors ask of publishers who are followed, as messages to their nodes, so many a day.

Here: whether there is a way, the limits, the queue of corrections, sending, and letting go once it has arrived. Not here:
taking it from the visitor (`enquiries`), posting (`delivery`). docs/decisions/0016. Spec: 05-documents (LF-CONTACT-4), 10-messages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from localfed.app import messages, policy, tray
from localfed.app.contacts import contact_of
from localfed.app.enquiry_port import Desk, EnquiryKind, EnquiryState, StoredEnquiry
from localfed.app.message_values import OutboxItem, OutboxState
from localfed.app.pinging import inbox_url
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.values import Publisher
from localfed.protocol.errors import BadDraft, BadEnquiry, CannotAsk, LocalFedError, TooOften
from localfed.protocol.times import read_time, write_time
from localfed.protocol.worded import Worded

MESSAGES_A_DAY: Final = 20
"""What goes to other nodes in a day: it is signed by an organisation that is hosted here, in words that it did not write."""

A_DAY_TO_ONE: Final = {EnquiryKind.QUESTION: 3, EnquiryKind.CORRECTION: 5}
"""Of these to one publisher. A stranger may have five unopened messages there (LF-INBOX-5), and has five corrections mailed in a day."""

QUEUE_OF_ONE: Final = 100
"""Corrections for one publisher that wait for their turn: twenty days at five a day. Later ones would be over before they go."""

QUEUE_MAX: Final = 400
"""All that wait: twenty days at twenty a day."""

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
"""What is being sent is no longer with anybody after that: the machine went down meanwhile."""


def is_possible(reads: Reads, publisher: Publisher, desk: Desk, now: datetime) -> bool:
    """Whether something can be passed on to a publisher: it is followed, and its node takes messages."""
    return (
        desk.sends_messages
        and publisher.is_followed
        and publisher.head is not None
        and policy.still_counts(publisher, now)
        and inbox_url(publisher.base, publisher.head) is not None
        and _spokesman(reads) is not None
    )


def take_up(
    tx: Transaction, new: StoredEnquiry, publisher: Publisher, now: datetime
) -> StoredEnquiry:
    """Store what is to be passed on, now or when its turn comes; returns it with its number.

    A question that finds no room is refused: who asks can ask otherwise. A correction waits: who wants to be taken off
    a list of thousands is not the only one, and has nothing but the lister.

    Raises:
        TooOften: as much was passed on in a day as may be, or waits; nothing was stored.

    """
    present = tx.enquiries()
    if _has_room(_today(tx, present, now), new):
        # Being sent: nobody else takes it in hand within the hour.
        new = msgspec.structs.replace(new, next_try=write_time(now + _HOUR))
    else:
        queued = [one for one in present if waits_for_its_turn(one, now)]
        of_one = sum(one.recipient == new.recipient for one in queued)
        is_full = len(queued) >= QUEUE_MAX or of_one >= QUEUE_OF_ONE
        if new.kind is not EnquiryKind.CORRECTION or is_full:
            raise TooOften(
                Worded(
                    "this node has passed on as much as it does in a day: the publisher itself is reached by {reach}",
                    reach=_reach(tx, publisher, now),
                )
            )
        new = msgspec.structs.replace(new, next_try=write_time(now))
    return msgspec.structs.replace(new, number=tx.add_enquiry(new))


def waits_for_its_turn(one: StoredEnquiry, now: datetime) -> bool:
    """Whether something is to be passed on and nobody has it in hand."""
    return (
        one.state is EnquiryState.MESSAGE
        and one.message is None
        # Further away than an hour: that was set by a clock that was wrong.
        and not write_time(now) < one.next_try <= write_time(now + _HOUR)
    )


async def send(ports: Ports, new: StoredEnquiry, desk: Desk) -> None:
    """Send what was taken up as a message of the organisation that this node is for; what cannot be sent was not taken.

    Raises:
        BadEnquiry: it cannot be said so.
        CannotAsk: there is no way to that publisher now.

    """
    try:
        await _send(ports, new, desk)
    except LocalFedError as error:
        await ports.store.write(lambda tx: tx.delete_enquiry(new.number))
        if isinstance(error, BadDraft):
            message = "that cannot be passed on as it is written"
            raise BadEnquiry(message) from error
        message = "this node has no way to pass that on to its publisher now"
        raise CannotAsk(message, detail=error.code) from error


async def follow(ports: Ports, desk: Desk) -> int:
    """Let go of the words of visitors that have arrived at other nodes, and send what has its turn; returns how many of both.

    What could not be delivered goes into the tray: somebody waits for an answer.
    """
    now = ports.clock.now()
    present = [
        one for one in ports.store.enquiries() if one.state is EnquiryState.MESSAGE and one.text
    ]
    settled = await _let_go(ports, [one for one in present if one.message], now)
    if not _whose_turn_it_is(ports.store, now):
        return settled

    def claim(tx: Transaction) -> list[StoredEnquiry]:
        until = write_time(now + _HOUR)
        claimed = [
            msgspec.structs.replace(one, next_try=until) for one in _whose_turn_it_is(tx, now)
        ]
        for one in claimed:
            tx.update_enquiry(one)
        return claimed

    claimed = await ports.store.write(claim)
    for one in claimed:
        await _send_queued(ports, one, desk, now)
    return settled + len(claimed)


async def _send_queued(ports: Ports, one: StoredEnquiry, desk: Desk, now: datetime) -> None:
    publisher = ports.store.publisher(one.recipient)
    try:
        if publisher is None or not is_possible(ports.store, publisher, desk, now):
            message = "this node has no way to pass that on to its publisher now"
            raise CannotAsk(message)
        await _send(ports, one, desk)
    except LocalFedError as error:
        problem = f"could not be passed on to its publisher: {error.code}"
        failed = msgspec.structs.replace(one, state=EnquiryState.TRAY, problem=problem)

        def change(tx: Transaction) -> None:
            tx.update_enquiry(failed)
            tray.tell(tx, now)

        await ports.store.write(change)


async def _let_go(ports: Ports, under_way: list[StoredEnquiry], now: datetime) -> int:
    if not under_way:
        return 0
    sent = {one.digest: one for one in ports.store.outbox()}
    found = [(one, sent.get(one.message or "")) for one in under_way]
    settled = [
        (one, item) for one, item in found if item is None or item.state is not OutboxState.WAITING
    ]
    if settled:
        await ports.store.write(lambda tx: _settle(tx, settled, now))
    return len(settled)


def _settle(
    tx: Transaction, settled: list[tuple[StoredEnquiry, OutboxItem | None]], now: datetime
) -> None:
    for one, item in settled:
        if item is not None:
            tx.delete_from_outbox(item.number)
        if item is not None and item.state is OutboxState.FAILED:
            problem = f"could not be delivered to its publisher: {item.problem}"
            changed = msgspec.structs.replace(one, state=EnquiryState.TRAY, problem=problem)
        else:
            # Only that there was one counts, for a day.
            over = read_time(one.next_try) + _DAY
            changed = msgspec.structs.replace(
                one, name="", reply_to="", text="", expires=write_time(over)
            )
        tx.update_enquiry(changed)
    tray.tell(tx, now)


def _whose_turn_it_is(reads: Reads, now: datetime) -> list[StoredEnquiry]:
    present = reads.enquiries()
    queued = [one for one in present if waits_for_its_turn(one, now)]
    today = _today(reads, present, now) if queued else []
    due: list[StoredEnquiry] = []
    for one in queued:
        if _has_room(today + due, one):
            due.append(one)
    return due


def _today(reads: Reads, present: list[StoredEnquiry], now: datetime) -> list[StoredEnquiry]:
    """Return what was passed on in a day, or is being sent."""
    hosted = {one.did for one in reads.publishers(hosted=True)}
    since = write_time(now - _DAY)
    return [
        one
        for one in present
        # What was passed on to us is not what we passed on.
        if one.recipient not in hosted
        and one.next_try > since
        and (one.message or one.state is EnquiryState.MESSAGE)
        and not waits_for_its_turn(one, now)
    ]


def _has_room(today: list[StoredEnquiry], new: StoredEnquiry) -> bool:
    to_one = sum(one.recipient == new.recipient and one.kind is new.kind for one in today)
    return len(today) < MESSAGES_A_DAY and to_one < A_DAY_TO_ONE[new.kind]


def _reach(reads: Reads, publisher: Publisher, now: datetime) -> str:
    """Say how a publisher is reached: as it says, or at its own pages."""
    contact = contact_of(reads, publisher.did, now)
    said = (contact.email or contact.telephone or contact.url) if contact is not None else None
    return said or publisher.base


async def _send(ports: Ports, new: StoredEnquiry, desk: Desk) -> None:
    spokesman = _spokesman(ports.store)
    assert spokesman is not None
    draft = messages.Draft(
        type="Enquiry", language=desk.language, text=_say_for(new, desk), about=new.about
    )
    sent = await messages.send(ports, spokesman.did, new.recipient, draft)
    moment = write_time(ports.clock.now())
    done = msgspec.structs.replace(new, message=sent.digest, next_try=moment)
    await ports.store.write(lambda tx: tx.update_enquiry(done))


def _say_for(new: StoredEnquiry, desk: Desk) -> str:
    """Say whose words these are: the message is signed here, and was not written here."""
    what = (
        "asks for a correction" if new.kind is EnquiryKind.CORRECTION else "has a question for you"
    )
    lines = [
        f"A visitor of {desk.name} ({desk.url}/) {what}. These are the visitor's words, which nobody here checked:",
        "",
        new.text,
        "",
        f"Name: {new.name or 'not given'}",
        f"Answer to: {new.reply_to or 'no address given'}",
    ]
    return "\n".join(lines)


def _spokesman(reads: Reads) -> Publisher | None:
    """Return the organisation that this node is for: the first that is hosted and not closed."""
    hosted = reads.publishers(hosted=True)
    return next((one for one in hosted if not one.is_closed), None)
