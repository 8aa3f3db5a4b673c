"""The tray: what visitors wrote that waits for the operator, and the notice that says so.

Here: the one notice of each organisation, kept in step with what waits. Not here: what is in it (`enquiries`).
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

_KIND: Final = "enquiry"


def tell(tx: Transaction, now: datetime) -> None:
    """Bring the notices in step with what waits; nothing of what visitors wrote is in them."""
    hosted = [one.did for one in tx.publishers(hosted=True)]
    waiting = Counter(
        # What could not be delivered to others waits for the organisation that this node is for.
        one.recipient if one.recipient in hosted else hosted[0]
        for one in tx.enquiries()
        if one.state is EnquiryState.TRAY and hosted
    )
    told = {(one.did, one.text) for one in tx.notices() if one.kind == _KIND}
    for did in hosted:
        count = waiting[did]
        words = "1 enquiry of a visitor waits" if count == 1 else f"{count} enquiries wait"
        text = f"{words} (localfed enquiries)"
        if not count:
            notices.drop(tx, did, _KIND, did)
        elif (did, text) not in told:
            notices.note(
                tx, Notice(kind=_KIND, did=did, about=did, text=text, since=write_time(now))
            )
