"""Hints: what somebody at a terminal can do next, in words that can be typed there.

Here: next steps of errors as commands say them, commands as they are run here. Not here: the errors, and what
programs and visitors are told (`protocol.errors`, `web`).
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from localfed.protocol.errors import BadDraft, LocalFedError, Rejected

_NEXT: Final = {
    "bad-query": "Change what the message names; the command with --help lists its options.",
    "unknown-organisation": "localfed organisations lists those of this node; localfed follow URL makes another known.",
}
"""By code: what helps at a terminal, where the tree of errors speaks to others as well."""

_OWN_DRAFT: Final = (
    "Change that in the draft, and publish it again; docs/run/publish.md has what a draft can say."
)
_NAME: Final = "localfed"


def next_of(error: LocalFedError) -> str:
    """Say what to do about an error: what whoever raised it knows, else what helps at a terminal."""
    if error.next_step != type(error).next_step:
        return error.next_step
    return _NEXT.get(error.code, error.next_step)


@contextmanager
def own_draft() -> Iterator[None]:
    """Let errors of a draft speak to who wrote it: what is rejected here is no stranger's."""
    try:
        yield
    except (BadDraft, Rejected) as error:
        if error.next_step in {Rejected.next_step, BadDraft.next_step}:
            error.next_step = _OWN_DRAFT
        raise


def how_to(words: str) -> str:
    """Write a command so that it runs as it stands: with --data, where that was said on the command line."""
    context = click.get_current_context(silent=True)
    folder = context.params.get("folder") if context is not None else None
    if context is None or folder is None:
        return f"{program()} {words}"
    if context.get_parameter_source("folder") is not ParameterSource.COMMANDLINE:
        return f"{program()} {words}"
    return f"{program()} {words} --data {shlex.quote(str(folder))}"


def program() -> str:
    """Say how this program is called here: `localfed` where that finds it, else where it is."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py" and started.parent.name == _NAME:
        return f"{shlex.quote(sys.executable)} -m {_NAME}"
    found = shutil.which(_NAME)
    if started.name != _NAME or (found is not None and started.resolve() == Path(found).resolve()):
        return _NAME
    return shlex.quote(str(started.absolute()))
