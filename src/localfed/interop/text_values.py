"""Texts of other people made fit for the protocol: characters, lengths, e-mail addresses in them.

Here: one field's text in, a clean text out, with what was wrong told to the ledger.
Not here: web addresses (`web_address`), coordinates (`points`). Spec: 02-bytes (LF-BYTES-7).
"""

from __future__ import annotations

import re
from typing import Final

from localfed.interop.records import EMAIL, Ledger

STREET_CHARACTERS: Final = 500
"""Characters of a street address in the protocol's form."""

# What ends a line somewhere; as a line feed in texts, as a space elsewhere.
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NOWHERE: Final = (
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\u200b\ufeff"
)
# Texts may hold joiners and marks of direction, which some scripts need; names may not.
_FORBIDDEN_IN_TEXTS: Final = re.compile(f"[{_NOWHERE}]")
_FORBIDDEN: Final = re.compile(
    f"[{_NOWHERE}\u00ad\u034f\u061c\u115f\u1160\u180e\u200c-\u200f\u2060-\u206f\u3164\uffa0]"
)
_DAMAGE: Final = re.compile(r"[^\W\d_]\?[^\W\d_]|[^\W\d_]\? [^\W\d_]| \? ")
_PLACEHOLDERS: Final = frozenset(
    {
        "-",
        "--",
        "---",
        ".",
        "?",
        "n/a",
        "n.a.",
        "none",
        "null",
        "nil",
        "unknown",
        "tbc",
        "k.a.",
        "#n/a",
    }
)


class Cell:
    """One field, cleaned on demand; knows where it stands, to say so in a report."""

    __slots__ = ("column", "ledger", "line", "raw")

    def __init__(self, ledger: Ledger, line: int, column: str, raw: str) -> None:
        self.ledger = ledger
        self.line = line
        self.column = column
        self.raw = raw

    def leave_out(self, code: str) -> None:
        """Report that this field is not taken over."""
        self.ledger.leave_out(self.line, self.column, self.raw, code)

    def mend(self, code: str) -> None:
        """Report that this field is taken over changed."""
        self.ledger.mend(self.line, self.column, self.raw, code)

    def note(self, code: str) -> None:
        """Report that this field is taken over with a doubt."""
        self.ledger.note(self.line, self.column, self.raw, code)

    def leave_out_personal(self, kind: str) -> None:
        """Count a personal contact; its value is never reported."""
        self.ledger.leave_out_personal(self.line, self.column, kind)

    def one_line(self, most: int) -> str | None:
        """The text on one line, white space folded; None if nothing is left.

        An e-mail address in place of a text is personal and left out.
        """
        text = self.raw
        # Some of what nobody sees is printable to Python: a blank that is a letter.
        if not text.isascii() or not text.isprintable():
            text = self._without(_FORBIDDEN, _LINE_ENDS.sub(" ", text))
        text = " ".join(text.split())
        if not text or (len(text) <= 7 and text.lower() in _PLACEHOLDERS):  # noqa: PLR2004 -- the longest placeholder
            return None
        if "@" in text and EMAIL.search(text):
            self.leave_out_personal("email")
            return None
        self._look_for_damage(text, prose=False)
        return self._shortened(text, most)

    def lines(self, most: int, *, prose: bool) -> str | None:
        """The text with its line feeds, each line folded, empty lines at most one in a row.

        E-mail addresses in it are taken out.

        Args:
            most: Characters of the result.
            prose: Whether it is running text, or an address.

        """
        text = self.raw
        if not text.isascii() or not text.isprintable():
            forbidden = _FORBIDDEN_IN_TEXTS if prose else _FORBIDDEN
            text = self._without(forbidden, _LINE_ENDS.sub("\n", text))
        rows = [" ".join(row.split()) for row in text.split("\n")]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()
        if "@" in text and EMAIL.search(text):
            self.ledger.personal["email"] += 1
            self.ledger.mend(self.line, self.column, "", "email-in-text")
            text = EMAIL.sub("[…]", text)
        if not text or text.lower() in _PLACEHOLDERS:
            return None
        self._look_for_damage(text, prose=prose)
        return self._shortened(text, most)

    def _without(self, forbidden: re.Pattern[str], text: str) -> str:
        clean, found = forbidden.subn("", text)
        if found:
            self.mend("bad-characters")
        return clean

    def _look_for_damage(self, text: str, *, prose: bool) -> None:
        # The character is kept: what was lost cannot be known, and search takes it for a gap.
        if "\ufffd" in text:
            self.note("damaged")
        elif "?" in text and not prose and _DAMAGE.search(text):
            self.note("maybe-damaged")

    def _shortened(self, text: str, most: int) -> str:
        if len(text) <= most:
            return text
        self.mend("too-long")
        return text[: most - 1].rstrip() + "…"


def is_placeholder(text: str) -> bool:
    """Whether the text says that there is nothing, such as `n/a`."""
    return text.strip().lower() in _PLACEHOLDERS
