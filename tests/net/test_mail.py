"""Handing mail over by SMTP: to a server that takes it, and to servers that refuse, dawdle or speak nonsense."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from localfed.net.mail import Security, SmtpMail
from localfed.protocol.errors import MailNotTaken, MailNotYet, MailRefused
from mail_servers import Mailbox, saying, serving

MAIL = b"From: node@kitchen.example\r\nTo: office@kitchen.example\r\nSubject: x\r\n\r\nHello\r\n"
TO = "office@kitchen.example"


def client(port, **changes):
    options = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.NONE,
        "sender": "node@kitchen.example",
        "name": "kitchen.example",
        "seconds": 2.0,
        **changes,
    }
    return SmtpMail(**options)


async def test_a_server_that_takes_it_has_it_once(caplog):
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        await client(port).send(TO, MAIL)

    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("node@kitchen.example", [TO])
    assert envelope.content == MAIL
    # Not what this machine is called.
    assert mailbox.helo == ["kitchen.example"]
    assert "office@" not in caplog.text


async def test_who_logs_in_does_so_with_the_password_of_that_moment():
    mailbox, passwords = Mailbox(), ["wrong", "let me in"]
    async with serving(mailbox) as port:
        mail = client(port, user="node", password=lambda: passwords[0])
        with pytest.raises(MailNotTaken) as refused:
            await mail.send(TO, MAIL)
        passwords.pop(0)
        await mail.send(TO, MAIL)

    assert "535" in refused.value.message
    assert len(mailbox.envelopes) == 1
    assert mailbox.logins[-1] == (b"node", b"let me in")


@pytest.mark.parametrize(
    "where,answer,error",
    [
        ("rcpt_answer", "550 no such mailbox", MailRefused),
        ("rcpt_answer", "450 greylisted", MailNotYet),
        ("rcpt_answer", "530 log in first", MailNotTaken),
        ("data_answer", "554 spam", MailRefused),
        ("data_answer", "451 try again", MailNotYet),
        ("data_answer", "452 full", MailNotYet),
    ],
)
async def test_what_a_server_answers_decides_whether_it_is_tried_again(where, answer, error):
    mailbox = Mailbox()
    setattr(mailbox, where, answer)
    async with serving(mailbox) as port:
        with pytest.raises(error) as refused:
            await client(port).send(TO, MAIL)

    # Its number, and not its words: they may be anybody's.
    assert refused.value.message == f"the mail server answered {answer[:3]}"
    assert mailbox.envelopes == []


async def test_nobody_there_is_no_fault_of_the_mail():
    with pytest.raises(MailNotTaken):
        await client(1).send(TO, MAIL)


async def silent(reader, writer):
    await asyncio.sleep(60)


async def http(reader, writer):
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>")
    await writer.drain()


async def bytes_of_anything(reader, writer):
    writer.write(bytes(range(256)) * 4_000)
    await writer.drain()
    await asyncio.sleep(60)


async def endless(reader, writer):
    while True:
        writer.write(b"220-welcome to the mail server that never stops talking\r\n" * 100)
        await writer.drain()
        await asyncio.sleep(0)


async def not_now(reader, writer):
    writer.write(b"554 nobody is served here\r\n")
    await writer.drain()
    await asyncio.sleep(60)


async def nothing_after_the_greeting(reader, writer):
    writer.write(b"220 here\r\n")
    await reader.readline()
    await asyncio.sleep(60)


async def gone_after_the_greeting(reader, writer):
    writer.write(b"220 here\r\n")
    await reader.readline()


async def number_out_of_range(reader, writer):
    writer.write(b"220 here\r\n")
    while await reader.readline():
        writer.write(b"999 what\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    "talk",
    [
        silent,
        http,
        bytes_of_anything,
        endless,
        not_now,
        nothing_after_the_greeting,
        gone_after_the_greeting,
        number_out_of_range,
    ],
)
async def test_a_server_that_does_not_behave_costs_two_seconds_and_no_mail(talk):
    async with saying(talk) as port:
        async with asyncio.timeout(10):
            with pytest.raises(MailNotTaken) as refused:
                await client(port).send(TO, MAIL)

    assert "html" not in refused.value.message
    assert "talking" not in refused.value.message


async def slow(reader, writer):
    writer.write(b"220 here\r\n")
    while await reader.readline():
        await asyncio.sleep(0.9)
        writer.write(b"250 OK\r\n")
        await writer.drain()


async def test_a_server_that_is_slow_at_each_step_is_cut_off_over_all_of_them():
    async with saying(slow) as port:
        started = asyncio.get_running_loop().time()
        with pytest.raises(MailNotTaken, match="in time"):
            await client(port).send(TO, MAIL)

    assert asyncio.get_running_loop().time() - started < 4


# --- protection ------------------------------------------------------------------------------


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_mail_goes_through_a_protected_connection(server_tls, security):
    mailbox = Mailbox()
    from_the_start = security is Security.TLS
    async with serving(
        mailbox, tls=server_tls, from_the_start=from_the_start, require_starttls=not from_the_start
    ) as port:
        await client(port, host="localhost", security=security).send(TO, MAIL)

    assert len(mailbox.envelopes) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_that_nobody_trusts_gets_neither_password_nor_mail(
    server_tls, security
):
    mailbox = Mailbox()
    async with serving(mailbox, tls=server_tls, from_the_start=security is Security.TLS) as port:
        with pytest.raises(MailNotTaken):
            await client(
                port, host="localhost", security=security, user="node", password=lambda: "let me in"
            ).send(TO, MAIL)

    assert (mailbox.envelopes, mailbox.logins) == ([], [])


async def test_a_server_that_hides_its_starttls_gets_nothing():
    """Whoever sits in between would say so; there is no falling back."""
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        with pytest.raises(MailNotTaken):
            await client(
                port, security=Security.STARTTLS, user="node", password=lambda: "let me in"
            ).send(TO, MAIL)

    assert (mailbox.envelopes, mailbox.logins) == ([], [])
