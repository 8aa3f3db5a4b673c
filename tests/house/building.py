"""What the inspector looks at: the files of the house and how they are read.

Here: finding and parsing files. Not here: any rule; those are the tests beside this file.
"""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "localfed"

RULE = re.compile(r"\bLF-[A-Z][A-Z0-9]*-[0-9]+\b")


@functools.cache
def our_files() -> tuple[Path, ...]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted({path for path in paths if path.is_file()}))


def files(folder: str, *suffixes: str) -> list[Path]:
    """Our files below a folder of the checkout, with one of the suffixes if any are given."""
    base = ROOT / folder
    return [
        path
        for path in our_files()
        if path.is_relative_to(base) and (not suffixes or path.suffix in suffixes)
    ]


def source_files() -> list[Path]:
    """Every Python file of LocalFed."""
    found = files("src", ".py")
    assert found, "no Python file under src: the inspector is looking at the wrong place"
    return found


def floor_of(path: Path) -> str:
    """The folder below src/localfed that a file lies in, "" for the files beside them."""
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


def name_of(path: Path) -> str:
    """The path as a person writes it, from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def read_json(name: str) -> Any:
    """A JSON file of the checkout."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported: `from a import b` gives `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def dotted(node: ast.AST) -> str:
    """`aiohttp.web.Response` for that expression; empty for anything but names and attributes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def fenced(text: str) -> Iterator[tuple[int, str, str]]:
    """First line, language and content of every fenced block of a Markdown text."""
    for match in re.finditer(
        r"^(?P<indent> *)```(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^(?P=indent)```",
        text,
        re.MULTILINE | re.DOTALL,
    ):
        yield text.count("\n", 0, match.start()) + 2, match["language"], match["body"]
