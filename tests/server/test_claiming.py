"""claim, and what search says of entries about one organisation, by the real command."""

from __future__ import annotations

import json

STALL = {"type": "Organization", "listed": True, "name": "Green Veg Stall"}


def add_lister(localfed, node):
    """Host another organisation there, which lists others; returns its DID."""
    at = ("--name", "Lister", "--url", f"{node.url}/lister/", "--json")
    return localfed("init", "--data", node, *at).json()["did"]


def test_an_organisation_claims_a_record_is_found_by_it_and_takes_it_back(localfed, node):
    growers = node("growers")
    lister = add_lister(localfed, growers)
    drafted = json.dumps(STALL | {"claimedBy": growers.did})
    stall = localfed(
        "publish", "--data", growers, "--as", lister, "-", stdin=drafted
    ).stdout.strip()

    done = localfed("claim", "--data", growers, "--as", growers.did, stall)
    found = localfed("search", "--data", growers, "stall", "--json").json()
    said = localfed("search", "--data", growers, "stall")
    told = localfed("notices", "--data", growers)
    back = localfed("claim", "--data", growers, "--as", growers.did, stall, "--withdraw", "--json")

    assert done.stdout.strip() == f"claimed: {stall}"
    [result] = found["results"]
    assert result["id"] == f"{growers.did}/org.json"
    assert [one["id"] for one in result["behind"]] == [stall]
    assert "also listed by" in said.stdout
    assert stall in said.stdout
    assert "Green Veg Stall" in told.stdout
    assert back.json()["is_claimed"] is False
    assert localfed("notices", "--data", growers).stdout == ""


def test_a_claim_of_one_side_says_what_the_other_has_to_write(localfed, node):
    growers = node("growers")
    lister = add_lister(localfed, growers)
    stall = localfed("publish", "--data", growers, "--as", lister, "-", stdin=json.dumps(STALL))

    done = localfed("claim", "--data", growers, "--as", growers.did, stall.stdout.strip())

    assert f'"claimedBy": "{growers.did}"' in done.stderr


def test_what_is_no_listed_record_is_refused_with_its_code(localfed, node):
    growers = node("growers")

    done = localfed("claim", "--data", growers, "nothing")

    assert done.exit_code == 1
    assert "unknown-document" in done.stderr
