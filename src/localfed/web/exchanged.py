"""What an organisation exchanged with others, as a reader sees it on its page: confirmed by both, in words.

Here: values made for templates. Not here: what is confirmed (`app.ledger`), adding up (`reporting`).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import Final

import msgspec
from aiohttp import web

from localfed.app.values import Publisher
from localfed.interop.vocabulary import Scheme, label_of
from localfed.protocol.exchange import Confirmed, Flow
from localfed.web.book import BOOK
from localfed.web.cards import Origin, Reader, make_origin
from localfed.web.languages import Said, say_date
from localfed.web.node import NODE
from localfed.web.translating import _

_SHOWN: Final = 10


class FlowLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that went one way."""

    is_given: bool
    amount: str
    """Quantity and unit."""
    what: str
    category: Said | None


class ExchangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange of an organisation."""

    partner: Origin
    period: str
    flows: tuple[FlowLine, ...]


class Exchanged(msgspec.Struct, frozen=True, kw_only=True):
    """The latest exchanges of an organisation."""

    total: int
    partners: int
    lines: tuple[ExchangeLine, ...]
    all_href: str


async def make_exchanged(
    request: web.Request, publisher: Publisher, reader: Reader
) -> Exchanged | None:
    """Say what an organisation exchanged, the latest first; None where nothing is confirmed (LF-EXCH-5)."""
    found = await request.app[BOOK].of(publisher.did, reader.now)
    if not found:
        return None
    lines = (_line(request, one, publisher.did, reader) for one in found)
    return Exchanged(
        total=len(found),
        partners=len({one.parties for one in found}),
        lines=tuple(islice((line for line in lines if line is not None), _SHOWN)),
        all_href=f"/api/v1/exchanges?organisation={publisher.scid}",
    )


def _line(request: web.Request, one: Confirmed, did: str, reader: Reader) -> ExchangeLine | None:
    (other,) = (party for party in one.parties if party != did)
    publisher = request.app[NODE].ports.store.publisher(other)
    if publisher is None:
        return None
    period = one.figures.period
    start, end = say_date(period.start), say_date(period.end)
    return ExchangeLine(
        partner=make_origin(request, publisher, reader),
        period=end if start == end else _("%(start)s to %(end)s") % {"start": start, "end": end},
        flows=tuple(_flow(flow, did, reader) for flow in one.figures.flows),
    )


def _flow(flow: Flow, did: str, reader: Reader) -> FlowLine:
    category = None
    if flow.category is not None:
        text, language = label_of(Scheme.CATEGORIES, flow.category, reader.languages)
        category = Said(text, language or "und")
    return FlowLine(
        is_given=flow.giver == did,
        amount=f"{Decimal(flow.quantity):,f} {flow.unit}",
        what=flow.what,
        category=category,
    )
