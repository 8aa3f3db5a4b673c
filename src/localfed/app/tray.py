"""The tray: what visitors wrote that waits for the operator, here or in the inbox, and the notices that say so.

Here: one notice of each organisation for either place, kept in step with what waits. Not here: what is in it (`enquiries`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from localfed.app import notices
from localfed.app.enquiry_port import EnquiryState
from localfed.app.message_values import Notice
from localfed.app.ports import Transaction
from localfed.protocol.times import write_time

_TRAY: Final = "enquiry"
_INBOX: Final = "question"


def tell(tx: Transaction, now: datetime) -> None:
    """Bring the notices in step with what waits; nothing of what visitors wrote is in them."""
    hosted = [one.did for one in tx.publishers(hosted=True)]
    waiting = Counter(
        # What could not be delivered to others waits for the organisation that this node is for.
        one.recipient if one.recipient in hosted else hosted[0]
        for one in tx.enquiries()
        if one.state is EnquiryState.TRAY and hosted
    )
    told = {(one.did, one.kind, one.text) for one in tx.notices()}
    for did in hosted:
        count, asked = waiting[did], tx.questions_waiting(did)
        words = "1 enquiry of a visitor waits" if count == 1 else f"{count} enquiries wait"
        messages = "1 message asks something" if asked == 1 else f"{asked} messages ask something"
        for kind, how_many, text in (
            (_TRAY, count, f"{words} (localfed enquiries)"),
            (_INBOX, asked, f"{messages} (localfed inbox)"),
        ):
            if not how_many:
                notices.drop(tx, did, kind, did)
            elif (did, kind, text) not in told:
                notices.note(
                    tx, Notice(kind=kind, did=did, about=did, text=text, since=write_time(now))
                )
