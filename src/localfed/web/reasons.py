"""Reasons of a match, in the language of the reader; what was compared comes as codes.

Here: words. Not here: comparing (`app.comparing`), the cards (`matching`).
"""

from __future__ import annotations

from datetime import datetime

from localfed.app.comparing import Reason
from localfed.app.ports import Lexicon
from localfed.interop.vocabulary import Scheme, label_of
from localfed.web.cards import Reader
from localfed.web.languages import say_date
from localfed.web.particulars import say_form
from localfed.web.translating import SOURCE, _, spoken


def say_reason(reason: Reason, reader: Reader, lexicon: Lexicon) -> str:
    """Say a reason in words; English has its own."""
    if spoken() == SOURCE:
        return reason.says
    if reason.of == "subject":
        named = ", ".join(lexicon.label(code, reader.languages) for code in reason.values)
        return (_("both about %(what)s") if reason.fits else _("not %(what)s")) % {"what": named}
    said = _SAY[reason.of](reason, reader) if reason.of in _SAY else ""
    return said or reason.says


def _words(reason: Reason, _reader: Reader) -> str:
    return _("both say %(words)s") % {"words": ", ".join(reason.values)}


def _meaning(reason: Reason, _reader: Reader) -> str:
    return _("alike in meaning (%(percent)s)") % {"percent": reason.values[0]}


def _category(reason: Reason, reader: Reader) -> str:
    named = ", ".join(
        dict.fromkeys(
            label_of(Scheme.CATEGORIES, one, reader.languages)[0] for one in reason.values
        )
    )
    said = _("both about %(what)s") if reason.fits else _("about %(what)s")
    return said % {"what": named}


def _form(reason: Reason, _reader: Reader) -> str:
    forms = [say_form(one) for one in reason.values]
    if reason.fits:
        return _("both %(form)s") % {"form": forms[0]}
    return _("%(form)s, where %(wanted)s is asked for") % {"form": forms[0], "wanted": forms[-1]}


def _quantity(reason: Reason, _reader: Reader) -> str:
    most, least = reason.values
    return _("%(most)s, where %(least)s are asked for") % {"most": most, "least": least}


def _time(reason: Reason, _reader: Reader) -> str:
    if not reason.fits:
        return _("at other times")
    first = datetime.fromisoformat(reason.values[0])
    return _("both on %(day)s at %(time)s") % {
        "day": say_date(f"{first:%Y-%m-%d}"),
        "time": f"{first:%H:%M}",
    }


def _cost(reason: Reason, _reader: Reader) -> str:
    bases = [_say_basis(one) for one in reason.values]
    if len(bases) == 1:
        return bases[0]
    return _("%(first)s or %(last)s") % {"first": ", ".join(bases[:-1]), "last": bases[-1]}


def _audience(reason: Reason, reader: Reader) -> str:
    named = (label_of(Scheme.AUDIENCES, one, reader.languages)[0] for one in reason.values)
    return _("for %(whom)s") % {"whom": ", ".join(named)}


def _language(reason: Reason, _reader: Reader) -> str:
    return _("in %(languages)s") % {"languages": ", ".join(map(_name_of_language, reason.values))}


def _name_of_language(tag: str) -> str:
    from babel import Locale

    return str(Locale.parse(spoken()).languages.get(tag, tag))


def _say_basis(basis: str) -> str:
    return {
        "free": _("free"),
        "pay": _("for money"),
        "pay-what-you-can": _("for what one can pay"),
        "exchange": _("in exchange"),
        "time": _("for time"),
    }.get(basis, basis)


_SAY = {
    "words": _words,
    "meaning": _meaning,
    "category": _category,
    "form": _form,
    "quantity": _quantity,
    "time": _time,
    "cost": _cost,
    "audience": _audience,
    "language": _language,
}
