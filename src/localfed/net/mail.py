"""Mail: the other outgoing door, to one server: the operator's own.

Here: handing over one mail by SMTP, within bounds, whatever the server says. Not here: what is in it, and to whom
(`app.mailing`). Sources: RFC 5321, RFC 3207 (STARTTLS), RFC 8314 (TLS from the first byte).

Unlike `fetch`, it connects to wherever the operator said, loopback and private networks included: no visitor and no other
node can say where.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from localfed.protocol.errors import LocalFedError, MailNotTaken, MailNotYet, MailRefused

SECONDS: Final = 60.0
"""One mail, all in all: servers that look for spam take their time; RFC 5321 would allow minutes for each step."""

STEP_SECONDS: Final = 20.0
"""One step of it."""

_LATER: Final = 400
_NEVER: Final = 500
_LAST: Final = 599
# Of these the operator's settings are the cause, not the mail: what is mended is tried again.
_SETTINGS: Final = frozenset({502, 503, 504, 530, 534, 535, 538})


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SmtpMail:
    """The operator's mail server."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: Security,
        sender: str,
        name: str,
        user: str = "",
        password: Callable[[], str] = str,
        seconds: float = SECONDS,
    ) -> None:
        """Make it; `name` is what this node calls itself there, `password` is asked for with each mail."""
        self._host, self._port, self._security = host, port, security
        self._sender, self._name, self._user = sender, name, user
        self._password = password
        self._seconds = seconds

    @property
    def sender(self) -> str:
        """The address that mail is from."""
        return self._sender

    async def send(self, recipient: str, data: bytes) -> None:
        """Hand one mail over; when it returns, the server has taken it.

        Raises:
            MailRefused: the server will never take it.
            MailNotYet: it asks to be tried again with this one.
            MailNotTaken: it takes nothing now: no answer, nonsense, no protection, no login.

        """
        # Needed by few commands, and not before the first mail.
        import aiosmtplib

        try:
            async with asyncio.timeout(self._seconds):
                await self._hand_over(recipient, data)
        except LocalFedError:
            raise
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _told(max(one.code for one in error.recipients)) from error
        except aiosmtplib.SMTPDataError as error:
            raise _told(error.code) from error
        except aiosmtplib.SMTPResponseException as error:
            # The greeting, the login, the sender: what an operator mends. Nothing is wrong with the mail.
            message = f"the mail server answered {error.code}"
            raise MailNotTaken(message) from error
        except TimeoutError as error:
            message = "the mail server does not answer in time"
            raise MailNotTaken(message) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Whatever it said: of a stranger's answer nothing is repeated but its number.
            message = f"the mail server cannot be used ({type(error).__name__})"
            raise MailNotTaken(message) from error

    async def _hand_over(self, recipient: str, data: bytes) -> None:
        import aiosmtplib

        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            # Else it would look up, and tell, what this machine is called.
            local_hostname=self._name,
            use_tls=self._security is Security.TLS,
            # Not "if it can": who sits in between would say that it cannot.
            start_tls=self._security is Security.STARTTLS,
            timeout=min(STEP_SECONDS, self._seconds),
        )
        try:
            await client.connect()
            if self._user:
                await client.login(self._user, self._password())
            await client.sendmail(self._sender, [recipient], data)
        finally:
            client.close()


def _told(code: int) -> LocalFedError:
    """Say what a number of the server means."""
    message = f"the mail server answered {code}"
    if code in _SETTINGS or not _LATER <= code <= _LAST:
        return MailNotTaken(message)
    return MailRefused(message) if code >= _NEVER else MailNotYet(message)
