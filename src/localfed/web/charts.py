"""Charts: bars drawn by the server, as SVG that needs no colour and no script.

Here: where each bar and each word goes. Not here: the SVG itself (`templates/chart.svg`), what is drawn (`reporting`).
Bars differ by pattern, not by colour, and carry their numbers; a table with the same figures stands beside each
chart, and is what a screen reader is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

import msgspec

Pattern = Literal["hatched", "dotted"]

WIDTH: Final = 640
_TOP: Final = 28
_BOTTOM: Final = 34
_LEFT: Final = 56
_PLOT: Final = 190
_LABELLED: Final = 8
"""Columns that have room for the name of each."""
_CHARACTER: Final = 8.5
"""How wide a digit is, in a wide font."""
_ROW: Final = 30
_NAMES: Final = 210
_NAME_CHARACTERS: Final = 24
_VALUES: Final = 76
_BAR: Final = 46


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be drawn."""

    label: str
    value: Decimal
    said: str
    """The value in words."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Some words at a place."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"]


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A bar at a place."""

    x: float
    y: float
    width: float
    height: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart, laid out."""

    name: str
    """Of its file, and of what belongs to it in a page."""
    title: str
    about: str
    """What is to be seen, in a sentence."""
    pattern: Pattern
    height: float
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    """x1, y1, x2, y2."""
    width: float = WIDTH


def draw_columns(
    bars: Sequence[Bar], *, name: str, title: str, about: str, pattern: Pattern
) -> Chart:
    """Draw columns side by side, such as months: a scale at the left, and each number where there is room."""
    most = _round_up(max((bar.value for bar in bars), default=Decimal(0)))
    slot = (WIDTH - _LEFT) / max(1, len(bars))
    width = min(_BAR, slot * 0.7)
    base = _TOP + _PLOT
    boxes, texts, lines = [], [], [(float(_LEFT), float(base), float(WIDTH), float(base))]
    are_whole = all(bar.value == bar.value.to_integral_value() for bar in bars)
    for part in (Decimal(1), Decimal("0.5")):
        if are_whole and most * part % 1:
            continue  # there is no half of an exchange
        y = base - _PLOT * float(part)
        lines.append((float(_LEFT), y, float(WIDTH), y))
        texts.append(
            Text(x=_LEFT - 8, y=y + 5, text=f"{(most * part).normalize():,f}", anchor="end")
        )
    texts.append(Text(x=_LEFT - 8, y=base + 5, text="0", anchor="end"))
    step = math.ceil(len(bars) / _LABELLED)
    is_roomy = all(len(bar.said) * _CHARACTER <= slot for bar in bars)
    highest = max(range(len(bars)), key=lambda at: bars[at].value, default=0)
    for at, bar in enumerate(bars):
        middle = _LEFT + slot * (at + 0.5)
        height = _PLOT * float(bar.value / most)
        if bar.value:
            height = max(1.0, height)
            boxes.append(Box(x=middle - width / 2, y=base - height, width=width, height=height))
        if is_roomy or at == highest:
            texts.append(Text(x=middle, y=base - height - 7, text=bar.said, anchor="middle"))
        if at % step == 0:
            texts.append(Text(x=middle, y=base + 22, text=bar.label, anchor="middle"))
    return Chart(
        name=name,
        title=title,
        about=about,
        pattern=pattern,
        height=base + _BOTTOM,
        boxes=tuple(boxes),
        texts=tuple(texts),
        lines=tuple(lines),
    )


def draw_rows(bars: Sequence[Bar], *, name: str, title: str, about: str, pattern: Pattern) -> Chart:
    """Draw rows one below the other, such as categories: name, bar, number."""
    most = max((bar.value for bar in bars), default=Decimal(0)) or Decimal(1)
    room = WIDTH - _NAMES - _VALUES
    boxes, texts = [], []
    for at, bar in enumerate(bars):
        y = _ROW * at + 4.0
        width = max(1.0, room * float(bar.value / most)) if bar.value else 0.0
        if bar.value:
            boxes.append(Box(x=_NAMES, y=y, width=width, height=_ROW - 8))
        middle = y + (_ROW - 8) / 2 + 5
        texts.append(Text(x=_NAMES - 10, y=middle, text=_shorten(bar.label), anchor="end"))
        texts.append(Text(x=_NAMES + width + 8, y=middle, text=bar.said, anchor="start"))
    height = float(_ROW * len(bars) + 4)
    return Chart(
        name=name,
        title=title,
        about=about,
        pattern=pattern,
        height=height,
        boxes=tuple(boxes),
        texts=tuple(texts),
        lines=((float(_NAMES), 0.0, float(_NAMES), height),),
    )


def _round_up(most: Decimal) -> Decimal:
    """Find the end of a scale: 1, 2, 4, 6, 8 or 10 times a power of ten, not below the largest value."""
    if most <= 0:
        return Decimal(2)
    power = Decimal(10) ** (most.adjusted())
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if power * step >= most)


def _shorten(text: str) -> str:
    return text if len(text) <= _NAME_CHARACTERS else text[: _NAME_CHARACTERS - 1].rstrip() + "…"
