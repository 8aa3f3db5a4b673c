"""Enquiries in the database: what visitors wrote, until it has arrived.

Deleting overwrites: what a visitor wrote is left neither in free pages of the file nor in its WAL.
"""

from __future__ import annotations

from typing import Final, Protocol

from localfed.app.enquiry_port import EnquiryKind, EnquiryState, StoredEnquiry
from localfed.store.connection import Connection, Row

_COLUMNS: Final = (
    "id, received, kind, recipient, about, state, name, reply_to, text, problem, failures, next_try,"
    " expires, link, message"
)
_ALL: Final = f"SELECT {_COLUMNS} FROM enquiry ORDER BY id"  # noqa: S608 - names of our own columns
_ONE: Final = f"SELECT {_COLUMNS} FROM enquiry WHERE id = ?"  # noqa: S608
_BY_LINK: Final = f"SELECT {_COLUMNS} FROM enquiry WHERE link = ?"  # noqa: S608
_QUESTIONS: Final = """
SELECT COUNT(*) FROM message
WHERE state = 'new' AND recipient = ? AND type = 'Enquiry'
    AND NOT EXISTS (SELECT 1 FROM enquiry WHERE enquiry.message = message.digest)
"""
_ADD: Final = """
INSERT INTO enquiry (
    received, kind, recipient, about, state, name, reply_to, text, problem, failures, next_try,
    expires, link, message
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING id
"""
_UPDATE: Final = """
UPDATE enquiry SET state = ?, name = ?, reply_to = ?, text = ?, problem = ?, failures = ?, next_try = ?,
    expires = ?, link = ?, message = ?
WHERE id = ?
"""
_DELETE: Final = "DELETE FROM enquiry WHERE id = ?"
_DELETE_OVER: Final = "DELETE FROM enquiry WHERE expires <= ?"


class _Connected(Protocol):
    def _connection(self) -> Connection: ...


class EnquiryReads:
    """The part of the store's port that reads enquiries."""

    def enquiries(self: _Connected) -> list[StoredEnquiry]:
        """Return all of them, oldest first."""
        return [_enquiry(row) for row in self._connection().rows(_ALL)]

    def enquiry(self: _Connected, number: int) -> StoredEnquiry | None:
        """Return one."""
        row = self._connection().row(_ONE, (number,))
        return _enquiry(row) if row else None

    def enquiry_with_link(self: _Connected, link: str) -> StoredEnquiry | None:
        """Return the one whose one-time link has this digest."""
        row = self._connection().row(_BY_LINK, (link,))
        return _enquiry(row) if row else None

    def questions_waiting(self: _Connected, recipient: str) -> int:
        """Count the unopened messages to an organisation that ask something and wait nowhere but in its inbox."""
        return int(self._connection().value(_QUESTIONS, (recipient,)))


class EnquiryWrites:
    """The part of the store's port that writes them."""

    def add_enquiry(self: _Connected, enquiry: StoredEnquiry) -> int:
        """Insert one; returns its number."""
        return int(
            self._connection().value(
                _ADD,
                (
                    enquiry.received,
                    enquiry.kind.value,
                    enquiry.recipient,
                    enquiry.about,
                    enquiry.state.value,
                    enquiry.name,
                    enquiry.reply_to,
                    enquiry.text,
                    enquiry.problem,
                    enquiry.failures,
                    enquiry.next_try,
                    enquiry.expires,
                    enquiry.link,
                    enquiry.message,
                ),
            )
        )

    def update_enquiry(self: _Connected, enquiry: StoredEnquiry) -> None:
        """Note what became of one."""
        self._connection().run_overwriting(
            _UPDATE,
            (
                enquiry.state.value,
                enquiry.name,
                enquiry.reply_to,
                enquiry.text,
                enquiry.problem,
                enquiry.failures,
                enquiry.next_try,
                enquiry.expires,
                enquiry.link,
                enquiry.message,
                enquiry.number,
            ),
        )

    def delete_enquiry(self: _Connected, number: int) -> bool:
        """Delete one; says whether there was one."""
        return self._connection().run_overwriting(_DELETE, (number,)) > 0

    def delete_enquiries_over(self: _Connected, now: str) -> int:
        """Delete those whose time is over; returns how many."""
        return self._connection().run_overwriting(_DELETE_OVER, (now,))


def _enquiry(row: Row) -> StoredEnquiry:
    return StoredEnquiry(
        number=row[0],
        received=row[1],
        kind=EnquiryKind(row[2]),
        recipient=row[3],
        about=row[4],
        state=EnquiryState(row[5]),
        name=row[6],
        reply_to=row[7],
        text=row[8],
        problem=row[9],
        failures=row[10],
        next_try=row[11],
        expires=row[12],
        link=row[13],
        message=row[14],
    )
