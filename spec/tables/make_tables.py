"""Make the tables of errors and limits: `python spec/tables/make_tables.py`.

Here: `errors.json` from the tree of errors, `limits.json` from the numbers of the protocol. The code is
where both are kept with their reasons; a test compares the tables with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from localfed.protocol import errors, limits

HERE: Final = Path(__file__).resolve().parent


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


if __name__ == "__main__":
    write("errors.json", error_rows())
    write("limits.json", limit_numbers())
    print("spec/tables/errors.json, spec/tables/limits.json")
