"""The printable page of a recovery kit: one file, without a script, black on white.

Here: the page as text. Not here: the kit itself (`protocol.kit`), where the page is written (`setup`).
"""

from __future__ import annotations

from datetime import datetime
from html import escape

import msgspec
import segno

from localfed.protocol.kit import is_locked, print_kit

_STYLE = """
@page { size: A4; margin: 20mm }
body { font: 12pt/1.45 Georgia, "Liberation Serif", serif; color: #000; background: #fff;
  max-width: 170mm; margin: 10mm auto }
h1 { font-size: 20pt; margin: 0 0 2mm }
h2 { font-size: 13pt; margin: 7mm 0 1mm }
.kit { font: bold 15pt/1.7 "DejaVu Sans Mono", "Liberation Mono", monospace;
  border: 1.5pt solid #000; padding: 4mm; overflow-wrap: break-word }
.side { display: flex; gap: 8mm; align-items: flex-start }
.side svg { flex: none; width: 45mm; height: 45mm }
dt { font-weight: bold; margin-top: 1mm } dd { margin: 0; overflow-wrap: anywhere }
.line { border-bottom: 1pt solid #000; height: 8mm }
"""


class KitPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a printed kit says beside the kit."""

    text: str
    """The kit, locked or not."""
    name: str
    """Whose it is."""
    did: str
    base: str
    made: datetime
    is_trustees: bool = False
    """The second kit, for somebody outside."""


def write_kit_page(page: KitPage) -> bytes:
    """Write the page: what it is, the kit in groups of four, the same as a QR code, lines to fill in."""
    title = "Recovery kit for a trustee" if page.is_trustees else "Recovery kit"
    drawing = segno.make(page.text, error="m").svg_inline(scale=4, border=2)
    locked = (
        "<p>It is locked with a passphrase. Keep the passphrase somewhere else.</p>"
        if is_locked(page.text)
        else ""
    )
    trustee = (
        "<p>This is a second kit. It can do all that the first one can. Give it to somebody outside whom"
        " the whole organisation trusts, such as a solicitor or a sister organisation.</p>"
        if page.is_trustees
        else ""
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>{escape(title)} of {escape(page.name)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>of <strong>{escape(page.name)}</strong></p>
{trustee}
<p class="kit">{escape(print_kit(page.text))}</p>
{locked}
<div class="side">
{drawing}
<dl>
<dt>Identity</dt><dd>{escape(page.did)}</dd>
<dt>Address</dt><dd>{escape(page.base)}</dd>
<dt>Made</dt><dd>{page.made:%d %B %Y}</dd>
</dl>
</div>
<h2>What it is for</h2>
<p>Whoever has this kit can change the keys of the organisation after a theft, move it to another address
and close it. Nobody else can, and there is no other copy: the node itself does not have it. Without it the
organisation goes on publishing, but can never do any of these things.</p>
<p><strong>A stolen kit is a stolen identity.</strong> Keep it on paper, in a place that two people know and
that is not beside the machine. Leave no picture of it on a phone or in a cloud. It serves this one identity.</p>
<h2>How to use it</h2>
<p>On the machine of the node: <code>localfed keys recover</code>, <code>localfed keys rotate</code>,
<code>localfed move</code> or <code>localfed close</code>, each with <code>--kit</code> and what is in the
box above, typed or read from the square code. Capital letters, spaces and hyphens do not matter.</p>
<h2>Where it is kept</h2>
<div class="line"></div>
<h2>Who knows of it</h2>
<div class="line"></div>
<div class="line"></div>
</body>
</html>
""".encode()
