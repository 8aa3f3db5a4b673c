"""The process that decodes pictures: what it makes, and what it cannot do."""

from __future__ import annotations

import asyncio
import io
import sys
import time

import msgspec
import pytest
from PIL import Image

from interop import pictures_made as made
from localfed.interop.picture_file import FILE_BYTES
from localfed.protocol import limits
from localfed.protocol.errors import BadPicture, StoreBusy
from localfed.protocol.image import Named
from localfed.server import picture_process
from localfed.server.picture_process import PictureProcess


def named(body, **changes):
    return msgspec.convert(made.image_of(body, **changes), Named)


async def run_instead(monkeypatch, code):
    """Let a program of a test take the place of ours, given up like ours."""
    text = (
        "import sys, msgspec\n"
        "from localfed.server.picture_child import give_up_everything\n"
        "from localfed.server.picture_process import Outcome\n"
        f"give_up_everything()\n{code}\n"
        "sys.stdout.buffer.write(msgspec.msgpack.encode(Outcome(problem='it was done')))\n"
    )
    monkeypatch.setattr(picture_process, "_CHILD", ("-c", text))
    await PictureProcess(seconds=5).make(made.a_png())


@pytest.mark.parametrize(
    "body",
    [
        made.a_jpeg(exif=made.camera_exif(6)),
        made.a_jpeg(icc_profile=b"no profile"),
        made.a_png(mode="P"),
        made.a_png(mode="LA"),
        made.a_webp(),
        made.with_texts()["webp"],
    ],
    ids=["turned", "profile", "palette", "grey-alpha", "webp", "texts"],
)
async def test_pictures_are_made_there_as_they_would_be_here(body):
    """LF-IMG-7: nothing that a codec loads late is missing where nothing can be opened."""
    process = PictureProcess()

    picture = await process.make(body)
    copy = await process.copy(picture.body, named(picture.body))

    assert Image.open(io.BytesIO(copy.body)).size == (picture.width, picture.height)


async def test_what_is_wrong_with_a_picture_is_told():
    with pytest.raises(BadPicture, match="neither"):
        await PictureProcess().make(b"GIF89a")
    with pytest.raises(BadPicture, match="not the one"):
        await PictureProcess().copy(made.a_png(), named(made.a_jpeg()))


async def test_what_is_too_large_is_refused_before_anything_is_started(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere")

    with pytest.raises(BadPicture):
        await PictureProcess().make(b"\x00" * (FILE_BYTES + 1))
    body = b"\x00" * (limits.PICTURE_BYTES + 1)
    with pytest.raises(BadPicture):
        await PictureProcess().copy(body, named(body))


async def test_where_no_process_can_be_started_it_is_not_the_picture_that_is_bad(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere")

    with pytest.raises(StoreBusy):
        await PictureProcess().make(made.a_png())


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/passwd').read()",
        "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
        "import socket; socket.socketpair()",
        "import subprocess; subprocess.run(['true'])",
        "bytearray(3_000_000_000)",
        "import sys; sys.stdout.buffer.write(b'x' * 2_000_000)",
        "import os; os.abort()",
        "raise SystemExit(0)",
        "print('no outcome')",
    ],
)
async def test_a_fault_of_a_decoder_can_do_nothing(monkeypatch, deed):
    """LF-IMG-7: no file, no connection, no program, no memory without end, no answer without end."""
    with pytest.raises(BadPicture, match="within the bounds"):
        await run_instead(monkeypatch, deed)
    with pytest.raises(BadPicture, match="it was done"):
        await run_instead(monkeypatch, "pass")


@pytest.mark.parametrize("deed", ["while True: pass", "import time; time.sleep(60)"])
async def test_a_picture_that_takes_too_long_is_ended(monkeypatch, deed):
    """LF-IMG-7."""
    text = f"from localfed.server.picture_child import give_up_everything as g\ng()\n{deed}"
    monkeypatch.setattr(picture_process, "_CHILD", ("-c", text))
    began = time.monotonic()

    with pytest.raises(BadPicture, match="too long"):
        await PictureProcess(seconds=1).make(made.a_png())

    assert time.monotonic() - began < 5


async def test_it_ends_with_who_waits_for_it(monkeypatch):
    monkeypatch.setattr(picture_process, "_CHILD", ("-c", "import time; time.sleep(60)"))
    process = PictureProcess()
    waiting = asyncio.create_task(process.make(made.a_png()))
    await asyncio.sleep(0.3)
    began = time.monotonic()

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert time.monotonic() - began < 2


async def test_it_is_told_nothing_of_the_environment(monkeypatch):
    """What keys or names the operator's environment holds is nothing to a decoder."""
    monkeypatch.setenv("LOCALFED_SECRET", "of the operator")
    text = (
        "import os, sys, msgspec\n"
        "from localfed.server.picture_process import Outcome\n"
        "said = 'told' if 'LOCALFED_SECRET' in os.environ else 'not told'\n"
        "sys.stdout.buffer.write(msgspec.msgpack.encode(Outcome(problem=said)))\n"
    )
    monkeypatch.setattr(picture_process, "_CHILD", ("-c", text))

    with pytest.raises(BadPicture, match=r"^not told$"):
        await PictureProcess().make(made.a_png())


async def test_pictures_are_made_one_at_a_time_and_the_loop_goes_on():
    """LF-IMG-7: whoever sends many cannot have them all decoded at once."""
    process, ticks = PictureProcess(), 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    bodies = [made.a_jpeg(1200, 900 + number) for number in range(3)]
    done = await asyncio.gather(*(process.make(body) for body in bodies))
    ticking.cancel()

    assert [one.height for one in done] == [900, 901, 902]
    assert ticks > 10
