"""The picture process: strangers' pictures are decoded by another program, which can do nothing else.

Here: starting it for each picture, its time limit, reading its answer with bounds. Not here: what it does
(`picture_child`), what makes a picture (`interop.picture_file`). Spec: 05-documents (LF-IMG-7).

Dangers met here: faults in decoders, which are written in C. Whatever a picture does there, it does to a
process of its own: no file can be opened in it, no connection made, and after seconds it is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Final

import msgspec

from localfed.interop.picture_file import FILE_BYTES
from localfed.protocol import limits
from localfed.protocol.errors import BadPicture, StoreBusy
from localfed.protocol.image import Named, Picture

SECONDS: Final = 20.0
"""How long one picture may take: a photograph of 12 million points takes one."""

_ANSWER_BYTES: Final = limits.PICTURE_BYTES + 4_096
_CHILD: Final = ("-W", "ignore", "-m", "localfed.server.picture_child")
_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
"""What it is told of the environment: where Python is. Not who runs the node, or where."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked to do: make a picture for publication, or copy a stranger's."""

    data: bytes
    named: Named | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What it answers."""

    picture: Picture | None = None
    problem: str = ""


_encode: Final = msgspec.msgpack.Encoder().encode
_read_outcome: Final = msgspec.msgpack.Decoder(Outcome).decode


class PictureProcess:
    """The port `Pictures`: one picture at a time, each in a process of its own."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        """Make the port; starts nothing."""
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def make(self, data: bytes) -> Picture:
        """Make the picture that is published from a file of the operator; see the port."""
        if len(data) > FILE_BYTES:
            raise BadPicture(f"the file has more than {FILE_BYTES} bytes")
        return await self._do(Task(data=data))

    async def copy(self, data: bytes, named: Named) -> Picture:
        """Make our own copy of a stranger's picture; see the port."""
        if len(data) > limits.PICTURE_BYTES:
            raise BadPicture(f"the file has more than {limits.PICTURE_BYTES} bytes")
        return await self._do(Task(data=data, named=named))

    async def _do(self, task: Task) -> Picture:
        async with self._turn:
            answer = await self._run(_encode(task))
        try:
            outcome = _read_outcome(answer)
        except msgspec.DecodeError as error:
            # It ended without an answer: by its limits, or by a fault of a decoder.
            raise BadPicture("the picture cannot be decoded within the bounds") from error
        if outcome.picture is None:
            raise BadPicture(outcome.problem)
        return outcome.picture

    async def _run(self, data: bytes) -> bytes:
        """Run the program once; returns what it wrote, as far as that is within its bounds."""
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *_CHILD,
                stdin=pipe,
                stdout=pipe,
                stderr=nothing,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                limit=_ANSWER_BYTES,
            )
        except OSError as error:
            raise StoreBusy("no process can be started to decode a picture") from error
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._seconds):
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    process.stdin.write(data)
                    await process.stdin.drain()
                process.stdin.close()
                answer = await _read(process.stdout)
                await process.wait()
                return answer
        except TimeoutError as error:
            raise BadPicture("the picture takes too long to decode") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _read(stream: asyncio.StreamReader) -> bytes:
    """Read to the end, or to the bounds."""
    answer = b""
    while piece := await stream.read(_ANSWER_BYTES):
        answer += piece
        if len(answer) > _ANSWER_BYTES:
            raise BadPicture("the picture cannot be decoded within the bounds")
    return answer
