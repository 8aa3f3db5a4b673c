"""The types that the modules of the widget say in their comments hold, by the checker that knows them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from localfed.web.widget_joined import ENTRY
from node_packages import NODE, install

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "localfed"
WORDS = [
    *("--noEmit", "--allowJs", "--checkJs", "--strict", "--pretty", "false"),
    *(
        "--noImplicitReturns",
        "--noUnusedLocals",
        "--noFallthroughCasesInSwitch",
        "--noImplicitOverride",
    ),
    *("--target", "es2024", "--lib", "es2024,dom,dom.iterable"),
    *("--module", "esnext", "--moduleResolution", "bundler"),
]


def checked(*files: Path) -> str:
    tsc = install(HERE) / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        [NODE, tsc, *WORDS, *files], capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_the_types_of_every_module_hold():
    assert checked(SOURCE / ENTRY, SOURCE / "widget" / "verify.js") == ""


def test_a_type_that_does_not_hold_is_found(tmp_path):
    wrong = tmp_path / "wrong.js"
    wrong.write_text("/** @type {number} */\nexport const one = 'one';\n", encoding="utf-8")

    assert "TS2322" in checked(wrong)
