"""The widget in one file: its modules joined, as pages load them by version and hash.

Here: joining modules that keep to a few forms of `import` and `export`. Not here: serving them (`widget`).
Nothing but the standard library and no other file of ours: the build of the wheel runs this file too.

The forms: `import {a, b} from './c.js';`, on a line of its own or several; `import './c.js';`; `export` in front of
a `const`, a `function` or a `class`. Names at the top level are unique over all modules that are joined.
What is loaded on demand (`load('verify')`) is joined into files of its own, whose hashes stand in the first.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Final

ENTRY: Final = "widget.js"
"""What registers the element: `/widget.js`."""

JOINED: Final = "localfed-directory.js"
"""The name of the one file."""

ON_DEMAND: Final = ("verify", "map")
"""Modules that are loaded when somebody needs them; a missing one is left out."""

_IMPORT: Final = re.compile(
    r"^import (?:\{[^}]*\} from )?'(\.{1,2}/[a-z0-9_/]+\.js)';\n", re.MULTILINE
)
_EXPORT: Final = re.compile(
    r"^export (?=(?:const|let|function|async function|class) )", re.MULTILINE
)
_TOP_LEVEL: Final = re.compile(
    r"^(?:export )?(?:const|let|(?:async )?function|class) ([A-Za-z_$][\w$]*)", re.MULTILINE
)
_OTHER: Final = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)
# Comments that begin a line, and casts of types in the middle of one. No text of ours holds such a thing.
_COMMENT: Final = re.compile(
    r"^[ ]*/\*\*(?:(?!\*/).)*\*/\n|^[ ]*//[^\n]*\n|/\*\* @type(?:(?!\*/).)*\*/ ",
    re.MULTILINE | re.DOTALL,
)
_HASHES: Final = "const INTEGRITY = {};"
# Where the modules lie, seen from a file of the widget and from its address above them.
_BESIDE: Final = "`./${name}.js`"
_BELOW: Final = "`./widget/${name}.js`"


class CannotJoin(ValueError):
    """A module has a form that joining does not know."""


def integrity_of(body: bytes) -> str:
    """Name bytes as the attribute `integrity` does (SRI)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()


def without_comments(text: str) -> str:
    """Leave the comments of a module out: whoever reads it has the source, and nobody else needs them."""
    return _COMMENT.sub("", text)


def join_widget(modules: Mapping[str, str], version: str) -> dict[str, bytes]:
    """Join the widget: file name to content; the same modules give the same bytes.

    `modules` are the texts by their names below `/`: `widget.js`, `widget/element.js` and so on.

    Raises:
        CannotJoin: a module has another form, or two have the same name at their top level.

    """
    joined: dict[str, bytes] = {}
    hashes: dict[str, str] = {}
    for name in ON_DEMAND:
        if f"widget/{name}.js" in modules:
            body = _join(modules, f"widget/{name}.js", version, keeps_exports=True).encode()
            joined[f"{name}.js"] = body
            hashes[name] = integrity_of(body)
    text = _join(modules, ENTRY, version, keeps_exports=False)
    if _HASHES not in text:
        message = f"the modules have no line {_HASHES!r}"
        raise CannotJoin(message)
    lines = "".join(f"\n  {name}: '{value}'," for name, value in sorted(hashes.items()))
    joined[JOINED] = text.replace(_HASHES, f"const INTEGRITY = {{{lines}\n}};").encode()
    return joined


def join_entry(modules: Mapping[str, str], version: str) -> bytes:
    """Join the widget for its address without a version: what it loads on demand are the modules as they are.

    Raises:
        CannotJoin: as `join_widget`.

    """
    return _join(modules, ENTRY, version, keeps_exports=False).replace(_BESIDE, _BELOW).encode()


def _join(modules: Mapping[str, str], entry: str, version: str, *, keeps_exports: bool) -> str:
    names = _in_order(modules, entry)
    seen: dict[str, str] = {}
    parts = [f"/* LocalFed {version}: {entry}, joined from its modules. Apache-2.0. */\n"]
    for name in names:
        text = modules[name]
        for top in _TOP_LEVEL.findall(text):
            if top in seen:
                message = f"{name} and {seen[top]} both have {top} at their top level"
                raise CannotJoin(message)
            seen[top] = name
        without = _IMPORT.sub("", without_comments(text))
        if not (keeps_exports and name == entry):
            without = _EXPORT.sub("", without)
            left = _OTHER.search(without)
            if left is not None:
                message = f"{name}: a form that is not known: {left[0][:80]}"
                raise CannotJoin(message)
        parts.append(f"\n/* --- {name} --- */\n{without}")
    return "".join(parts)


def _in_order(modules: Mapping[str, str], entry: str) -> list[str]:
    """Name the modules that one needs, each after those that it needs itself."""
    order: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        if name in open_ or name not in modules:
            message = f"{name} is missing, or imports itself by way of others"
            raise CannotJoin(message)
        open_.append(name)
        for target in _IMPORT.findall(modules[name]):
            visit(_resolve(name, target))
        open_.pop()
        order.append(name)

    visit(entry)
    return order


def _resolve(name: str, target: str) -> str:
    parts = name.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
