"""The other implementation is installed exactly, reaches nobody, and is named in the docs as it is."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess

import pytest

from agreement import measure
from agreement.other import HERE
from agreement.test_both_refuse import TAMPERED
from agreement.test_where_we_differ import DIFFERENCES
from node_packages import NODE, install, installed

ROOT = HERE.parents[1]


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_what_is_installed_is_what_the_lock_file_names(packages):
    locked = read_json(HERE / "package-lock.json")["packages"]

    there = {
        name: read_json(packages / name / "package.json")["version"] for name in locked if name
    }

    assert there == {name: one["version"] for name, one in locked.items() if name}
    assert all(one["integrity"].startswith("sha512-") for name, one in locked.items() if name)


def test_the_packages_are_asked_for_by_exact_version():
    wanted = read_json(HERE / "package.json")["dependencies"]

    assert [
        one for one in wanted.values() if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", one)
    ] == []


def test_the_page_on_agreement_names_the_versions_that_are_compared():
    page = (ROOT / "docs" / "learn" / "agreement.md").read_text(encoding="utf-8")
    wanted = read_json(HERE / "package.json")["dependencies"]

    assert [name for name, one in wanted.items() if f"{name} {one}" not in page] == []


def test_the_page_on_agreement_counts_the_rows_of_both_tables():
    page = (ROOT / "docs" / "learn" / "agreement.md").read_text(encoding="utf-8")

    assert f"{len(TAMPERED)} manipulations" in page
    assert f"{len(DIFFERENCES)} cases" in page


def test_node_is_the_version_that_the_packages_are_run_on():
    said = subprocess.run([NODE, "--version"], check=True, capture_output=True, text=True).stdout

    assert said.startswith("v24.")


def test_nothing_of_theirs_connects_to_anybody(ask):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        host, port = server.getsockname()

        (answer,) = ask([{"do": "reach", "url": f"http://{host}:{port}/"}])

        assert "nothing here speaks to another machine" in answer["error"]
        with pytest.raises(BlockingIOError):
            server.accept()


def test_another_lock_file_is_another_installation(tmp_path):
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, tmp_path / name)
    before = installed(tmp_path)

    (tmp_path / "package-lock.json").write_text("{}\n", encoding="utf-8")

    assert installed(tmp_path) != before
    assert installed(tmp_path).parent == before.parent == installed(HERE).parent


def test_packages_that_npm_refuses_are_told_and_leave_nothing_behind(tmp_path):
    # Without a version a lock file is none: npm says so before it asks any registry.
    shutil.copyfile(HERE / "package.json", tmp_path / "package.json")
    (tmp_path / "package-lock.json").write_text("{}\n", encoding="utf-8")

    with pytest.raises(RuntimeError, match="npm could not install"):
        install(tmp_path)

    target = installed(tmp_path)
    assert list(target.parent.glob(f"*{target.name}*")) == []


def test_the_measurement_gives_a_row_for_each_kind_of_document(packages, capsys):
    measure.main(documents=20, rounds=1)

    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split("  ")[0] for row in rows] == ["without extension", "with extension"]
    assert all(re.search(r"theirs +[0-9,]+ +ours +[0-9,]+$", row) for row in rows)
