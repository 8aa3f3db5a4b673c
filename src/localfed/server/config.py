"""Configuration: what the operator has set, in the data folder and in the environment.

Here: the settings' type as the rest of the roof knows it, the environment. Not here: the file
(`store.settings`). docs/run/settings.md describes each.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from localfed.store.settings import Settings

__all__ = [
    "Settings",
    "default_port",
    "listen_address",
    "may_use_loopback",
    "trusted_proxies",
]

_PORT = 8080


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
