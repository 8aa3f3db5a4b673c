"""The console: what a command says, to a person or as JSON, and how it ends.

Here: stdout and stderr, exit codes, progress. With `--json` stdout is one JSON value and nothing
else. Exit codes: 0 done, 1 refused (the error's code on stderr), 2 wrong usage (click's).
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import click
import msgspec

from localfed.protocol.errors import BadFile, LocalFedError, TooLarge
from localfed.server.hints import next_of

P = ParamSpec("P")
T = TypeVar("T")

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON value instead of text."
)
data_option = click.option(
    "--data",
    "folder",
    required=True,
    type=click.Path(file_okay=False),
    envvar="LOCALFED_DATA",
    show_envvar=True,
    help="The node's data folder.",
)


# Controls of ASCII and Latin-1, and characters that turn the direction of what follows.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class LogFormatter(logging.Formatter):
    """Writes what is told as one line, whatever strangers put in it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Write the line; a traceback comes below it."""
        return harmless(super().formatMessage(record)).replace("\n", "\\u000a")


class Progress:
    """A progress bar on stderr; silent where stderr is not a terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __call__(self, done: int, expected: int) -> None:
        """Show how far it is."""
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=expected, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def close(self) -> None:
        """End the line."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


def wanted_languages() -> tuple[str, ...]:
    """Return the language of who reads, by the locale of the terminal, in small letters: `cy-gb`; nothing for none."""
    given = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((one for one in given if one), "")
    tag = re.split("[.@]", locale)[0].replace("_", "-").lower()
    return (tag,) if tag not in {"", "c", "posix"} else ()


def say(text: str = "") -> None:
    """Tell a person on stdout."""
    click.echo(harmless(text))


def note(text: str) -> None:
    """Tell a person on stderr: progress, hints, warnings."""
    click.echo(harmless(text), err=True)


def print_json(value: object) -> None:
    """Print a value of ours as JSON on stdout."""
    click.echo(harmless(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()))


def counted(number: int | str, one: str, many: str = "") -> str:
    """Say how many of something there are; `many` is `one` with an s where it is not given."""
    return f"{number} {one if str(number) == '1' else many or one + 's'}"


def harmless(text: str) -> str:
    r"""Write out what a terminal would obey instead of showing it: `\u001b`, which JSON reads back.

    Names, texts and headings of strangers are printed here. Line feeds and tabs are left as they are.
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_error(error: LocalFedError) -> None:
    """Print an error for a person: its code first, then what it means and what to do next."""
    note(f"localfed: {error.code}: {error.message}")
    note(f"  next: {next_of(error)}")


def command(function: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async command to its end; an error of ours becomes exit code 1."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            asyncio.run(function(*args, **kwargs))
        except LocalFedError as error:
            print_error(error)
            sys.exit(1)
        except (KeyboardInterrupt, asyncio.CancelledError):
            sys.exit(130)

    return run


def read_file(path: str, *, limit_bytes: int) -> bytes:
    """Read a file that the operator named, or stdin for `-`.

    Raises:
        BadFile: it cannot be read. TooLarge: more bytes than the limit.

    """
    try:
        with click.open_file(path, "rb") as file:
            data: bytes = file.read(limit_bytes + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise BadFile(message) from error
    if len(data) > limit_bytes:
        message = f"{path} has more than {limit_bytes} bytes"
        raise TooLarge(message)
    return data
