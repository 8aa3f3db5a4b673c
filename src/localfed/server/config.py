"""Configuration: what the operator has set, in the data folder and in the environment.

Here: the settings' type as the rest of the roof knows it, the environment. Not here: the file
(`store.settings`). docs/run/settings.md describes each.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from localfed.app.enquiry_port import Desk
from localfed.net.mail import Security, SmtpMail
from localfed.protocol.contact import Email
from localfed.protocol.errors import BadFile, MailNotTaken
from localfed.store.settings import Settings
from localfed.web.ground import PLAIN, Ground, file_ground, server_ground

__all__ = [
    "Settings",
    "default_port",
    "desk_of",
    "ground_of",
    "listen_address",
    "mail_of",
    "may_use_loopback",
    "trusted_proxies",
]

_PORT = 8080
_SMTP_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_PASSWORD_BYTES = 4_096
_HERE = ("localhost", "127.0.0.1", "::1")


def may_use_loopback(*, given: bool) -> bool:
    """Whether the operator allows loopback addresses: by the option or by the environment."""
    return given or os.environ.get("LOCALFED_ALLOW_LOOPBACK") == "1"


def listen_address(settings: Settings, host: str | None, port: int | None) -> tuple[str, int]:
    """Say where to listen: as the command says, else as the settings do."""
    return host or settings.host, settings.port if port is None else port


def trusted_proxies(settings: Settings) -> tuple[str, ...]:
    """Say whose `X-Forwarded-For` is believed: the environment's word, else that of the settings."""
    given = os.environ.get("LOCALFED_TRUSTED_PROXIES")
    if given is None:
        return settings.trusted_proxies
    return tuple(one.strip() for one in given.split(",") if one.strip())


def default_port(url: str) -> int:
    """Say which port the settings of a new node get: that of a development URL, else 8080."""
    return urlsplit(url).port or _PORT


def desk_of(settings: Settings) -> Desk:
    """Say which node visitors write at."""
    parts = urlsplit(settings.url)
    return Desk(
        name=settings.name,
        url=f"{parts.scheme}://{parts.netloc}",
        language=settings.language,
        sends_messages=settings.passes_on,
    )


def ground_of(settings: Settings) -> Ground:
    """Say what lies under the points of maps: the environment's word, else that of the settings.

    Raises:
        BadFile: the settings of it contradict each other.

    """
    given = os.environ.get
    file = given("LOCALFED_MAP_FILE") or settings.map_file
    tiles = given("LOCALFED_MAP_TILES") or settings.map_tiles
    attribution = given("LOCALFED_MAP_ATTRIBUTION") or settings.map_attribution
    if file and tiles:
        message = "map_file and map_tiles are both set: a map has one ground, so empty one of them"
        raise BadFile(message)
    if file:
        return file_ground(Path(file), attribution)
    return server_ground(tiles, attribution) if tiles else PLAIN


def mail_of(settings: Settings) -> SmtpMail | None:
    """Make the way to the operator's mail server; None where none is set.

    Raises:
        BadFile: the settings of it contradict each other.

    """
    if not settings.smtp_host:
        return None
    try:
        sender = msgspec.convert(settings.smtp_sender, Email)
    except msgspec.ValidationError as error:
        message = (
            "smtp_sender in node.toml is the address that mail is from, such as node@grocer.example"
        )
        raise BadFile(message) from error
    security = Security(settings.smtp_security)
    if settings.smtp_user and security is Security.NONE and settings.smtp_host not in _HERE:
        message = "a password is not sent without protection: set smtp_security to starttls or tls"
        raise BadFile(message)
    return SmtpMail(
        host=settings.smtp_host,
        port=settings.smtp_port or _SMTP_PORTS[security],
        security=security,
        sender=sender,
        name=urlsplit(settings.url).hostname or "localhost",
        user=settings.smtp_user,
        # With each mail, not at the start: a password that is changed counts at once, and one that cannot be
        # read keeps no other command from working.
        password=lambda: _password(settings),
    )


def _password(settings: Settings) -> str:
    given = os.environ.get("LOCALFED_SMTP_PASSWORD")
    if given:
        return given
    try:
        with Path(settings.smtp_password_file).open("rb") as file:
            return file.read(_PASSWORD_BYTES).decode().strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        message = (
            "the password of the mail server cannot be read: see smtp_password_file in node.toml"
        )
        raise MailNotTaken(message) from error
