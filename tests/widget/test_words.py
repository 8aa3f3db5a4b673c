"""The words of the widget: nothing is missing in Welsh, and nothing is there that is never said."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from node_packages import NODE

WIDGET = Path(__file__).resolve().parents[2] / "src" / "localfed" / "widget"
BUILT_FROM_DATA = {
    # By kinds of record, ways to pay, units and forms of the plural.
    *("offer", "need", "organisation", "offers", "needs", "organisations"),
    *("free", "pay", "pay-what-you-can", "exchange", "time"),
    *("miles", "yards", "months", "results.one", "results.other"),
}
OF_WELSH_ALONE = {"miles", "yards", "months"}
"""Browsers do not know Welsh."""


def evaluated(program: str) -> dict[str, dict[str, str]]:
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", program],
        cwd=WIDGET,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def tables() -> list[dict[str, dict[str, str]]]:
    return [
        evaluated("import {TABLES} from './words.js'; console.log(JSON.stringify(TABLES))"),
        evaluated("import {SAYINGS} from './verify.js'; console.log(JSON.stringify(SAYINGS))"),
    ]


def test_nothing_is_missing_in_welsh():
    for table in tables():
        english, welsh = table["en"], table["cy"]

        assert english.keys() - welsh.keys() <= {"results.one"}
        assert welsh.keys() - english.keys() <= OF_WELSH_ALONE
        for key in english.keys() & welsh.keys():
            places = [set(re.findall(r"\{\w+\}", one[key])) for one in (english, welsh)]
            assert places[0] == places[1], key


def test_everything_that_can_be_said_is_said_somewhere():
    code = "".join(path.read_text(encoding="utf-8") for path in WIDGET.glob("*.js"))

    unsaid = [
        key
        for table in tables()
        for key in table["en"].keys() | table["cy"].keys()
        if key not in BUILT_FROM_DATA and len(re.findall(rf"'{re.escape(key)}'", code)) == 0
    ]

    assert unsaid == []
