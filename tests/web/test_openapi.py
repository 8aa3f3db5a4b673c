"""The description of the API is the API: its routes, its answers, its errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from localfed.protocol import errors
from localfed.web.errors import problem_of
from localfed.web.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "localfed" / "web" / "static" / "openapi.json"
DESCRIPTION = json.loads(SOURCE.read_text(encoding="utf-8"))


def schema_for(path, status="200", kind="application/json", method="get"):
    response = DESCRIPTION["paths"][path][method]["responses"][status]
    if "$ref" in response:
        response = DESCRIPTION["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return {**response["content"][kind]["schema"], "components": DESCRIPTION["components"]}


def check(value, schema):
    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)


def operations():
    return [
        (path, operation)
        for path, item in DESCRIPTION["paths"].items()
        for operation in item.values()
    ]


def references(value):
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_documentation_shows_the_description_that_the_node_serves():
    assert (ROOT / "docs" / "openapi.json").read_bytes() == SOURCE.read_bytes()


def test_every_route_is_described_and_no_other():
    served = {re.sub(r"\{(\w+):[^{}]*(\{\d+\})?[^{}]*\}", r"{\1}", one.path) for one in ROUTES}

    assert served == set(DESCRIPTION["paths"])
    # What changes anything here is posted: to an inbox, by a form of ours, or behind a one-time link.
    posting = {one.path.split("{")[0] for one in ROUTES if one.method != "GET"}
    assert posting == {"/inbox", "/", "/enquiries/", "/withdraw/", "/api/v1/enquiries"}


def test_every_reference_leads_somewhere():
    for reference in references(DESCRIPTION):
        value = DESCRIPTION
        for part in reference.removeprefix("#/").split("/"):
            value = value[part]


def test_every_schema_is_one():
    for schema in DESCRIPTION["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_has_a_name_a_summary_and_its_errors():
    names = [operation["operationId"] for _, operation in operations()]

    assert len(set(names)) == len(names)
    for path, operation in operations():
        assert operation["summary"], path
        is_post = "requestBody" in operation or operation["operationId"] == "withdrawListed"
        well = {"404", "429"} if is_post else {"200", "405"}
        assert {*well, "500"} <= operation["responses"].keys(), path


def test_every_placeholder_of_a_path_is_a_parameter():
    for path, operation in operations():
        declared = set()
        for one in operation.get("parameters", []):
            if "$ref" in one:
                one = DESCRIPTION["components"]["parameters"][one["$ref"].rpartition("/")[2]]  # noqa: PLW2901
            if one["in"] == "path":
                declared.add(one["name"])

        assert declared == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_example_is_valid():
    for path, operation in operations():
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                if "example" in content:
                    check(content["example"], schema_for(path, status, kind))
    for response in DESCRIPTION["components"]["responses"].values():
        for content in response.get("content", {}).values():
            check(
                content["example"],
                {**content["schema"], "components": DESCRIPTION["components"]},
            )


def test_every_error_of_the_tree_is_a_problem_of_the_description():
    waiting, found = [errors.LocalFedError], []
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()

    for kind in found:
        problem = problem_of(kind("a message"))
        value = {name: getattr(problem, name) for name in problem.__struct_fields__}
        check(value, schema_for("/api/v1/search", "400", "application/problem+json"))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/search",
        "/api/v1/search?q=veg&near=54.6,-2.3&radius=5",
        "/api/v1/search?q=nothing-of-that-name",
        "/api/v1/organisations",
        "/api/v1/status",
        "/.well-known/localfed.json",
    ],
)
async def test_answers_are_as_described(client, path):
    value = await (await client.get(path)).json()

    check(value, schema_for(path.partition("?")[0]))


async def test_answers_about_one_publisher_are_as_described(town, client):
    scid = town.tools.did.split(":")[2]

    value = await (await client.get(f"/api/v1/organisations/{scid}")).json()
    document = await (await client.get(f"/api/v1/documents/{scid}/org.json")).json(
        content_type=None
    )

    check(value, schema_for("/api/v1/organisations/{scid}"))
    check(document, schema_for("/api/v1/documents/{scid}/{path}", kind="application/ld+json"))


async def test_feed_files_are_as_described(town, client):
    for number in range(101):
        await town.kitchen.publish({"type": "Offer", "name": f"Offer {number}"})
    for path, _ in town.kitchen.store.feed_files(town.kitchen.did):
        value = await (await client.get(f"/{path}")).json()

        check(value, schema_for(f"/{path.partition('/')[0]}/{{name}}"))


async def test_errors_are_as_described(client):
    for path, route, status in (
        ("/api/v1/search?limit=0", "/api/v1/search", "400"),
        ("/api/v1/documents?id=x", "/api/v1/documents", "404"),
        ("/d/x", "/d/{name}", "404"),
    ):
        answer = await client.get(path)

        assert str(answer.status) == status
        check(
            await answer.json(content_type=None),
            schema_for(route, status, "application/problem+json"),
        )


async def test_the_node_serves_its_description(client):
    answer = await client.get("/api/v1/openapi.json")

    assert await answer.json() == DESCRIPTION
