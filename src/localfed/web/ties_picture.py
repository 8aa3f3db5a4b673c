"""The picture of the web of ties: organisations as points, ties as lines that differ by more than their colour.

Here: values and SVG for the template. Not here: where each stands (`ties_layout`), the page (`ties`). Names were written
by strangers: each is escaped where it is put in.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

from localfed.app.ties import Tie, Web
from localfed.web.ties_layout import STEP, Points, lay_out
from localfed.web.translating import _

ZOOMS: Final = (1, 2, 4, 8, 16)
"""How many times larger a part of the picture can be seen."""

_LEAST_WIDTH: Final = 9 * STEP
_LEAST_HEIGHT: Final = 5 * STEP
_LETTERS: Final = 50
"""The width of the picture in letters of a label, about."""

_SPREAD_MOST: Final = 4
"""Two with long names have room for both side by side; further apart nobody sees that they belong together."""

_LABEL_CHARACTERS: Final = 26
_RADIUS_LEAST: Final = 15
_RADIUS_MOST: Final = 34
_MIDDLE: Final = 500
_DENSE: Final = 300


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind of tie is drawn: told apart without colour."""

    dashes: str
    """Lengths of dash and gap on the screen; empty for a line without gaps."""
    width: float
    is_double: bool = False


STYLES: Final[dict[str, Style]] = {
    "guidance": Style(dashes="0.1 6", width=3),
    "collaboration": Style(dashes="9 6", width=2),
    "promotion": Style(dashes="", width=2),
    "integrated": Style(dashes="", width=7, is_double=True),
    "exchange": Style(dashes="14 4 2 4", width=2),
}
"""In the order in which they are explained; a stage of a partnership, or another kind of tie."""


