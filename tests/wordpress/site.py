"""A WordPress of its own for the tests: Debian's files, a database in a temporary folder, the server of PHP.

Here: making it, writing pages into it, ending it. Nothing of the system is changed and no service of the system
is used: the database listens on a socket in its folder, the site on loopback. Not here: any test.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "examples" / "wordpress" / "localfed-directory"
FILES = Path("/usr/share/wordpress")
SCRIPTS = Path(__file__).resolve().parent

CONFIG = """<?php
define( 'DB_NAME', 'site' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'WP_HOME', '{url}' );
define( 'WP_SITEURL', '{url}' );
define( 'WP_CONTENT_DIR', '{content}' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', '{log}' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {{
	define( $name . '_KEY', 'of a test alone' );
	define( $name . '_SALT', 'of a test alone' );
}}
$table_prefix = 'wp_';
require_once ABSPATH . 'wp-settings.php';
"""

# The node of the test lies on a port that WordPress asks nothing at by itself. Nor has a test anybody else to ask.
RULES = """<?php
add_filter( 'http_allowed_safe_ports', fn( $ports ) => array_merge( $ports, array( {port} ) ) );
add_filter( 'pre_http_request', fn( $answer, $arguments, $url ) => 'localhost' === wp_parse_url( $url, PHP_URL_HOST )
	? $answer : new WP_Error( 'elsewhere', $url ), 10, 3 );
"""


def free_port() -> int:
    """Find a port of loopback that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _lesser_user() -> str:
    """Name who runs the database where root may not: its own user comes with the service, which is not needed."""
    names = {one.pw_name for one in pwd.getpwall()}
    return "mysql" if "mysql" in names else "nobody"


class Site:
    """A WordPress that answers on loopback, with the plugin and a node that it may ask."""

    def __init__(self, node_url: str) -> None:
        self.node_url = node_url
        self.folder = Path(tempfile.mkdtemp(prefix="localfed-wordpress-"))
        self.root, self.data = self.folder / "site", self.folder / "data"
        self.socket, self.log = self.folder / "sql" / "socket", self.folder / "debug.log"
        self.url = f"http://localhost:{free_port()}"
        self.running: list[subprocess.Popen[bytes]] = []
        try:
            self._lay_out()
            self._start_database()
            self.php("install.php", self.node_url)
            self._serve()
        except BaseException:
            self.close()
            raise

    def _lay_out(self) -> None:
        content = self.root / "wp-content"
        for folder in ("plugins", "mu-plugins", "uploads"):
            (content / folder).mkdir(parents=True)
        for path in FILES.iterdir():
            if path.name not in {"wp-config.php", "wp-content", ".htaccess"}:
                (self.root / path.name).symlink_to(path)
        (content / "themes").symlink_to(FILES / "wp-content" / "themes")
        # A copy: deleting the plugin is tested, too.
        shutil.copytree(PLUGIN, content / "plugins" / PLUGIN.name)
        (self.root / "wp-config.php").write_text(
            CONFIG.format(socket=self.socket, url=self.url, content=content, log=self.log),
            encoding="utf-8",
        )
        port = self.node_url.rpartition(":")[2]
        (content / "mu-plugins" / "rules.php").write_text(RULES.format(port=port), encoding="utf-8")
        # WordPress finds itself by its files, which are links to those of the system.
        (self.folder / "first.php").write_text(
            f"<?php define( 'ABSPATH', '{self.root}/' );\n", encoding="utf-8"
        )

    def _start_database(self) -> None:
        self.data.mkdir()
        self.socket.parent.mkdir()
        user = []
        if os.geteuid() == 0:  # it refuses to be root
            name = _lesser_user()
            user = [f"--user={name}"]
            self.folder.chmod(0o711)
            for folder in (self.data, self.socket.parent):
                shutil.chown(folder, name)
        small = ["--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0"]
        self._run(
            *("mariadb-install-db", "--no-defaults", *user, f"--datadir={self.data}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"),
            *small,
        )
        self._start(
            *("/usr/sbin/mariadbd", "--no-defaults", *user, f"--datadir={self.data}"),
            *(
                f"--socket={self.socket}",
                f"--pid-file={self.data}/pid",
                "--skip-networking",
                *small,
            ),
        )
        self._wait(self.socket.exists)

    def _serve(self) -> None:
        host, port = "127.0.0.1", self.url.rpartition(":")[2]
        self._start(
            *("php", "-d", f"auto_prepend_file={self.folder}/first.php"),
            *("-S", f"{host}:{port}", "-t", str(self.root)),
            environment={"PHP_CLI_SERVER_WORKERS": "4"},
        )
        self._wait(self._answers)

    def _answers(self) -> bool:
        address = f"{self.url}/wp-includes/images/blank.gif"
        with suppress(URLError, ConnectionError), urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def php(self, script: str, *words: str) -> str:
        """Run a script of this folder within the site."""
        return self._run(
            *("php", "-d", f"auto_prepend_file={self.folder}/first.php"),
            *(str(SCRIPTS / script), *words),
        )

    def page(self, content: str) -> str:
        """Publish a page; returns its address."""
        number = self.php("publish.php", json.dumps(content)).strip()
        return f"{self.url}/?page_id={number}"

    def read(self, address: str) -> str:
        """Read a page as a visitor without a browser."""
        with urlopen(address, timeout=30) as answer:
            return str(answer.read().decode())

    @property
    def complaints(self) -> list[str]:
        """What PHP said of the plugin."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if "localfed" in line.lower()]

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, cwd=self.folder
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def _start(self, *command: str, environment: dict[str, str] | None = None) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    command,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,
                )
            )

    def _wait(self, is_there) -> None:
        end = time.monotonic() + 300
        while not is_there():
            gone = [one for one in self.running if one.poll() is not None]
            log = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
            assert not gone, log[-3000:]
            assert time.monotonic() < end, log[-3000:]
            time.sleep(0.1)

    def close(self) -> None:
        """End what was started, and leave nothing of it."""
        for one in reversed(self.running):
            # With those that it started itself: PHP's server has workers, which it would leave behind.
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGTERM)
        for one in self.running:
            one.wait(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)
