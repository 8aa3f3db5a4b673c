"""import csv, import geojson: other people's tables, the real ones among them, and the way to a follower."""

from __future__ import annotations

import json

import pytest

SHOPS = """Identifier,Name,Latitude,Longitude,Sector,Email
a1,Corner Shop,55.95,-3.19,Retail,jo@shop.example
b2,Bakery,55.96,-3.20,Food,
c3,Mill,200,-3.21,Food,
"""


@pytest.fixture
def shops(tmp_path):
    file = tmp_path / "shops.csv"
    file.write_text(SHOPS)
    return file


@pytest.fixture
def coops(data_dir):
    return data_dir / "coops-uk" / "standard.Q2-2023.postcodes.csv"


def run(localfed, kind, file, folder, *options):
    done = localfed("import", kind, file, "--data", folder, "--json", *options)
    assert done.exit_code == 0, done.stderr
    return done.json()


def names_of(localfed, folder):
    rows = localfed("list", "--data", folder, "--json").json()
    return sorted(next(iter(row["name"].values())) for row in rows if row["listed"])


def test_the_cooperatives_of_a_country_reach_a_follower(localfed, node, serve, coops):
    """LF-READ-8, LF-READ-11, LF-FEED-9: import, follow, sync over HTTP, search, show, verify."""
    lister, reader = node("lister"), node("reader")

    first = run(localfed, "csv", coops, lister)
    second = run(localfed, "csv", coops, lister)
    serve(lister)
    localfed("follow", "--data", reader, lister.url)
    synced = localfed("sync", "--data", reader, "--once", "--json")
    found = localfed(
        "search", "--data", reader, "bicycle", "--near", "55.95,-3.19", "--json"
    ).json()

    assert first["imported"] == {
        "new": 7387,
        "changed": 0,
        "unchanged": 0,
        "missing": 0,
        "withdrawn": 0,
        "left_out": 0,
    }
    assert (second["imported"]["unchanged"], second["imported"]["new"]) == (7387, 0)
    (report,) = synced.json()
    assert (report["changed"], report["lacking"], report["rejected"]) == (7388, 0, 0)
    best = found["results"][0]
    assert "Bicycle" in best["name"]["en"]
    assert "Edinburgh" in json.dumps(best["document"]["location"])
    assert best["distance_km"] < 5
    shown = localfed("show", "--data", reader, best["id"])
    verified = localfed("verify", "-", "--data", reader, "--json", stdin=shown.stdout)
    assert (verified.exit_code, verified.json()["valid"], verified.json()["listed"]) == (
        0,
        True,
        True,
    )
    assert localfed("status", "--data", reader, "--json").json()["counts"]["documents_live"] == 7389


def test_a_map_of_a_continent_is_imported_from_geojson(localfed, node, data_dir):
    lister = node("lister")
    (file,) = data_dir.rglob("susy-sse-europe.geojson")

    first = run(localfed, "geojson", file, lister)
    second = run(localfed, "geojson", file, lister)

    report = first["report"]
    assert first["imported"]["new"] == report["records"] > 500
    assert report["rows"] >= report["records"]
    assert (second["imported"]["new"], second["imported"]["changed"]) == (0, 0)
    assert len(names_of(localfed, lister)) == report["records"]


def test_a_second_import_changes_nothing(localfed, node, shops, state_of):
    lister = node("lister")
    run(localfed, "csv", shops, lister)
    before = state_of(lister)

    again = run(localfed, "csv", shops, lister)

    assert again["imported"]["unchanged"] == 3
    assert state_of(lister) == before


def test_of_a_changed_file_only_what_changed_is_published(localfed, node, shops):
    lister = node("lister")
    run(localfed, "csv", shops, lister)
    shops.write_text(SHOPS.replace("Bakery", "New Bakery").replace("c3,Mill", "d4,Dairy"))

    kept = run(localfed, "csv", shops, lister)["imported"]
    gone = run(localfed, "csv", shops, lister, "--withdraw-missing")["imported"]

    assert kept == {
        "new": 1,
        "changed": 1,
        "unchanged": 1,
        "missing": 1,
        "withdrawn": 0,
        "left_out": 0,
    }
    assert gone == {
        "new": 0,
        "changed": 0,
        "unchanged": 3,
        "missing": 1,
        "withdrawn": 1,
        "left_out": 0,
    }
    assert names_of(localfed, lister) == ["Corner Shop", "Dairy", "New Bakery"]


def test_a_bad_field_is_left_out_and_named_with_its_line(localfed, node, shops):
    done = localfed("import", "csv", shops, "--data", node("lister"))

    assert done.exit_code == 0
    assert done.stdout == "3 new, 0 changed, 0 unchanged, 0 withdrawn\n"
    assert "line 4: Latitude: '200, -3.21': outside of" in done.stderr
    assert "email 1" in done.stderr
    assert "jo@shop.example" not in done.stderr