class Legend(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind of tie is drawn."""

    name: str
    line: str


MOVES: Final = ("in", "out", "left", "right", "up", "down", "whole")
"""To other parts of the picture."""


class View(msgspec.Struct, frozen=True):
    """Which part of the picture is seen."""

    x: int = _MIDDLE
    """The middle of it, in thousandths of the width."""
    y: int = _MIDDLE
    zoom: int = 1


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture without the part of it that is seen: the same for every view."""

    width: float
    height: float
    lines: str
    dots: str
    labels: str
    styles: tuple[str, ...]
    """Names of the styles that are in it."""
    is_dense: bool
    """So many that lines are drawn thin where the whole is seen."""

    @property
    def letter(self) -> float:
        """The size of letters where the whole is seen."""
        return self.width / _LETTERS

    def box(self, view: View) -> str:
        """Write the part that is seen, as a view box."""
        width, height = self.width / view.zoom, self.height / view.zoom
        left = view.x / 1000 * self.width - width / 2
        top = view.y / 1000 * self.height - height / 2
        return f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"


def draw(web: Web, names: Mapping[str, str], hrefs: Mapping[str, str]) -> Picture:
    """Draw a web of ties; names and addresses of pages are by DID."""
    dids = list(web.organisations)
    numbers = {did: number for number, did in enumerate(dids)}
    pairs = sorted({(numbers[tie.one], numbers[tie.other]) for tie in web.ties})
    places = [
        (one.point.latitude, one.point.longitude) if one.point is not None else None
        for one in web.organisations.values()
    ]
    points, width, height = lay_out(len(dids), pairs, places)
    columns, width = _spread([x for x, _ in points], width, _LEAST_WIDTH)
    rows, height = _spread([y for _, y in points], height, _LEAST_HEIGHT)
    points = list(zip(columns, rows, strict=True))
    height += 1.5 * width / _LETTERS  # for the labels of the lowest
    ties = Counter(numbers[did] for tie in web.ties for did in (tie.one, tie.other))
    lines, styles = _lines(web.ties, numbers, points)
    return Picture(
        width=width,
        height=height,
        lines=lines,
        dots=_dots(web, points, ties, names=names, hrefs=hrefs),
        labels=_labels([names[did] for did in dids], points, ties, width),
        styles=styles,
        is_dense=len(dids) > _DENSE,
    )


def _spread(places: list[float], length: float, least: float) -> tuple[list[float], float]:
    """Spread few over the picture, along one axis: so their labels have room, and the picture is not mostly empty."""
    if length >= least:
        return places, length
    within = length - 2 * STEP
    wider = min(_SPREAD_MOST, (least - 2 * STEP) / within) if within > 0 else 1.0
    return [least / 2 + wider * (one - length / 2) for one in places], least


def legend_of(name: str) -> Legend:
    """Explain a kind of tie in the language of now."""
    return Legend(name=say_style(name), line=line_of(STYLES[name], name, "M4 8L60 8"))


def say_style(name: str) -> str:
    """Name a kind of tie in the language of now."""
    return {
        "guidance": _("guidance"),
        "collaboration": _("collaboration"),
        "promotion": _("promotion"),
        "integrated": _("integrated service"),
        "exchange": _("confirmed exchanges"),
    }[name]


def say_move(name: str) -> str:
    """Say in the language of now where a link leads to another part of the picture."""
    return {
        "in": _("Closer"),
        "out": _("Further away"),
        "left": _("Left"),
        "right": _("Right"),
        "up": _("Up"),
        "down": _("Down"),
        "whole": _("The whole"),
    }[name]


def style_of(tie: Tie) -> str:
    """Name the style of a tie."""
    return tie.stage if tie.stage is not None else tie.kind


def _lines(
    ties: tuple[Tie, ...], numbers: dict[str, int], points: Points
) -> tuple[str, tuple[str, ...]]:
    paths: dict[tuple[str, bool], list[str]] = {}
    for tie in ties:
        (x1, y1), (x2, y2) = points[numbers[tie.one]], points[numbers[tie.other]]
        if tie.kind == "partnership":
            path = f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"
        else:  # bent, so that it does not lie on the partnership of the same two
            bend_x, bend_y = (x1 + x2) / 2 + (y2 - y1) / 5, (y1 + y2) / 2 - (x2 - x1) / 5
            path = f"M{x1:.0f} {y1:.0f}Q{bend_x:.0f} {bend_y:.0f} {x2:.0f} {y2:.0f}"
        key = style_of(tie), tie.unconfirmed_since is not None
        paths.setdefault(key, []).append(path)
    drawn = [
        line_of(style, name, "".join(paths[name, is_faint]), faint=is_faint)
        for name, style in STYLES.items()
        for is_faint in (False, True)
        if (name, is_faint) in paths
    ]
    used = {name for name, _ in paths}
    return "".join(drawn), tuple(name for name in STYLES if name in used)


def line_of(style: Style, name: str, path: str, *, faint: bool = False) -> str:
    """Write the lines of one style. Their width and dashes are of the screen, however large the picture is seen."""
    said = f"tie {name} faint" if faint else f"tie {name}"
    dashes = f' stroke-dasharray="{style.dashes}"' if style.dashes else ""
    shape = f'd="{path}" fill="none" stroke-linecap="round" vector-effect="non-scaling-stroke"'
    line = f'<path class="{said}" {shape} stroke-width="{style.width:g}"{dashes}></path>'
    if style.is_double:
        line += f'<path class="between" {shape} stroke-width="{style.width - 4:g}"></path>'
    return line


def _dots(
    web: Web,
    points: Points,
    ties: Counter[int],
    *,
    names: Mapping[str, str],
    hrefs: Mapping[str, str],
) -> str:
    drawn = []
    for number, (did, one) in enumerate(web.organisations.items()):
        x, y = points[number]
        radius = _radius(ties[number])
        where = "" if one.is_inside else ' class="outside"'
        drawn.append(
            f'<a href="{html.escape(hrefs[did])}" tabindex="-1"><circle{where} cx="{x:.0f}" cy="{y:.0f}" r="{radius}">'
            f"<title>{html.escape(names[did])}</title></circle></a>"
        )
    return "".join(drawn)


def _radius(ties: int) -> int:
    return min(_RADIUS_MOST, _RADIUS_LEAST + 3 * ties)


def _labels(names: list[str], points: Points, ties: Counter[int], width: float) -> str:
    """Write the labels, each from the zoom on at which it covers no other; those with the most ties first."""
    ranked = sorted(range(len(names)), key=lambda one: (-ties[one], one))
    placed: dict[int, tuple[int, bool]] = {}
    sides: dict[int, str] = {}
    for zoom in ZOOMS:
        letter = width / _LETTERS / zoom
        rows: dict[int, list[tuple[float, float]]] = {}
        for one in [*placed, *(one for one in ranked if one not in placed)]:
            length = 0.6 * letter * (len(_short(names[one])) + 2)
            x, y = points[one]
            # At the edge of the picture a label goes inwards.
            side = sides.setdefault(one, _side(x, length, width))
            left = x - length * {"start": 0.0, "middle": 0.5, "end": 1.0}[side]
            # Below it, else above.
            for is_above in (placed[one][1],) if one in placed else (False, True):
                foot = y - _radius(ties[one]) - letter if is_above else y + _radius(ties[one])
                row = int(foot // (1.4 * letter))
                near = (span for at in (row - 1, row, row + 1) for span in rows.get(at, ()))
                if one in placed or not any(
                    left < end and begin < left + length for begin, end in near
                ):
                    rows.setdefault(row, []).append((left, left + length))
                    placed.setdefault(one, (zoom, is_above))
                    break
    return "".join(
        _label(names[one], points[one], _radius(ties[one]), placed[one], sides[one])
        for one in ranked
        if one in placed
    )


def _label(
    name: str, point: tuple[float, float], radius: int, where: tuple[int, bool], side: str
) -> str:
    zoom, is_above = where
    y, lower = (point[1] - radius, "-0.35em") if is_above else (point[1] + radius, "1.1em")
    return (
        f'<text class="z{zoom}" x="{point[0]:.0f}" y="{y:.0f}" dy="{lower}"{_anchor(side)}>'
        f"{html.escape(_short(name))}</text>"
    )


def _side(x: float, length: float, width: float) -> str:
    if x < length / 2:
        return "start"
    return "end" if x > width - length / 2 else "middle"


def _anchor(side: str) -> str:
    return "" if side == "middle" else f' text-anchor="{side}"'


def _short(name: str) -> str:
    return name if len(name) <= _LABEL_CHARACTERS else name[: _LABEL_CHARACTERS - 1] + "…"
