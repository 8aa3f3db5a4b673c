"""What can be chosen on the directory page: distances and kinds for its forms, facets with counts beside its results.

Here: values for templates, each choice with its address. Not here: counting (`index`), the page (`results`).
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from localfed.app.describing import choice_of
from localfed.app.index_values import HERE, ONLINE, OPEN_NOW, Facet, Sort
from localfed.app.search import RADIUS_KM_MAX, Found
from localfed.app.values import Kind
from localfed.interop.vocabulary import Scheme, label_of
from localfed.web.asked import Asked
from localfed.web.languages import name_of_language, say_distance
from localfed.web.particulars import say_basis
from localfed.web.readers import Reader
from localfed.web.translating import _, ngettext

KM_PER_MILE: Final = 1.609344
_KINDS: Final = (Kind.OFFER, Kind.NEED, Kind.ORGANISATION)
_MILES: Final = (1, 2, 5, 10, 25, 50)
_MILES_RADIUS: Final = f"{10 * KM_PER_MILE:.1f}"
_KILOMETRES: Final = (1, 2, 5, 10, 25, 50, 100)
_SCHEMES: Final = {
    Facet.CATEGORY: Scheme.CATEGORIES,
    Facet.AUDIENCE: Scheme.AUDIENCES,
    Facet.ACCESSIBILITY: Scheme.ACCESSIBILITY,
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One choice beside the results, and how much it would leave."""

    label: str
    number: int
    href: str
    is_chosen: bool = False


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a select box."""

    value: str
    label: str
    is_chosen: bool


class FacetList(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen of one facet."""

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> Choice | None:
        """The choice that holds now."""
        return next((one for one in self.choices if one.is_chosen), None)


def facets_of(found: Found, asked: Asked, reader: Reader) -> list[FacetList]:
    """Give the facets with several values, and those of which something is chosen."""
    labels = {
        Facet.CATEGORY: _("Category"),
        Facet.COST: _("Cost"),
        Facet.AUDIENCE: _("For whom"),
        Facet.ACCESSIBILITY: _("Accessibility"),
        Facet.LANGUAGE: _("Language"),
        Facet.WHERE: _("Where"),
    }
    lists = (
        FacetList(
            name=facet.value,
            label=label,
            choices=tuple(_choices(facet, found.facets.get(facet, {}), asked, reader)),
        )
        for facet, label in labels.items()
    )
    return [
        one
        for one in lists
        if one.chosen
        or len(one.choices) > 1
        or any(choice.number < found.total for choice in one.choices)
    ]


def kind_choices(found: Found, asked: Asked) -> list[Choice]:
    """Give the kinds of what was found, all of them together first; nothing where there is one kind alone."""
    counts = {Kind(name): number for name, number in found.kinds.items() if name in set(Kind)}
    if len(counts) < 2 and not asked.kind:  # noqa: PLR2004 - one alone is no choice
        return []
    everything = Choice(
        label=_("All"),
        number=sum(counts.values()),
        href=asked.href(kind=""),
        is_chosen=not asked.kind,
    )
    return [
        everything,
        *(
            Choice(
                label=_say_kind(kind),
                number=counts.get(kind, 0),
                href=asked.href(kind=kind.value),
                is_chosen=asked.kind == kind.value,
            )
            for kind in _KINDS
            if counts.get(kind) or asked.kind == kind.value
        ),
    ]


def open_choice(found: Found, asked: Asked) -> Choice | None:
    """Give the choice of what is open at this moment; None where nothing is."""
    number = found.facets.get(Facet.OPEN, {}).get(OPEN_NOW, 0)
    if not number and not asked.open:
        return None
    return Choice(
        label=_("Open now"),
        number=number,
        href=asked.href(open="" if asked.open else OPEN_NOW),
        is_chosen=bool(asked.open),
    )


def order_choices(found: Found, asked: Asked) -> list[Choice]:
    """Give the orders in which results can come; nothing where there is one result alone, or nothing was asked."""
    if asked.is_empty or found.total < 2:  # noqa: PLR2004 - one alone has no order
        return []
    labels = {Sort.BEST: _("Best"), Sort.NEAREST: _("Nearest"), Sort.NEWEST: _("Newest")}
    if not asked.near:
        del labels[Sort.NEAREST]
    held = Sort.BEST if asked.lacks_place else asked.sort or Sort.BEST
    return [
        Choice(
            label=label,
            number=0,
            href=asked.href(sort="" if sort is Sort.BEST else sort.value),
            is_chosen=sort == held,
        )
        for sort, label in labels.items()
    ]


