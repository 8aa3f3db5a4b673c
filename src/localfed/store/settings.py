"""The settings of a node: the file `node.toml` in its data folder, which also says that it is one.

Here: reading and writing it. Not here: options and environment of a command (`server`).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from localfed.protocol.errors import BadFile, NotInitialised
from localfed.store.files import make_private_folder, replace_private_file

SETTINGS_FILE: Final = "node.toml"

_BYTES_MAX: Final = 65_536
_HEADER: Final = "# Settings of this LocalFed node. Changes count from the next start.\n\n"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator has decided about a node."""

    name: str
    """What the node is called."""
    url: str
    """Where the world finds it."""
    language: str = "en"
    """The language of names that are given without one (BCP 47)."""
    allow_loopback: bool = False
    """The node itself is at a loopback address (development)."""
    host: str = "127.0.0.1"
    """The address that `serve` listens at unless told otherwise."""
    port: int = 8080
    """The port that `serve` listens at unless told otherwise."""
    via_steps: Annotated[int, msgspec.Meta(ge=0, le=2)] = 1
    """Whom the node shows beside those whom it follows: 0 nobody, 1 their partners, 2 the partners of these."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of the operator's own proxies, whose `X-Forwarded-For` is believed."""
    smtp_host: str = ""
    """The operator's mail server, to which what visitors write is handed over; empty: it waits in the tray."""
    smtp_port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """Its port; 0 is the usual one of `smtp_security`."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to it is protected."""
    smtp_user: str = ""
    """Who logs in there; empty: nobody does."""
    smtp_password_file: str = ""
    """The file that holds the password, where the environment does not say it."""
    smtp_sender: str = ""
    """The address that mail is from."""
    passes_on: bool = True
    """Whether what visitors ask of publishers elsewhere goes to their nodes, as a message."""
    map_file: str = ""
    """A PMTiles file with the map that is under the points; empty: none."""
    map_tiles: str = ""
    """Address of a tile server in its place, with {z}, {x} and {y}; empty: none."""
    map_attribution: str = ""
    """Whom the map is of, as plain text or HTML with links; empty: what the file says."""


def is_node(folder: Path) -> bool:
    """Whether this folder holds a node."""
    return (folder / SETTINGS_FILE).is_file()


def read_settings(folder: Path) -> Settings:
    """Read the settings of the node in this folder.

    Raises:
        NotInitialised: there is no node.
        BadFile: the file cannot be read, is no TOML, or has a setting that is not known.

    """
    path = folder / SETTINGS_FILE
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotInitialised("that folder holds no node", detail=str(path)) from error
    except OSError as error:
        reason = (error.strerror or "error").lower()
        raise BadFile(f"{SETTINGS_FILE} cannot be read: {reason}", detail=str(path)) from error
    if len(data) > _BYTES_MAX:
        raise BadFile(f"{SETTINGS_FILE} is too large to be the settings", detail=str(path))
    try:
        return msgspec.convert(tomllib.loads(data.decode()), Settings)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{SETTINGS_FILE} is not TOML: {error}", detail=str(path)) from error
    except msgspec.ValidationError as error:
        raise BadFile(f"{SETTINGS_FILE}: {error}", detail=str(path)) from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or nesting as deep: tomllib gives up in Python's own words.
        message = f"{SETTINGS_FILE} is not TOML that can be read"
        raise BadFile(message, detail=str(path)) from error


def write_settings(folder: Path, settings: Settings) -> None:
    """Write the settings; what was there is replaced as a whole, comments included.

    Raises:
        BadFile: they cannot be written; the old ones are as they were.
        DiskFull: no space for them; the old ones are as they were.

    """
    make_private_folder(folder)
    lines = (f"{name} = {_value(value)}\n" for name, value in _members(settings))
    replace_private_file(folder / SETTINGS_FILE, ("".join((_HEADER, *lines)).encode(),))


def _members(settings: Settings) -> list[tuple[str, object]]:
    return list(msgspec.structs.asdict(settings).items())


def _value(value: object) -> str:
    # Strings, numbers and booleans are written in TOML as in JSON, DEL excepted.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
