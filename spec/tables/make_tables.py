"""Make the tables of errors and limits: `python spec/tables/make_tables.py`.

Here: `errors.json` from the tree of errors, `limits.json` from the numbers of the protocol, and the
errors on the page for operators. The code is where both are kept with their reasons; tests compare.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from localfed.protocol import errors, limits

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parents[1] / "docs" / "run" / "troubleshooting.md"
ROW: Final = re.compile(r"\| `[a-z0-9-]+` \|")


def error_rows() -> list[dict[str, Any]]:
    """Describe every error but the root, in the order of the code."""
    return [
        {
            "code": error.code,
            "name": error.__name__,
            "status": error.status,
            "parent": error.__mro__[1].__name__,
            "meaning": (error.__doc__ or "").splitlines()[0],
            "next": error.next_step,
        }
        for error in vars(errors).values()
        if isinstance(error, type)
        and issubclass(error, errors.LocalFedError)
        and error is not errors.LocalFedError
    ]


def limit_numbers() -> dict[str, int]:
    """Give every number of the protocol by its name, in the order of the code."""
    return {name: value for name, value in vars(limits).items() if name.isupper()}


def write(name: str, value: Any) -> None:
    """Write one table, readable and ending in a line feed."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")


def write_page(rows: list[dict[str, Any]]) -> None:
    """Write the errors into the table of the page for operators, sorted by code."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if ROW.match(line)]
    table = sorted(f"| `{row['code']}` | {row['meaning']} | {row['next']} |" for row in rows)
    lines[places[0] : places[-1] + 1] = table
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write("errors.json", error_rows())
    write("limits.json", limit_numbers())
    write_page(error_rows())
    print("spec/tables/errors.json, spec/tables/limits.json, docs/run/troubleshooting.md")
