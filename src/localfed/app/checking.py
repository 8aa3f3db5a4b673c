"""Checking: bytes that a feed listed, opened one by one; the one place where others' become live.

Here: from bytes to rows, for feed, bundle, mirror and restore alike. Not here: the checks themselves
(`protocol.accept`), storing (`accepting`). Spec: 07-accept (LF-ACCEPT), 06-feed (LF-READ-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol.accept import open_document
from localfed.protocol.errors import Rejected, TooEarly, WrongDigest, WrongShape
from localfed.protocol.identity import Identity


def check_documents(
    bodies: Sequence[tuple[StoredDocument, bytes]], identity: Identity, now: datetime
) -> list[StoredDocument]:
    """Open each document; what breaks a rule is remembered as rejected, wrong bytes are not."""
    documents = []
    for one, body in bodies:
        try:
            checked = open_document(
                body, identity=identity, now=now, path=one.path, digest=one.digest
            )
        except (WrongDigest, TooEarly):
            continue  # other bytes than listed, or not yet: asked for again at the next poll
        except Rejected as error:
            documents.append(_rejected(one, error.code))
            continue
        document = checked.document
        if document.type != one.type:
            # Signed, but not what the feed says it is: nobody may show one as the other.
            documents.append(_rejected(one, WrongShape.code))
            continue
        documents.append(
            msgspec.structs.replace(
                one,
                state=DocumentState.LIVE,
                body=body,
                revision=document.revision,
                updated=document.updated,
                expires=document.expires,
                is_shown=checked.is_shown,
            )
        )
    return documents


def _rejected(one: StoredDocument, code: str) -> StoredDocument:
    return msgspec.structs.replace(one, state=DocumentState.REJECTED, body=None, problem=code)
