"""Linked data: what a document says as RDF, by the JSON-LD context of the specification.

Here: expanding documents and writing N-Quads, with a loader that knows one frozen context and no
network. The only file that imports pyld, and only when called: it is heavy and rarely needed. Not here:
checking documents; what strangers send is checked by `protocol.accept`, which never reads a context.
Spec: spec/context. Source: W3C JSON-LD 1.1, RDF 1.1 N-Quads.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import Any, Final

from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.document import CONTEXT
from localfed.protocol.errors import UnknownContext

ALSO_KNOWN_AS: Final = "https://www.w3.org/ns/activitystreams#alsoKnownAs"
"""What DID Core's `alsoKnownAs` stands for."""

CONTEXT_FILE: Final = "1.0.jsonld"

_FETCHING: Final = ("requests", "aiohttp")


def expand(body: bytes, *, present_did: str | None = None) -> list[dict[str, Any]]:
    """Expand a document that was accepted: every term becomes the IRI that it stands for.

    `present_did` is where the issuer lives now: it is added as another name of the issuer, whose first
    DID is all that documents are written with.

    Raises:
        UnknownContext: a context of which this version has no file, wherever it stands.
        Rejected: not canonical JSON of an object.

    """
    jsonld = _jsonld()
    try:
        expanded: list[dict[str, Any]] = jsonld.expand(_read(body), _options())
    except jsonld.JsonLdError as error:
        message = "the document cannot be read with the context of this version alone"
        raise UnknownContext(message, detail=str(error)) from error
    return [*expanded, *_present_names(body, present_did)]


def to_nquads(body: bytes, *, present_did: str | None = None) -> str:
    """Write a document that was accepted as N-Quads; its proof is a graph of its own.

    Raises:
        UnknownContext, Rejected: as `expand`.

    """
    jsonld = _jsonld()
    expanded = expand(body, present_did=present_did)
    return str(jsonld.to_rdf(expanded, {**_options(), "format": "application/n-quads"}))


@cache
def context_bytes() -> bytes:
    """Give the one context, as the specification publishes it."""
    return files("localfed.interop").joinpath("context", CONTEXT_FILE).read_bytes()


def _read(body: bytes) -> JsonObject:
    document = parse_object(body)
    if document.get("@context") != CONTEXT:
        raise UnknownContext("this version has no file of that context")
    return document


def _present_names(body: bytes, present_did: str | None) -> list[dict[str, Any]]:
    issuer = _read(body).get("issuer")
    if present_did is None or present_did == issuer:
        return []
    return [{"@id": issuer, ALSO_KNOWN_AS: [{"@id": present_did}]}]


def _options() -> dict[str, Any]:
    return {"documentLoader": _load_frozen}


def _load_frozen(url: str, _: dict[str, Any]) -> dict[str, Any]:
    """Load what pyld asks for: our context from this package, nothing else from anywhere."""
    if url != CONTEXT:
        raise UnknownContext("a document names a context that is not ours")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": json.loads(context_bytes()),
    }


@cache
def _jsonld() -> ModuleType:
    """Import pyld without an HTTP library.

    Where `requests` is on the machine it would come along, try a socket, and be the loader by default. Ours is the only
    one: to pyld it is not there.
    """
    held = {name: sys.modules.get(name) for name in _FETCHING}
    sys.modules.update(dict.fromkeys(_FETCHING))  # type: ignore[arg-type]
    try:
        from pyld import jsonld
    finally:
        for name, module in held.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return jsonld  # type: ignore[no-any-return]
