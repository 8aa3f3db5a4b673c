"""Ways out of a module: everything in its text that opens a socket, listens, runs a program, or hides it.

Here: what is looked for, and finding it in the syntax tree of one module, under whatever name it was
imported. Not here: which module may do what (`test_doors.py`), what shows at run time only
(`socket_guard.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from house.building import dotted, imported

MODULES = {
    "_socket",
    "_ssl",
    "aioquic",
    "aiosmtplib",
    "anyio",
    "cffi",
    "code",
    "ctypes",
    "ftplib",
    "http.client",
    "http.server",
    "httpcore",
    "httpx",
    "imaplib",
    "importlib.util",
    "logging.config",
    "logging.handlers",
    "multiprocessing",
    "nntplib",
    "pip",
    "poplib",
    "pty",
    "requests",
    "runpy",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "subprocess",
    "telnetlib",
    "trio",
    "urllib.request",
    "urllib.robotparser",
    "urllib3",
    "webbrowser",
    "wsgiref",
    "xmlrpc",
}
"""Modules that open sockets, run programs, or load what is named at run time."""

NAMES = {
    "aiohttp.BaseConnector",
    "aiohttp.ClientSession",
    "aiohttp.TCPConnector",
    "aiohttp.UnixConnector",
    "aiohttp.client",
    "aiohttp.connector",
    "aiohttp.request",
    "aiohttp.test_utils",
    "importlib.import_module",
    "os.execv",
    "os.execve",
    "os.execvp",
    "os.fork",
    "os.forkpty",
    "os.popen",
    "os.posix_spawn",
    "os.posix_spawnp",
    "os.spawnv",
    "os.system",
    "sys.modules",
}
"""Single names of modules that are harmless else."""

SERVER = ("aiohttp.web", "aiohttp.web_runner", "aiohttp.web_app", "aiohttp.web_server")

METHODS = {
    "connect_accepted_socket",
    "create_connection",
    "create_datagram_endpoint",
    "create_server",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "create_unix_connection",
    "create_unix_server",
    "import_module",
    "open_connection",
    "open_unix_connection",
    "sock_connect",
    "sock_sendto",
    "start_server",
    "start_unix_server",
    "subprocess_exec",
    "subprocess_shell",
}
"""Methods of event loops, whatever the object is called."""

BUILTINS = {"__import__", "eval", "exec", "globals", "compile", "vars", "setattr", "delattr"}
"""With these a name could be hidden from whoever reads the text."""

SESSIONS = re.compile(r"_?(client_)?sessions?|_make_session")
"""What a session of the outgoing door could be passed around as."""


def ways_out(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of everything that is one."""
    yield from _imports(tree)
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = _resolved(dotted(node), aliases)
            if name in NAMES or name.startswith(SERVER):
                yield node.lineno, name
            elif node.attr in METHODS or SESSIONS.fullmatch(node.attr):
                yield node.lineno, node.attr
        elif isinstance(node, ast.Name) and node.id in BUILTINS:
            yield node.lineno, node.id
        elif isinstance(node, ast.Constant) and node.value in METHODS:
            yield node.lineno, f"{node.value!r}"
        elif _is_open_getattr(node):
            yield node.lineno, "getattr of a name that is computed"


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, name in imported(tree):
        parts = name.split(".")
        prefixes = {".".join(parts[:size]) for size in range(1, len(parts) + 1)}
        if prefixes & (MODULES | NAMES) or parts[-1] in METHODS | {"*"} or name.startswith(SERVER):
            yield line, name


def _aliases(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: `import aiohttp as a` gives a: aiohttp."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            aliases |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
    return aliases


def _resolved(name: str, aliases: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return aliases.get(first, first) + dot + rest


def _is_open_getattr(node: ast.AST) -> bool:
    """Whether this reads an attribute by a name that nobody can read in the text, of a module."""
    return (
        isinstance(node, ast.Call)
        and dotted(node.func) == "getattr"
        and isinstance(node.args[0], ast.Name)
        and not isinstance(node.args[1], ast.Constant)
        and node.args[0].id in {"asyncio", "aiohttp", "os", "loop", "sys", "importlib", "builtins"}
    )
