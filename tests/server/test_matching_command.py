"""matches: what a person sees of what fits, on a node of their own."""

from __future__ import annotations

import json

NEED = {
    "type": "Need",
    "name": "A hall on Thursdays for our choir",
    "form": "space",
    "location": [{"latitude": "53.74", "longitude": "-2.01"}],
}
HALL = {
    "type": "Offer",
    "name": "Chapel hall on Thursdays, good for a choir",
    "form": "space",
    "location": [{"latitude": "53.74", "longitude": "-2.02"}],
}


def publish(localfed, node, draft, folder):
    file = folder / "draft.json"
    file.write_text(json.dumps(draft))
    done = localfed("publish", "--data", node, file, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["id"]


def test_the_command_prints_what_fits_for_people_and_for_programs(localfed, node, tmp_path):
    grocer = node()
    need = publish(localfed, grocer, NEED, tmp_path)
    added = localfed(
        "init",
        "--data",
        grocer,
        "--name",
        "Chapel",
        "--url",
        grocer.url + "/chapel/",
        "--language",
        "en",
    )
    assert added.exit_code == 0, added.stderr
    file = tmp_path / "hall.json"
    file.write_text(json.dumps(HALL))
    done = localfed("publish", "--data", grocer, "--as", "Chapel", file, "--json")
    assert done.exit_code == 0, done.stderr
    hall = json.loads(done.stdout)["id"]

    shown = localfed("matches", "--data", grocer, need)
    rows = json.loads(localfed("matches", "--data", grocer, need, "--json").stdout)
    all_of_one = json.loads(
        localfed("matches", "--data", grocer, "--as", "Chapel", "--json").stdout
    )

    assert "A hall on Thursdays" in shown.stdout
    assert "both say" in shown.stdout
    assert [(row["need"], row["offer"]) for row in rows] == [(need, hall)]
    assert rows == all_of_one
    assert 0 < rows[0]["score"] <= 1
    assert {"of", "fits", "says", "values"} == rows[0]["why"][0].keys()


def test_an_id_that_is_not_here_is_told_so(localfed, node):
    done = localfed("matches", "--data", node(), "did:webvh:x/d/y.json")

    assert done.exit_code == 1
    assert "unknown-document" in done.stderr
