"""Three hundred ways to get a script into a page: 15 places to break out of, 20 ways to run.

Here: texts, made by combining; each calls `xyzzy()` if a browser ever takes it for more than text. Beside them the
41 of `attacks.people_material`, which aim at more than scripts. Not here: where they are put (`hostile_town`).
"""

from __future__ import annotations

from typing import Any, Final

from attacks.people_material import PAYLOADS as OTHERS
from attacks.people_material import drafts_of as usual_drafts

BREAKS: Final[dict[str, str]] = {
    "the text of an element": "{}",
    "a quoted attribute": '">{}',
    "a singly quoted attribute": "'>{}",
    "an attribute without quotes": "x >{}",
    "a title": "</title>{}",
    "a box of text": "</textarea>{}",
    "a style": "</style>{}",
    "a script": "</script>{}",
    "a string of a script": '";xyzzy();//</script>{}',
    "a string of data": '"}}],"x":"</script>{}',
    "a comment": "--!>{}<!--",
    "a picture of lines": "</text></svg>{}",
    "a template": "</template></noscript>{}",
    "a choice": "</option></select></datalist>{}",
    "character data": "]]>{}",
}
"""What the text would have to end first, wherever it stands."""

RUNS: Final[dict[str, str]] = {
    "a script": "<script>xyzzy()</script>",
    "a script of another case": "<ScRiPt >xyzzy()</sCrIpT >",
    "a module": "<script type=module>xyzzy()</script>",
    "a script with a slash": "<script/x>xyzzy()</script>",
    "a script from data": '<script src="data:text/javascript,xyzzy()"></script>',
    "a broken picture": "<img src=x: onerror=xyzzy()>",
    "a broken picture, entities": "<img src=x: onerror=&#120;yzzy&#40;&#41;>",
    "a drawing that loads": "<svg/onload=xyzzy()>",
    "a drawing with a script": "<svg><script>xyzzy()</script></svg>",
    "a drawing that moves": "<svg><animate onbegin=xyzzy() attributeName=x dur=1s>",
    "a drawing with a page": "<svg><foreignObject><body onload=xyzzy()></foreignObject></svg>",
    "a box that takes the keyboard": "<input autofocus onfocus=xyzzy()>",
    "details that open": "<details open ontoggle=xyzzy()>x</details>",
    "a film without a source": "<video><source onerror=xyzzy()></video>",
    "a frame": '<iframe srcdoc="<script>parent.xyzzy()</script>"></iframe>',
    "a frame with an address": "<iframe src=javascript:parent.xyzzy()></iframe>",
    "an object": '<object data="javascript:parent.xyzzy()"></object>',
    "a link to press": '<a href="javascript:xyzzy()" id=content>x</a>',
    "a form to send": "<form action=javascript:xyzzy()><button autofocus>x</button></form>",
    "an end of an animation": "<p onanimationstart=xyzzy() class=card>x</p>",
}

PAYLOADS: Final[tuple[str, ...]] = tuple(
    place.replace("{}", run) for place in BREAKS.values() for run in RUNS.values()
)

ALL: Final[tuple[str, ...]] = PAYLOADS + tuple(OTHERS.values())


def drafts_of(text: str) -> list[dict[str, Any]]:
    """Write an offer, a need and a listed organisation that have a text in every field that takes one."""
    offer, need, listed, _ = usual_drafts(text)
    more = {
        "audience": [text],
        "eligibility": {"en": text},
        "howToGet": {"en": text},
        "accessibility": [text],
        "quantity": "2",
        "unit": text,
        "cost": [{"basis": "pay", "description": {"en": text}}],
    }
    return [{**offer, **more}, {**need, **more}, {**listed, **_more_of_organisations(text)}]


def organisation_of(text: str) -> dict[str, Any]:
    """Write an organisation's own record with a text in every field that takes one."""
    return {**usual_drafts(text)[3], **_more_of_organisations(text)}


def _more_of_organisations(text: str) -> dict[str, Any]:
    return {
        "aims": {"en": text},
        "kinds": [text],
        "audience": [text],
        "memberOf": [{"name": text}],
    }
