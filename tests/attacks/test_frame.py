"""The frame itself: an untouched victim passes, and each thing that an attack could do is seen."""

from __future__ import annotations

import logging
import socket

import pytest

from attacks.frame import Case, check_answer, run, unmoved
from localfed.app.values import Block, BlockKind


async def test_a_victim_that_nobody_touches_is_unmoved(victim):
    async with unmoved(victim):
        pass


async def test_a_row_more_is_seen(victim):
    block = Block(kind=BlockKind.HOST, value="x.example", since="2026-05-01T09:00:00Z", note="")

    with pytest.raises(AssertionError, match="changed: \\['block'\\]"):
        async with unmoved(victim):
            await victim.node.store.write(lambda tx: tx.save_block(block))


async def test_a_document_that_goes_is_seen(victim):
    with pytest.raises(AssertionError, match="changed:"):
        async with unmoved(victim):
            await victim.node.withdraw(victim.ids["veg"])


async def test_what_breaks_is_seen(victim):
    with pytest.raises(AssertionError):
        async with unmoved(victim):
            logging.getLogger("localfed").error("something broke")


async def test_a_code_that_is_another_is_seen(victim):
    async def attack(victim):
        await victim.node.sync(victim.stranger)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await run(victim, Case("wrong", attack, code="bad-signature"))


async def test_an_answer_that_is_no_refusal_is_seen(victim):
    with pytest.raises(AssertionError):
        check_answer(await victim.get("/api/v1/status"))


async def test_a_refusal_passes(victim):
    check_answer(await victim.get("/api/v1/search?near=nonsense"), "unknown-place", 400)


async def test_sockets_of_the_tests_own_are_no_offence(victim):
    async with unmoved(victim):
        with socket.create_connection(("127.0.0.1", victim.port)):
            pass
