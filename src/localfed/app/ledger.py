"""The ledger: the halves of exchanges that hold, and how far each exchange of ours has come.

Here: reading, by the ref of an exchange or the number of a message about it. Not here: what a person does
(`exchanges`), adding up (`report`). Spec: 05-documents (LF-EXCH-5 to LF-EXCH-7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from localfed.app import last_words, policy, proposals
from localfed.app.last_words import Side, Word
from localfed.app.message_values import StoredMessage
from localfed.app.ports import Reads
from localfed.app.values import Publisher
from localfed.protocol.errors import BadDraft, UnknownExchange
from localfed.protocol.exchange import Confirmed, Exchange, Figures, find_confirmed, is_confirmed
from localfed.protocol.times import write_time

_HALF: Final = msgspec.json.Decoder(Exchange)


class State(StrEnum):
    """How far an exchange has come (LF-EXCH-5)."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    """Both say it, differently; or one says it twice; or one wrote that it was not so."""
    OURS = "said by us alone"
    THEIRS = "said by them alone"
    PROPOSED = "proposed"
    """Nobody has published anything."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange of ours with another organisation, as far as this node knows."""

    ref: str
    partner: str
    """DID of the other."""
    host: str | None
    """Where it lives; None: it is not known here."""
    state: State
    mine: Figures | None = None
    """What our half says."""
    theirs: Figures | None = None
    """What their half says, if it is here."""
    proposed: Figures | None = None
    """What we proposed and they have not answered."""
    asked: Figures | None = None
    """What they proposed and we have not answered."""
    declined: Figures | None = None
    """What one proposed and the other declined, where nobody has published anything."""
    disputed_by: Side | None = None
    """Who wrote that it was not so, as far as the messages are still here; None: nobody, or both halves are there."""
    is_agreed: bool = False
    """Both said yes by message; what the other published is to be read at the next poll."""
    messages: tuple[int, ...] = ()
    """The numbers of their proposals in the inbox, the newest last."""
    id: str | None = None
    """The id of our half."""
    their_id: str | None = None

    @property
    def figures(self) -> Figures:
        """What it is about: what is confirmed, or what somebody said of it."""
        found = self.mine or self.theirs or self.asked or self.proposed or self.declined
        assert found is not None
        return found

    @property
    def waits(self) -> bool:
        """Whether a person here has something to say to it."""
        is_open = self.state in {State.DISPUTED, State.THEIRS} and self.disputed_by != "us"
        return self.asked is not None or (is_open and self.corrected_by != "us")

    @property
    def corrected_by(self) -> Side | None:
        """Who says other figures than both said, and waits for the other; None: nobody."""
        if self.mine is None or self.theirs is None or self.mine == self.theirs:
            return None
        if self.asked is not None:
            return "them" if self.asked == self.theirs else None
        return "us" if self.proposed == self.mine else None


def publishers_shown(reads: Reads, now: datetime) -> dict[str, Publisher]:
    """Return the publishers of whom something is shown now, by DID: none blocked, closed or long silent."""
    return {
        one.did: one
        for one in reads.publishers()
        if one.is_shown and not one.is_closed and policy.still_counts(one, now)
    }


def live_halves(reads: Reads, now: datetime) -> Iterator[Exchange]:
    """Yield every half that holds now, of those who are shown (LF-EXCH-5)."""
    shown, moment = publishers_shown(reads, now), write_time(now)
    for half in stored_halves(reads):
        if half.expires > moment and half.issuer in shown:
            yield half


def confirmed_exchanges(reads: Reads, now: datetime) -> list[Confirmed]:
    """Return every exchange that is confirmed by two who are shown here, the latest first (LF-EXCH-5)."""
    found = find_confirmed(live_halves(reads, now))
    found.sort(key=lambda one: (one.figures.period.end, one.figures.ref, one.parties), reverse=True)
    return found


def stored_halves(reads: Reads) -> Iterator[Exchange]:
    """Yield every half that is listed, those that are over or hidden too; one bad row takes nothing else away."""
    for body in reads.exchanges():
        try:
            yield _HALF.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue


