"""What goes wrong outside, told as an error of ours.

Here: the one place that knows the errors of aiohttp, ssl and the system's sockets. Not here: when to
try again (`app.sync` and the worker decide that). Spec: tables/errors.json, branch Unreachable.

What a peer wrote (reasons, header values, names in certificates) goes into the private detail only,
cut and escaped: it may be made to look like a line of our log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from localfed.net.dial import AddressRefused
from localfed.net.reading import read_retry_after
from localfed.protocol.errors import ForbiddenAddress, NoAnswer, TooSlow, UnexpectedAnswer

_DETAIL_CHARACTERS: Final = 300


@contextmanager
def our_errors(host: str) -> Iterator[None]:
    """Turn every error of the network below into one of ours; ours pass as they are.

    Raises:
        TooSlow: a time limit of ours or of the system's.
        ForbiddenAddress: the socket was refused.
        UnexpectedAnswer: not HTTP, or header fields beyond every measure.
        NoAnswer: no such host, no connection, no valid certificate, or it broke off.

    """
    try:
        yield
    except TimeoutError as error:  # first: aiohttp's time-outs are also connection errors
        raise TooSlow(f"{host} takes too long to answer", detail=detail_of(error)) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise NoAnswer(f"there is no host {host}", detail=detail_of(error)) from error
    except aiohttp.ClientConnectorCertificateError as error:
        message = f"the certificate of {host} is not valid"
        raise NoAnswer(message, detail=detail_of(error)) from error
    except aiohttp.ClientSSLError as error:
        message = f"no secure connection to {host} could be made"
        raise NoAnswer(message, detail=detail_of(error)) from error
    except aiohttp.ClientConnectorError as error:
        if AddressRefused.MARK in str(error.os_error):
            message = f"{host} leads to an address that this node never connects to"
            raise ForbiddenAddress(message, detail=detail_of(error)) from error
        raise NoAnswer(f"no connection to {host}", detail=detail_of(error)) from error
    except (aiohttp.ClientResponseError, HttpProcessingError) as error:
        message = f"the answer of {host} is not HTTP as it should be"
        raise UnexpectedAnswer(message, detail=detail_of(error)) from error
    except (aiohttp.ClientError, OSError, RuntimeError) as error:
        # RuntimeError: what aiohttp's stream says when its connection was closed meanwhile.
        raise NoAnswer(f"the answer of {host} broke off", detail=detail_of(error)) from error


def refuse_status(response: aiohttp.ClientResponse, host: str) -> NoReturn:
    """Refuse an answer for its status; what it asks to wait goes with the error.

    Raises:
        UnexpectedAnswer: always.

    """
    detail = f"HTTP {response.status}"
    wait = read_retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
    if wait is not None:
        detail += f", asks to wait {wait} s"
    raise UnexpectedAnswer(
        f"{host} answers with status {response.status}", detail=detail, retry_after=wait
    )


def detail_of(error: BaseException) -> str:
    """Tell an error on one line that nobody else can shape."""
    return f"{type(error).__name__}: {ascii(str(error))[1:-1][:_DETAIL_CHARACTERS]}"
