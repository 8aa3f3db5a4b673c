"""The building inspector walks through every file: what must not be in a repository."""

from __future__ import annotations

import re
import stat

from house.building import files, name_of, our_files

TEXT = {
    "",
    ".cff",
    ".css",
    ".csv",
    ".geojson",
    ".html",
    ".js",
    ".json",
    ".jsonl",
    ".jsonld",
    ".md",
    ".mjs",
    ".py",
    ".svg",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
}

# Each pattern is written so that it does not find itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~-])/(?:w[o]rk|f[a]rm|U[s]ers)/|(?<![\w.])/[r]oot/\.",
    "a host of a package registry": (
        r"\bpypi[.]org|\bpythonhosted[.]org|\bregistry[.]npmjs[.]org|\bdeb[.]debian[.]org"
    ),
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE [K]EY-----",
    "tools of somebody's workplace": (
        r"before-st[o]p|DEVELOPERS[.]md|[.]libr[a]ry/|shared/(?:design|hooks)"
    ),
    "a remark that is not about the project": (
        r"(?i)\b(?:co-authored-b[y]|generated (?:by|with) (?:an )?a[i]\b"
        r"|language mode[l]\b|chat ?b[o]t\b)"
    ),
}

LARGEST_BYTES = 1_000_000


def test_no_file_says_what_does_not_belong_in_it():
    found = []
    for path in our_files():
        if path.suffix not in TEXT:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for what, pattern in FORBIDDEN.items():
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{name_of(path)}:{line} {what}: {match[0]}")

    assert found == []


def test_no_recovery_kit_lies_in_the_repository():
    # lfk1- and base32 of a seed of 32 bytes and 4 of its hash: 58 characters.
    kits = [
        name_of(path)
        for path in our_files()
        if path.suffix in TEXT
        and not path.is_relative_to(files("tests/house")[0].parents[1])
        and "spec/vectors/" not in name_of(path)
        and re.search(
            r"\blfk1-[A-Za-z2-7]{50,}", path.read_text(encoding="utf-8", errors="replace")
        )
    ]

    assert kits == []


def test_no_file_is_too_large_for_a_repository_of_text():
    large = {
        name_of(path): path.stat().st_size
        for path in our_files()
        if path.stat().st_size > LARGEST_BYTES
    }

    assert large == {}


def test_files_that_open_with_an_interpreter_can_be_run():
    lame = [
        name_of(path)
        for path in our_files()
        if path.suffix in {"", ".sh"}
        and path.read_bytes().startswith(b"#!")
        and not path.stat().st_mode & stat.S_IXUSR
    ]

    assert lame == []


def test_text_files_end_their_lines_as_text_files_do():
    untidy = []
    for path in our_files():
        if path.suffix not in {".md", ".py", ".toml", ".yaml", ""}:
            continue
        content = path.read_bytes()
        if b"\r" in content or (content and not content.endswith(b"\n")):
            untidy.append(name_of(path))

    assert untidy == []
