"""report: figures, table and charts on the command line."""

from __future__ import annotations

import csv
from xml.etree import ElementTree

import msgspec
import pytest

HALF = {
    "type": "Exchange",
    "ref": "r" * 26,
    "period": {"start": "2026-01-05", "end": "2026-02-01"},
}


@pytest.fixture
def grocer(localfed, node):
    """A node with two organisations that say an exchange alike: no network is needed."""
    grocer = node("grocer")
    added = localfed(
        *("init", "--data", grocer, "--name", "Grocer's hall", "--url", f"{grocer.url}/hall/"),
        "--json",
    )
    assert added.exit_code == 0, added.stderr
    hall = added.json()["did"]
    thing = {"from": grocer.did, "to": hall, "what": "Digging", "category": "food"}
    flows = [
        {**thing, "quantity": "12.5", "unit": "hours"},
        {**thing, "quantity": "40", "unit": "=loaves"},
    ]
    for partner, host in ((hall, grocer.did), (grocer.did, hall)):
        draft = msgspec.json.encode({**HALF, "partner": partner, "flows": flows})
        done = localfed("publish", "--data", grocer, "--as", host, "-", stdin=draft)
        assert done.exit_code == 0, done.stderr
    return grocer


def test_figures_are_told_in_words_and_as_json(localfed, grocer):
    """LF-EXCH-5."""
    said = localfed("report", "--data", grocer)
    report = localfed("report", "--data", grocer, "--since", "2026-02-01", "--json").json()
    none = localfed("report", "--data", grocer, "--until", "2026-01-31", "--json").json()

    assert said.exit_code == 0, said.stderr
    assert "12.5 hours in 1 confirmed exchange, 2 organisations, 1 tie" in said.stdout
    assert "2026-02: 1 exchange, 12.5 hours, 40 =loaves" in said.stdout
    assert (report["hours"], none["hours"]) == ("12.5", "0")


def test_figures_are_written_as_a_table_and_as_charts(localfed, grocer, tmp_path):
    table, charts = tmp_path / "figures.csv", tmp_path / "charts"

    done = localfed("report", "--data", grocer, "--csv", table, "--svg", charts)
    shown = localfed("report", "--data", grocer, "--csv", "-").stdout

    assert done.exit_code == 0, done.stderr
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    assert ["all", "", "quantity", "hours", "12.5"] in rows
    assert ["all", "", "quantity", "'=loaves", "40"] in rows
    assert list(csv.reader(shown.splitlines())) == rows
    names = sorted(path.name for path in charts.iterdir())
    assert names == [
        "categories-exchanges.svg",
        "categories-hours.svg",
        "months-exchanges.svg",
        "months-hours.svg",
    ]
    for path in charts.iterdir():
        assert ElementTree.fromstring(path.read_bytes()).tag.endswith("svg")  # noqa: S314 - our own


@pytest.mark.parametrize(
    "words, code",
    [
        (["--since", "soon"], "bad-query"),
        (["--since", "2026-02-02", "--until", "2026-02-01"], "bad-query"),
        (["--near", "here"], "unknown-place"),
        (["--radius", "5"], "bad-query"),
        (["--csv", "/nowhere/at/all.csv"], "bad-file"),
        (["--svg", "/dev/null/charts"], "bad-file"),
    ],
)
def test_what_cannot_be_is_told_with_its_code(localfed, grocer, words, code):
    done = localfed("report", "--data", grocer, *words)

    assert done.exit_code == 1
    assert code in done.stderr