def say_online(found: Found, asked: Asked) -> str:
    """Say how many results of a radius are there because they can be had online; empty where none are."""
    number = found.facets.get(Facet.WHERE, {}).get(ONLINE, 0)
    if not (number and asked.near and asked.radius) or asked.where:
        return ""
    said = ngettext(
        "%(number)s of these can be had online, wherever you are.",
        "%(number)s of these can be had online, wherever you are.",
        number,
    )
    return said % {"number": f"{number:,}"}


def say_value(facet: Facet, value: str, reader: Reader) -> str:
    """Say a value of a facet in words."""
    if facet in _SCHEMES:
        return label_of(_SCHEMES[facet], value, reader.languages)[0]
    if facet is Facet.COST:
        return say_basis(value)
    if facet is Facet.WHERE:
        return _("Online") if value == ONLINE else _("At a place")
    return name_of_language(value) if facet is Facet.LANGUAGE else value


def kind_options(asked: Asked) -> list[Option]:
    """Give the kinds as lines of a select box."""
    anything = Option(value="", label=_("Anything"), is_chosen=not asked.kind)
    return [
        anything,
        *(
            Option(value=kind.value, label=_say_kind(kind), is_chosen=asked.kind == kind.value)
            for kind in _KINDS
        ),
    ]


def radius_options(radius: str, reader: Reader) -> list[Option]:
    """Offer distances in the reader's unit; the address is always in kilometres."""
    steps = radius_steps(reader)
    if radius and radius not in steps:
        km = read_km(radius)
        if km is not None and 0 < km <= RADIUS_KM_MAX:
            steps[radius] = say_distance(km, miles=reader.miles)
    options = [Option(value="", label=_("Any distance"), is_chosen=not radius)]
    return options + [
        Option(
            value=value,
            label=_("Within %(distance)s") % {"distance": label},
            is_chosen=radius == value,
        )
        for value, label in steps.items()
    ]


def usual_radius(km: float, reader: Reader) -> str:
    """Say how far a place reaches where nobody says it: whole miles for who is used to them."""
    return _MILES_RADIUS if reader.miles else f"{km:g}"


def radius_steps(reader: Reader) -> dict[str, str]:
    """Give the distances that are offered, in kilometres as addresses say them, with their words."""
    if reader.miles:
        return {
            f"{one * KM_PER_MILE:.1f}": ngettext("%(number)s mile", "%(number)s miles", one)
            % {"number": one}
            for one in _MILES
        }
    return {str(one): _("%(number)s km") % {"number": one} for one in _KILOMETRES}


def read_km(text: str) -> float | None:
    """Read a distance of an address; None for what is none."""
    match = re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text, re.ASCII)
    return float(text) if match else None


def _say_kind(kind: Kind) -> str:
    return {
        Kind.OFFER: _("Offers"),
        Kind.NEED: _("Needs"),
        Kind.ORGANISATION: _("Organisations"),
    }[kind]


def _choices(facet: Facet, counts: dict[str, int], asked: Asked, reader: Reader) -> list[Choice]:
    wish = getattr(asked, facet.value)
    chosen = choice_of(_SCHEMES[facet], wish) if wish and facet in _SCHEMES else wish
    if facet is Facet.LANGUAGE:
        chosen = chosen.lower()
    if facet is Facet.WHERE and (counts or wish):
        # What has a place is not counted, and of that alone not what would be found online.
        counts = {ONLINE: 0 if wish == HERE else counts.get(ONLINE, 0), HERE: 0}
    choices = [
        Choice(
            label=say_value(facet, value, reader),
            number=number,
            href=asked.href(**{facet.value: "" if chosen == value else value}),
            is_chosen=chosen == value,
        )
        for value, number in counts.items()
    ]
    if chosen and not any(one.is_chosen for one in choices):
        label = say_value(facet, chosen, reader)
        href = asked.href(**{facet.value: ""})
        choices.insert(0, Choice(label=label, number=0, href=href, is_chosen=True))
    return choices
