"""What a sheet of paper needs and a screen does not: the address of the page as a code that a telephone reads.

Here: the drawing. Not here: what stands on the sheet (`results`, `templates/print.html`).
Source: ISO/IEC 18004 (QR codes), by way of segno.
"""

from __future__ import annotations

from markupsafe import Markup

CODE_CHARACTERS = 1_200
"""Of an address: beyond that a code has more squares than a printer and a camera tell apart."""


def draw_code(url: str) -> Markup | None:
    """Draw the code of a URL as SVG for a page, in the colour of its text; None for what is too long."""
    if len(url) > CODE_CHARACTERS:
        return None
    import segno

    drawn = segno.make(url, error="l", micro=False).svg_inline(
        border=4, omitsize=True, svgclass="code", lineclass=None, dark="#000", light="#fff"
    )
    # It draws squares: nothing of what the address says stands in it.
    return Markup(drawn)  # noqa: S704
