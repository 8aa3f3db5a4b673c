"""Telling: what went wrong, in the language of whoever is looking at a page.

Here: titles, messages and next steps of errors as pages say them. Not here: the errors, and what programs are told
(`protocol.errors`, `errors`): that stays English, as the API is. What has no translation is said in English, and marked as that.
"""

from __future__ import annotations

import msgspec

from localfed.protocol.errors import LocalFedError, UnknownPlace
from localfed.protocol.worded import Worded
from localfed.web.languages import Said
from localfed.web.translating import SOURCE, _, spoken

_SERVER_FAULT = 500


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor is told of an error."""

    title: Said
    message: Said
    next: Said | None
    """What to do about it, where a visitor can do something."""


def tell(*, code: str, status: int, title: str, message: str) -> Told:
    """Tell a visitor what went wrong."""
    next_step = _next_steps().get(code, "")
    if not next_step and status >= _SERVER_FAULT:
        next_step = _("Try again later, and tell whoever runs this node if it stays.")
    said = title if spoken() == SOURCE else _titles().get(code, "")
    return Told(
        title=Said(said, spoken()) if said else Said(title, SOURCE),
        message=say_message(message),
        next=Said(next_step, spoken()) if next_step else None,
    )


def say_message(message: str) -> Said:
    """Say the message of an error as a sentence."""
    said = _fill(_(message.template), message) if isinstance(message, Worded) else _(message)
    language = SOURCE if said == message else spoken()
    return Said(_sentence(said), language)


def _fill(template: str, message: Worded) -> str:
    """Fill a translation; where it names what there is not, the message is said as it was made."""
    try:
        areas = _areas()
        values = {name: areas.get(str(one), one) for name, one in message.values.items()}
        return template.format(**values)
    except (KeyError, IndexError, ValueError):
        return str(message)


def say_wrong(error: LocalFedError) -> Said:
    """Say above a form what is wrong with what was sent, and what helps."""
    if isinstance(error, UnknownPlace):
        return Said(f"{_say_unknown_place(error)} {_next_steps()[error.code]}", spoken())
    message, next_step = say_message(error.wording), _next_steps().get(error.code, "")
    if next_step and message.lang == spoken():
        return Said(f"{message.text} {next_step}", message.lang)
    return message


def _say_unknown_place(error: UnknownPlace) -> str:
    if spoken() == SOURCE:
        return _sentence(error.message)
    if isinstance(error.wording, Worded):  # of an area without open postcodes
        return say_message(error.wording).text
    said = _("That is no postcode, town or place that is known here.")
    if error.suggestions:
        named = ", ".join(error.suggestions)
        said = f"{said} " + _("Did you mean %(places)s?") % {"places": named}
    return said


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _areas() -> dict[str, str]:
    """Give what areas without open postcodes are called, as messages name them."""
    return {
        "Northern Ireland": _("Northern Ireland"),
        "Jersey": _("Jersey"),
        "Guernsey": _("Guernsey"),
        "the Isle of Man": _("the Isle of Man"),
        "the forces": _("the forces"),
    }


def _titles() -> dict[str, str]:
    """Give the titles of what a visitor can meet, by code; in English the tree of errors has its own."""
    return {
        "error": _("Something went wrong on this node."),
        "refused": _("This request cannot be answered."),
        "too-large": _("More bytes than the limit of its kind."),
        "too-late": _("A body that did not come in time."),
        "too-often": _("More requests than this node answers one sender in a while."),
        "expired": _("No longer valid."),
        "identity-closed": _("The identity was closed by its owner."),
        "bad-query": _("A question that cannot be understood."),
        "unknown-place": _("A place that this node does not know."),
        "bad-cursor": _("A cursor that this node did not make."),
        "bad-enquiry": _("What a visitor wrote cannot be passed on as it is."),
        "cannot-ask": _("This node has no safe way to pass something on to that publisher."),
        "link-over": _("A one-time link that was used, or whose time is over."),
        "unknown-document": _("No such document here."),
        "unknown-organisation": _("No such organisation here."),
        "unknown-page": _("No such page, or no such method on it."),
        "wrong-method": _("The page exists, but not with this method."),
        "unknown-format": _("A format in which this node does not answer."),
        "blocked": _("The operator of this node blocked it."),
        "unavailable": _("This machine cannot do it now."),
        "disk-full": _("The disk is full; nothing of this request was written."),
        "store-busy": _("Another process is writing for too long."),
        "store-broken": _("The database is damaged or cannot be opened."),
        "index-broken": _("The search index cannot be opened or written."),
    }


def _next_steps() -> dict[str, str]:
    """Give what a visitor can do, by code; the tree of errors speaks to operators and programmers."""
    return {
        "bad-query": _("Change what you ask for as the message says."),
        "unknown-place": _(
            "Give a postcode, a town, or latitude and longitude such as 55.95,-3.19."
        ),
        "bad-cursor": _("Start again from the first page."),
        "cannot-ask": _("Write to the publisher yourself: its page says how it is reached."),
        "store-busy": _("Wait a moment and do it again."),
        "too-late": _("Send it again, without pauses."),
        "too-often": _("Wait a while, then do it again."),
    }
