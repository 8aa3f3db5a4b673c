"""Mail servers on loopback for the tests: one that takes mail, and some that do not behave.

Here: `Mailbox`, a real server (aiosmtpd), and `Nonsense`, which says what a test lets it say. Not here: any test.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """What arrived, and how the server answers."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.rcpt_answer = ""
        """What it says to a recipient; empty takes it."""
        self.data_answer = ""
        self.helo: list[str] = []

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content, policy=POLICY) for one in self.envelopes]

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's own names
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        self.helo.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer:
            return self.data_answer
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"let me in", handled=False)


@asynccontextmanager
async def serving(
    mailbox: Mailbox,
    *,
    tls: ssl.SSLContext | None = None,
    from_the_start: bool = False,
    **options: Any,
) -> AsyncIterator[int]:
    """Run a real mail server; yields its port."""
    loop = asyncio.get_running_loop()

    def make() -> SMTP:
        return SMTP(
            mailbox,
            hostname="mail.test",
            loop=loop,
            tls_context=None if from_the_start else tls,
            authenticator=mailbox.authenticate,
            auth_require_tls=False,
            **options,
        )

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=tls if from_the_start else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def saying(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
) -> AsyncIterator[int]:
    """Run something that calls itself a mail server; yields its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(run, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
