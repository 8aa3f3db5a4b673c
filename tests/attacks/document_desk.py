"""The forger's desk: what opening a document needs, without a node that could be left changed.

Here: the friend's key, log and time, and the doors of the protocol. Not here: any lie (`document_material`).
"""

from __future__ import annotations

import dataclasses

from attacks.document_material import Forge, Letters, forge_of, letters_of
from attacks.document_shapes import MESSAGES, whole
from attacks.frame import Victim
from attacks.lies import log_of
from localfed.protocol.accept import Checked, CheckedHead, open_document, open_head
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.message import CheckedMessage, open_message


@dataclasses.dataclass(frozen=True)
class Desk:
    """What is opened here was signed by the friend, or by who has its key."""

    documents: Forge
    letters: Letters
    log: bytes
    hosted: str

    identity: Identity

    def open(self, body: bytes, **listed: str) -> Checked:
        return open_document(body, identity=self.identity, now=self.documents.now, **listed)

    def open_message(self, body: bytes) -> CheckedMessage:
        now = self.letters.now
        return open_message(body, identity=self.identity, now=now, hosted={self.hosted})

    def open_head(self, body: bytes) -> CheckedHead:
        return open_head(body, identity=self.identity, now=self.documents.now)

    def open_kind(self, kind: str, body: bytes) -> Checked | CheckedHead | CheckedMessage:
        """Open what has to be of this type."""
        if kind in MESSAGES:
            return self.open_message(body)
        return self.open_head(body) if kind == "Head" else self.open(body)

    def forge(self, kind: str) -> Forge:
        return self.letters if kind in MESSAGES else self.documents

    def whole(self, kind: str) -> bytes:
        """Give a signed document of a type that says all it can."""
        return self.forge(kind).sign(whole(self.forge(kind), kind))


def desk_of(victim: Victim) -> Desk:
    log = log_of(victim.friend)
    forge = forge_of(victim)
    return Desk(
        documents=forge,
        letters=letters_of(victim),
        log=log,
        hosted=victim.node.did,
        identity=read_identity(log, now=forge.now),
    )
