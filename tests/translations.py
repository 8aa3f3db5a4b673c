"""Catalogues of translations: what the pages and the code of the web say, and putting catalogues in order.

`make translations` (this file as a program) adds what is new to each catalogue, lets go of what is said no more, and
sorts. Without line numbers, so that two changes at once meet in no line. Not here: any translation.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from localfed.web.translating import LANGUAGES, SOURCE

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src/localfed/web"
APP = ROOT / "src/localfed/app"
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Pages, and what reads their addresses and forms; the API speaks English.
_RAISING = (
    *("bodies", "book", "embedding", "enquiring", "errors", "node", "pages", "static_files"),
    *("parameters", "ties", "views", "webs"),
)
_ASKED = (
    *(
        "enquiries.py",
        "passing_on.py",
        "query_reading.py",
        "report.py",
        "search.py",
        "visitor_words.py",
    ),
    "whereabouts.py",
)
HEADER = (
    "# What LocalFed says in its pages. Apache-2.0, the LocalFed contributors.\n"
    "# Not reviewed yet by somebody who speaks the language: docs/learn/translating.md says how to do that.\n#"
)


def file_of(language: str) -> Path:
    """Name the catalogue of a language."""
    return WEB / "locale" / language / "LC_MESSAGES" / "localfed.po"


def errors_said() -> tuple[list[str], list[str]]:
    """Find the messages of errors that pages show, with braces for values; and where one is glued together."""
    found: list[str] = []
    glued: list[str] = []
    for path in [*(WEB / f"{name}.py" for name in _RAISING), *map(APP.joinpath, _ASKED)]:
        tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
        for node in ast.walk(tree):
            said: ast.expr | None = None
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
                said = node.value
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                said = node.exc.args[0]
            elif isinstance(node, ast.keyword) and node.arg == "detail":
                said = node.value
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Worded":
                said = node.args[0]
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                found.append(said.value)
            elif isinstance(said, ast.JoinedStr):
                glued.append(f"{path.name}:{said.lineno}")
    return found, glued


def messages() -> list[Any]:
    """Extract everything that is said: a text, or a pair of one and many; each once, in order."""
    found: dict[Any, None] = dict.fromkeys(errors_said()[0])
    for path in sorted([*WEB.glob("*.py"), *WEB.glob("templates/*")]):
        is_code = path.suffix == ".py"
        method: Any = "python" if is_code else babel_extract
        options = {} if is_code else {"trimmed": "true", "silent": "false"}
        with path.open("rb") as file:
            rows = extract(method, file, KEYWORDS, (), options)
            found.update((said, None) for _, said, _, _ in rows)
    return sorted(found, key=lambda one: one if isinstance(one, str) else one[0])


def read_catalogue(language: str) -> Catalog:
    """Read the catalogue of a language, which may not be there yet."""
    path = file_of(language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def put_in_order(language: str) -> int:
    """Write the catalogue of a language anew; returns how many messages lack a translation."""
    old = read_catalogue(language)
    new = Catalog(
        locale=language,
        project="LocalFed",
        version="1",
        header_comment=HEADER,
        msgid_bugs_address="none",
        last_translator="The LocalFed contributors",
        language_team=language,
        fuzzy=False,
    )
    lacking = 0
    for said in messages():
        known = old.get(said if isinstance(said, str) else said[0])
        string: Any = known.string if known is not None else None
        forms = string if isinstance(string, (tuple, list)) else (string,)
        lacking += not all(forms)
        new.add(said, string or "", flags=set(known.flags) if known is not None else set())
    path = file_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=0, no_location=True, omit_header=False, sort_output=True)
    # A date in the header would change with every run.
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line for line in lines if not line.startswith(('"POT-Creation', '"PO-Revision', '"Gener'))
    ]
    path.write_text("".join(kept), encoding="utf-8")
    return lacking


def main() -> None:
    """Put every catalogue in order."""
    for language in LANGUAGES:
        if language != SOURCE:
            lacking = put_in_order(language)
            print(f"{file_of(language).relative_to(ROOT)}: {lacking} without a translation")  # noqa: T201


if __name__ == "__main__":
    main()