def test_personal_contacts_are_nowhere_in_what_is_published(localfed, node, shops):
    lister = node("lister")

    run(localfed, "csv", shops, lister)

    rows = localfed("list", "--data", lister, "--json").json()
    bodies = [localfed("show", "--data", lister, row["id"]).stdout for row in rows]
    assert len(bodies) == 4
    assert not any("jo@" in body for body in bodies)


def test_the_guessed_mapping_is_printed_edited_and_used(localfed, node, shops, tmp_path, state_of):
    lister = node("lister")
    before = state_of(lister)

    guessed = localfed("import", "csv", shops, "--data", lister, "--guess")
    mapping = json.loads(guessed.stdout)
    unchanged = state_of(lister)
    assert mapping["columns"]["category"] == "Sector"
    mapping["columns"]["keywords"] = mapping["columns"].pop("category")
    mapping["source"] = {"name": "Town list", "license": "CC BY 4.0", "edition": "2026"}
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(mapping))
    done = run(localfed, "csv", shops, lister, "--mapping", file)

    assert (guessed.exit_code, unchanged) == (0, before)
    assert done["source"]["name"] == "Town list"
    rows = localfed("list", "--data", lister, "--json").json()
    document = localfed(
        "show", "--data", lister, next(row["id"] for row in rows if row["listed"])
    ).json()
    assert document["keywords"] in (["Retail"], ["Food"])
    assert "category" not in document
    assert document["source"]["license"] == "CC BY 4.0"


BAD_TABLES = {
    "csv": {
        "empty": b"",
        "only a header": b"Identifier,Name\n",
        "no name column": b"1,2\n3,4\n",
        "zero bytes": b"\x00\x01\x02" * 100,
        "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
        "an open quote": b'Identifier,Name\n1,"Shop\n',
        "JSON": b'{"type":"FeatureCollection","features":[]}',
    },
    "geojson": {
        "empty": b"",
        "no JSON": b"Identifier,Name\n1,Shop\n",
        "another type": b'{"type":"Topology"}',
        "no features": b'{"type":"FeatureCollection","features":[]}',
        "a list": b"[]",
        "deep": b"[" * 100_000,
        "bad UTF-8": b'{"type":"FeatureCollection","features":["\xff"]}',
    },
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_a_file_that_is_no_table_is_refused(localfed, node, tmp_path, state_of, kind):
    lister = node("lister")
    before = state_of(lister)
    file = tmp_path / f"table.{kind}"

    for case, body in BAD_TABLES[kind].items():
        file.write_bytes(body)
        done = localfed("import", kind, file, "--data", lister, "--json")
        assert (done.exit_code, done.stdout) == (1, ""), (case, done.stderr)
        assert "localfed: bad-table:" in done.stderr, (case, done.stderr)

    assert state_of(lister) == before


BAD_MAPPINGS = (
    "",
    "[]",
    "{",
    '{"columns":{"name":"Nonsense"}}',
    '{"columns":{"nonsense":"Name"}}',
    '{"columns":{"category":"Sector"}}',
)


def test_a_mapping_that_does_not_fit_is_refused(localfed, node, shops, state_of):
    lister = node("lister")
    before = state_of(lister)
    file = shops.with_name("mapping.json")

    for mapping in BAD_MAPPINGS:
        file.write_text(mapping)
        done = localfed("import", "csv", shops, "--data", lister, "--mapping", file)
        assert (done.exit_code, done.stdout) == (1, ""), mapping
        assert "localfed: bad-mapping:" in done.stderr, mapping

    assert state_of(lister) == before


def test_files_that_are_not_there_are_named(localfed, node, shops, tmp_path):
    lister = node("lister")

    table = localfed("import", "csv", tmp_path / "missing.csv", "--data", lister)
    folder = localfed("import", "csv", tmp_path, "--data", lister)
    mapping = localfed(
        "import", "csv", shops, "--data", lister, "--mapping", tmp_path / "missing.json"
    )

    for done in (table, folder, mapping):
        assert (done.exit_code, "localfed: bad-file:" in done.stderr) == (1, True)


def test_a_running_node_finds_what_is_imported(localfed, node, serve, ask, shops):
    lister = node("lister")
    serve(lister)

    run(localfed, "csv", shops, lister)

    url = f"{lister.url}/api/v1/search?q=bakery"
    answer = ask(url, until=lambda found: found["results"], seconds=5)
    assert answer["results"][0]["document"]["name"] == {"en": "Bakery"}