def list_exchanges(reads: Reads, did: str, now: datetime) -> list[Row]:
    """Say of each exchange of a hosted organisation how far it has come, the latest first.

    What has expired says nothing any more. What one declined, or says was not so, is disputed while its message is here.
    Rules: LF-EXCH-5, LF-EXCH-6.
    """
    halves = list(live_halves(reads, now))
    mine = _by((one.partner, one) for one in halves if one.issuer == did)
    theirs = _by((one.issuer, one) for one in halves if one.partner == did)
    asked: dict[tuple[str, str], list[tuple[StoredMessage, Figures]]] = {}
    for message, said in _asked(reads, did):
        asked.setdefault((message.sender, said.ref), []).append((message, said))
    proposed = {
        (item.recipient, said.exchange.ref): said.exchange
        for item, said in proposals.proposals_of(reads, did, write_time(now))
        if said.exchange is not None
    }
    words = last_words.last_words(reads, did, {one.id: one.ref for one in halves})
    declined = {key for key, word in words.items() if word.disputes and _declined(word)}
    rows = []
    for partner, ref in mine.keys() | theirs.keys() | asked.keys() | proposed.keys() | declined:
        ours, other = mine.get((partner, ref), []), theirs.get((partner, ref), [])
        waiting = asked.get((partner, ref), [])
        publisher = reads.publisher(partner)
        word = words.get((partner, ref))
        is_waiting = bool(waiting) or (partner, ref) in proposed
        by = _disputed_by(word, ours, other) if not is_waiting else None
        if not (ours or other or is_waiting or by):
            continue
        rows.append(
            Row(
                ref=ref,
                partner=partner,
                host=publisher.host if publisher is not None else None,
                state=State.DISPUTED if by is not None else _state(ours, other),
                mine=ours[0].figures if ours else None,
                theirs=other[0].figures if other else None,
                proposed=proposed.get((partner, ref)),
                asked=waiting[-1][1] if waiting else None,
                declined=_declined(word) if by is not None and not (ours or other) else None,
                disputed_by=by,
                is_agreed=bool(ours and not other) and last_words.is_unread(word, publisher),
                messages=tuple(message.number for message, _ in waiting),
                id=ours[0].id if ours else None,
                their_id=other[0].id if other else None,
            )
        )
    rows.sort(key=lambda one: (one.figures.period.end, one.partner, one.ref), reverse=True)
    return rows


def _state(ours: list[Exchange], theirs: list[Exchange]) -> State:
    if not ours or not theirs:
        return State.OURS if ours else State.THEIRS if theirs else State.PROPOSED
    is_one = len(ours) == len(theirs) == 1
    return State.CONFIRMED if is_one and is_confirmed(ours[0], theirs[0]) else State.DISPUTED


def _disputed_by(word: Word | None, ours: list[Exchange], theirs: list[Exchange]) -> Side | None:
    """Say who wrote last that it was not so: nobody disputes a half of its own, and where both are there they tell."""
    if word is None or not word.disputes or (ours and theirs):
        return None
    is_own = (word.by == "us" and ours) or (word.by == "them" and theirs)
    return None if is_own else word.by


def _declined(word: Word | None) -> Figures | None:
    return word.proposal.exchange if word is not None and word.proposal is not None else None


def _by(halves: Iterable[tuple[str, Exchange]]) -> dict[tuple[str, str], list[Exchange]]:
    """Sort halves by the other of the two, seen from here, and by ref."""
    found: dict[tuple[str, str], list[Exchange]] = {}
    for other, half in halves:
        found.setdefault((other, half.ref), []).append(half)
    return found


def _asked(reads: Reads, did: str) -> Iterator[tuple[StoredMessage, Figures]]:
    for message, said in proposals.proposals_to(reads, did):
        if said.exchange is not None:
            yield message, said.exchange


def find_exchange(reads: Reads, did: str, which: str, now: datetime) -> Row:
    """Find an exchange by its ref, or by the number of a message about it.

    Raises:
        UnknownExchange: nothing of that name is known.
        BadDraft: several partners say one of that name.

    """
    rows = list_exchanges(reads, did, now)
    name = which.strip()
    is_number = name.isascii() and name.isdigit()
    found = [one for one in rows if one.ref == name or (is_number and int(name) in one.messages)]
    if not found:
        message = "no exchange of that name is known, nor does a message of that number wait"
        raise UnknownExchange(message)
    if len(found) > 1:  # two partners that use one ref: one of them took it from the other
        message = "several partners say an exchange of that name: give the number of the message"
        raise BadDraft(message)
    return found[0]


def find_to_confirm(
    reads: Reads, did: str, which: str, now: datetime
) -> tuple[Row, Figures, StoredMessage | None]:
    """Say which figures are confirmed: those of the message that is named, or the only ones there are (LF-EXCH-7).

    Raises:
        UnknownExchange: the other has said nothing of that name.
        BadDraft: it is confirmed already; the other said different things.

    """
    row = find_exchange(reads, did, which, now)
    said = {
        message.number: (message, figures)
        for message, figures in _asked(reads, did)
        if message.number in row.messages
    }
    if said:
        if which.strip() != row.ref:
            message, figures = said[int(which)]
            return row, figures, message
        if any(figures != row.asked for _, figures in said.values()):
            numbers = ", ".join(str(number) for number in said)
            text = f"they said different things: confirm one of the messages {numbers}"
            raise BadDraft(text)
        message, figures = said[row.messages[-1]]
        return row, figures, message
    if row.state is State.CONFIRMED:
        text = "that is confirmed already"
        raise BadDraft(text)
    if row.corrected_by == "us":
        text = "you corrected it and they have not answered: localfed exchange correct says the old figures again"
        raise BadDraft(text)
    if row.theirs is None:
        text = "they have said nothing of it yet: wait for them"
        if row.declined is not None:
            text = "it was declined: say what it was instead (localfed exchange correct)"
        raise UnknownExchange(text)
    return row, row.theirs, None
