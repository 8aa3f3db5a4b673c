"""Wording: a message with values in it that can be said in other languages.

Here: a text that remembers how it was put together. Not here: translations (`web.translating`), errors (`errors`).
"""

from __future__ import annotations

from typing import Self


class Worded(str):
    """A text made of a template and values: `Worded("at most {most} km", most=5)`.

    It is that text everywhere; whoever speaks another language fills in a template of its own.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Fill values into the braces of a template."""
        made = super().__new__(cls, template.format(**values))
        made.template = template
        made.values = values
        return made
