"""Linked data: every term means what the tables say, nothing is dropped, nothing is fetched."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from localfed.interop.rdf import ALSO_KNOWN_AS, context_bytes, expand, to_nquads
from localfed.protocol.canonical import encode
from localfed.protocol.errors import Rejected, UnknownContext

SPEC = Path(__file__).resolve().parents[2] / "spec"
DOCUMENTS = SPEC / "vectors" / "documents"
HEADS = SPEC / "vectors" / "feed" / "heads"
PREFIXES = {
    "schema": "https://schema.org/",
    "lf": "https://w3id.org/localfed/ns#",
    "sec": "https://w3id.org/security#",
}
# Expanded with no context of ours: of types and versions that 1.0 has no terms for.
FOREIGN = {
    "later-context",
    "unknown-critical",
    "unknown-member",
    "unknown-type-at-a-partner",
    "unknown-type",
    "unknown-type-elsewhere",
}


def bodies():
    valid = [
        path
        for path in sorted((DOCUMENTS / "valid").glob("*.json"))
        if path.stem not in FOREIGN and path.stat().st_size < 20_000
    ]
    heads = ("nothing-published", "with-snapshot", "with-inbox-and-limits")
    return valid + [HEADS / f"{name}.json" for name in heads]


def iri(short):
    prefix, _, name = short.partition(":")
    return PREFIXES[prefix] + name


def tables():
    """(member, IRI) of every row of a table of sections 5 and 6 that maps to something."""
    rows = []
    for page in ("05-documents.md", "06-feed.md"):
        for line in (SPEC / page).read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if line.startswith("| `") and len(cells) == 5:
                member = re.match(r"`([@A-Za-z]+)`(.*)", cells[0])
                rows += [
                    (member[1], member[2].strip(), iri(target))
                    for target in re.findall(r"`((?:schema|lf|sec):[A-Za-z]+)`", cells[4])
                ]
    return rows


def leaves(value, *, inside_ext=False):
    """Every value of a JSON document that says something, as text; names of languages too."""
    if inside_ext or value is None:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "ext":
                yield encode(item).decode()
            elif name != "@context":
                yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield str(value)


def expanded_leaves(value):
    if isinstance(value, dict):
        if value.get("@type") == "@json":
            yield encode(value["@value"]).decode()
            return
        for name, item in value.items():
            yield from expanded_leaves(item) if name != "@language" else ()
    elif isinstance(value, list):
        for item in value:
            yield from expanded_leaves(item)
    else:
        yield str(value)


def names_of(value):
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from names_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from names_of(item)


def languages_of(value):
    if isinstance(value, dict):
        if "@language" in value:
            yield value["@language"]
        for item in value.values():
            yield from languages_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from languages_of(item)


def short_of(text):
    """Types, and the purpose of a proof, are terms: they stand for IRIs."""
    terms = {
        "Organization": "schema:Organization",
        "Offer": "schema:Offer",
        "Need": "schema:Demand",
        "Contact": "schema:ContactPoint",
        "Head": "lf:Head",
        "Partnership": "lf:Partnership",
        "Exchange": "lf:Exchange",
        "DataIntegrityProof": "sec:DataIntegrityProof",
        "assertionMethod": "sec:assertionMethod",
    }
    return iri(terms[text]) if text in terms else text


@pytest.mark.parametrize("path", bodies(), ids=lambda path: path.stem)
def test_nothing_of_a_document_is_dropped(path):
    body = path.read_bytes()

    found = Counter(expanded_leaves(expand(body)))
    said = Counter(map(short_of, leaves(json.loads(body))))

    assert said - found == Counter()
    # Nothing is added either, but the types of values.
    datatypes = {text for text in found if text.startswith("http://www.w3.org/2001/XMLSchema#")}
    assert (found - said).keys() - datatypes <= {
        "https://w3id.org/security#cryptosuiteString",
        "https://w3id.org/security#multibase",
    }


@pytest.mark.parametrize("path", bodies(), ids=lambda path: path.stem)
def test_every_name_in_an_expansion_is_one_of_the_tables(path):
    keywords = {"@id", "@type", "@value", "@language", "@list", "@graph"}
    terms = {target for _, _, target in tables()}
    proof = {
        f"https://w3id.org/security#{name}"
        for name in ("cryptosuite", "verificationMethod", "proofPurpose", "proofValue")
    }
    # LF-FORM-10 says these two in its text.
    identifier = {"https://schema.org/propertyID", "https://schema.org/value"}

    expansion = expand(path.read_bytes())
    for node in expansion:
        node.pop("https://w3id.org/localfed/ns#ext", None)

    assert set(names_of(expansion)) <= keywords | terms | proof | identifier


def test_every_row_of_the_tables_is_a_term_of_the_context():
    """LF-DOC-1, LF-ORG-1, LF-LIST-1, LF-HEAD-2: what a member maps to."""
    context = json.loads(context_bytes())["@context"]
    inner = {
        "source": context["source"]["@context"],
        "part": context["parts"]["@context"],
        "limits": context["limits"]["@context"],
        "image": context["image"]["@context"],
    }
    wrong = []
    for member, place, target in tables():
        if member in {"@context", "id", "type"}:
            continue
        scopes = [context]
        if place == "in a part":
            scopes = [inner["part"]]
        elif place == "in an image":
            scopes = [inner["image"], context["logo"]["@context"]]
        elif place == "in limits":
            scopes = [inner["limits"]]
        elif target.endswith(("#edition", "#licenseName", "#sourceRecord")):
            scopes = [inner["source"]]
        found = [scope[member] for scope in scopes]
        ids = [one["@id"] if isinstance(one, dict) else one for one in found]
        if {iri(one) for one in ids} != {target}:
            wrong.append((member, place, target, ids))

    assert wrong == []
    assert len(tables()) > 50


def test_languages_of_texts_are_kept():
    body = (DOCUMENTS / "valid" / "eight-languages.json").read_bytes()

    found = sorted(languages_of(expand(body)))

    assert found == sorted(json.loads(body)["name"])


def test_the_context_is_the_published_one():
    published = (SPEC / "context" / "1.0.jsonld").read_bytes()
    page = (SPEC / "context" / "README.md").read_text(encoding="utf-8")

    assert context_bytes() == published
    assert re.findall(r"\| `1\.0` \| `([0-9a-f]{64})` \|", page) == [sha256(published).hexdigest()]


def test_the_present_name_of_an_issuer_can_be_added():
    body = (DOCUMENTS / "valid" / "own-record.json").read_bytes()
    issuer = json.loads(body)["issuer"]
    present = issuer.replace("grocer.example", "shop.example")

    with_name = expand(body, present_did=present)

    assert with_name[:-1] == expand(body)
    assert with_name[-1] == {"@id": issuer, ALSO_KNOWN_AS: [{"@id": present}]}
    assert f"<{issuer}> <{ALSO_KNOWN_AS}> <{present}> .\n" in to_nquads(body, present_did=present)


def test_an_issuer_that_did_not_move_has_no_second_name():
    body = (DOCUMENTS / "valid" / "own-record.json").read_bytes()

    assert expand(body, present_did=json.loads(body)["issuer"]) == expand(body)


def test_a_document_becomes_nquads_with_its_proof_in_a_graph():
    body = (DOCUMENTS / "valid" / "offer-smallest.json").read_bytes()
    offer = json.loads(body)

    lines = to_nquads(body).splitlines()

    name = f'<{offer["id"]}> <https://schema.org/name> "Veg box"@en .'
    value = f'"{offer["proof"]["proofValue"]}"^^<https://w3id.org/security#multibase>'
    assert name in lines
    assert [line for line in lines if value in line and re.search(r" _:b[0-9]+ \.$", line)]


@pytest.mark.parametrize(
    "context",
    ["https://w3id.org/localfed/1.999", "https://evil.example/context", "file:///etc/hostname"],
)
def test_no_other_context_is_ever_loaded(context):
    body = encode({"@context": context, "name": "x"})

    with pytest.raises(UnknownContext):
        expand(body)


def test_a_context_hidden_inside_is_not_loaded():
    body = encode(
        {
            "@context": "https://w3id.org/localfed/1.0",
            "id": "urn:x:y",
            "address": {"@context": "https://evil.example/context", "postalCode": "1"},
        }
    )

    with pytest.raises(UnknownContext):
        expand(body)


def test_what_is_not_canonical_is_not_expanded():
    with pytest.raises(Rejected):
        expand(b'{"@context": "https://w3id.org/localfed/1.0"}')
