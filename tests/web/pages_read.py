"""Reading a page strictly: what a test wants to know of HTML without a browser."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
# Scripts of ours, by an address and nothing else.
SCRIPTS = [[("type", "module"), ("src", f"/static/{name}.js")] for name in ("map", "search")]
# Elements of ours, none of which can run, load or frame anything but the style sheet and the icon.
ALLOWED = VOID - {"area", "col", "img", "wbr"} | {
    "a",
    "article",
    "body",
    "button",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "label",
    "li",
    "main",
    "nav",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "span",
    "strong",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
}


class Page(HTMLParser):
    """A page, read into its elements; anything badly nested or unknown is a fault."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.data: list[str] = []
        """Blocks of structured data, as they came."""
        self.faults: list[str] = []
        self._is_data = False
        self._open: list[str] = []
        if not text.startswith("<!doctype html>\n"):
            self.faults.append("no doctype")
        self.feed(text)
        self.close()
        if self._open:
            self.faults.append(f"left open: {self._open}")
        ids = [one["id"] for _, one in self.elements if "id" in one]
        if len(ids) != len(set(ids)):
            self.faults.append("an id twice")
        for name, one in self.elements:
            for attribute in ("aria-labelledby", "aria-describedby", "for"):
                if attribute in one and one[attribute] not in ids:
                    self.faults.append(f"{name} {attribute} leads nowhere")

    def handle_starttag(self, tag, attrs):
        # A block of data is no script: nothing runs it, and the policy lets it stand.
        if tag == "script" and attrs == [("type", "application/ld+json")]:
            self._open.append(tag)
            self._is_data = True
            return
        if tag not in ALLOWED and not (tag == "script" and attrs in SCRIPTS):
            self.faults.append(f"element {tag}")
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"an attribute of {tag} twice")
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.faults.append(f"{tag} closes itself")

    def handle_endtag(self, tag):
        self._is_data = False
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag} closed out of order")

    def handle_data(self, data):
        if self._is_data:
            self.data.append(data)
            return
        if self._open and self._open[-1] == "script":
            self.faults.append("a script within the page")
        self.texts.append(data)

    def handle_comment(self, data):
        self.faults.append("a comment")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def links(self) -> list[str]:
        return [one["href"] for one in self.all("a")]
