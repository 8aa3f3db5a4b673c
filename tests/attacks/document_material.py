"""Documents that a reader has to refuse, each signed by the real key of whoever publishes it.

Here: making the bytes, by kind of lie, with the code that they are refused with. Not here: by which way
they come in (`test_documents`), wrong types of every member (`document_shapes`). What is signed says what
its line says; where a line changes bytes afterwards, that is the attack.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from forge_document import signed

from attacks.frame import Victim
from attacks.lies import MALLORY, last_version, log_of, message
from federation import Node
from localfed.protocol import base58
from localfed.protocol.canonical import encode
from localfed.protocol.document import CONTEXT, DEFAULT_LICENSE
from localfed.protocol.keys import SigningKey
from localfed.protocol.proofs import hash_data, write_signature
from localfed.protocol.times import write_time

Json = dict[str, Any]

PATH: Final = f"d/{'a' * 26}.json"
SUITE: Final = "eddsa-jcs-2022"
ORDER: Final = 2**252 + 27742317777372353535851937790883648493


@dataclasses.dataclass(frozen=True)
class Forge:
    """What a publisher, or who has its key, makes documents with."""

    did: str
    key: SigningKey
    now: datetime
    own: bytes
    """Another document of the same issuer, as it was published."""
    head: bytes
    letter: bytes
    """A message of the same issuer."""
    version: str
    """The last entry of its log."""
    others: str
    """The DID of another organisation."""
    path: str = PATH
    """Where the document lies that is made."""

    @property
    def method(self) -> str:
        return f"{self.did}#{self.key.multikey}"

    def time(self, **span: float) -> str:
        return write_time(self.now + timedelta(**span))

    def offer(self, **changes: Any) -> Json:
        """Give the smallest offer, changed; a member that is `...` is left out."""
        value = {
            "@context": CONTEXT,
            "id": f"{self.did}/{self.path}",
            "type": "Offer",
            "issuer": self.did,
            "revision": 7,
            "updated": self.time(),
            "expires": self.time(days=30),
            "assured": self.time(),
            "license": DEFAULT_LICENSE,
            "name": {"en": "Forged bread"},
            **{"@context" if n == "context" else n: one for n, one in changes.items()},
        }
        return {name: one for name, one in value.items() if one is not ...}

    def sign(self, value: Json, **how: Any) -> bytes:
        return signed(value, **{"key": self.key, "method": self.method, **how})

    def good(self, **changes: Any) -> bytes:
        return self.sign(self.offer(**changes))

    def parts(self) -> tuple[Json, Json]:
        """Give a good document without its proof, and the proof."""
        value = json.loads(self.good())
        return value, value.pop("proof")


class Letters(Forge):
    """The same with messages: what an offer says beside is a member that nobody knows."""

    def offer(self, **changes: Any) -> Json:
        own = {
            "id": f"{self.did}/messages/{'a' * 26}.json",
            "type": "Enquiry",
            "to": self.others,
            "text": {"en": "Have you forged bread?"},
        }
        return super().offer(**{**own, **changes})


def forge_of(victim: Victim, node: Node | None = None) -> Forge:
    """Give what a publisher makes documents with: the friend, where nobody else is named."""
    node = node or victim.friend
    own = node.store.document(node.did, "org.json")
    assert own is not None
    return Forge(
        did=node.did,
        key=node.key,
        now=node.clock.now(),
        own=own.body or b"",
        head=node.file("/head.json") or b"",
        letter=message(node, victim.node),
        version=last_version(log_of(node)),
        others=victim.other.did,
    )


def letters_of(victim: Victim) -> Letters:
    """Give what the friend makes messages to the victim with."""
    forge = forge_of(victim)
    said = {one.name: getattr(forge, one.name) for one in dataclasses.fields(forge)}
    return Letters(**{**said, "others": victim.node.did})


Make = Callable[[Forge], bytes]
Table = dict[str, tuple[Make, str]]


def _put(name: str, make: Callable[[Forge, Json, Json], Json]) -> Make:
    """Take a good document and its proof apart, and put something together again."""

    def forge(forge: Forge) -> bytes:
        value, proof = forge.parts()
        return encode(make(forge, value, proof))

    forge.__name__ = name
    return forge


def replaced(old: bytes, new: bytes, **changes: Any) -> Make:
    """Spell a good document otherwise: bytes that stand in it once are replaced."""

    def forge(forge: Forge) -> bytes:
        body = forge.good(**changes)
        assert body.count(old) == 1, (old, body)
        return body.replace(old, new)

    return forge


def said(**changes: Any) -> Make:
    """Sign an offer that says something else."""
    return lambda forge: forge.good(**changes)


# --- the proof -------------------------------------------------------------------------------


def _without_context(proof: Json) -> Json:
    return {name: value for name, value in proof.items() if name != "@context"}


def _of(source: Callable[[Forge], bytes]) -> Make:
    """Take the proof of something else that the same organisation signed."""
    return lambda forge: encode({**forge.offer(), "proof": json.loads(source(forge))["proof"]})


def _nested(value: Json, proof: Json) -> Json:
    return {**value, "proof": {**proof, "proof": proof}}


PROOFS: Final[Table] = {
    "removed": (lambda f: encode(f.offer()), "bad-proof"),
    "null": (_put("null", lambda f, v, p: {**v, "proof": None}), "wrong-shape"),
    "empty": (_put("empty", lambda f, v, p: {**v, "proof": {}}), "bad-proof"),
    "its value alone": (
        _put("value", lambda f, v, p: {**v, "proof": p["proofValue"]}),
        "bad-proof",
    ),
    "a list of one": (_put("list", lambda f, v, p: {**v, "proof": [p]}), "bad-member-name"),
    "a list of two": (_put("two", lambda f, v, p: {**v, "proof": [p, p]}), "bad-member-name"),
    "a list of one without context": (
        _put("list", lambda f, v, p: {**v, "proof": [_without_context(p)]}),
        "bad-proof",
    ),
    "a list of none": (_put("none", lambda f, v, p: {**v, "proof": []}), "bad-proof"),
    "there twice": (lambda f: _doubled(f, b'"proof":'), "not-canonical"),
    "there twice, once escaped": (lambda f: _doubled(f, b'"pro\\u006ff":'), "not-canonical"),
    "there twice, the false one first": (
        lambda f: f.good().replace(b'"proof":', b'"proof":{},"proof":', 1),
        "not-canonical",
    ),
    "in the proof": (_put("nested", lambda f, v, p: _nested(v, p)), "bad-member-name"),
    "in the proof without context": (
        _put("nested", lambda f, v, p: _nested(v, _without_context(p))),
        "bad-proof",
    ),
    "as a member of another name": (
        _put("proofs", lambda f, v, p: {**v, "proofs": p}),
        "bad-member-name",
    ),
    "as a signature of an older kind": (
        _put("signature", lambda f, v, p: {**v, "signature": _without_context(p)}),
        "bad-proof",
    ),
    "in capitals": (_put("PROOF", lambda f, v, p: {**v, "Proof": p}), "bad-member-name"),
    "moved into ext": (
        _put("ext", lambda f, v, p: {**v, "ext": {"https://w3id.org/security#proof": p}}),
        "bad-member-name",
    ),
    "moved into a place": (
        _put("place", lambda f, v, p: {**v, "location": [{"proof": p}]}),
        "bad-member-name",
    ),
    "moved around the document": (
        _put("around", lambda f, v, p: {"document": v, "proof": p}),
        "bad-member-name",
    ),
    "spread over the document": (_put("spread", lambda f, v, p: {**v, **p}), "bad-proof"),
    "written as text": (
        _put("text", lambda f, v, p: {**v, "proof": encode(p).decode()}),
        "bad-proof",
    ),
    "in a list of the whole": (lambda f: b"[" + f.good() + b"]", "wrong-shape"),
    "of another document": (_of(lambda f: f.own), "bad-signature"),
    "of a head": (_of(lambda f: f.head), "bad-signature"),
    "of a message": (_of(lambda f: f.letter), "bad-signature"),
    "of the same document, earlier": (
        lambda f: encode({**f.offer(revision=8), "proof": f.parts()[1]}),
        "bad-signature",
    ),
    "over the document with a proof in it": (
        lambda f: f.sign({**f.offer(), "proof": f.parts()[1]}, after={"proofPurpose": "assertion"}),
        "bad-proof",
    ),
}


def _doubled(forge: Forge, name: bytes) -> bytes:
    """Put the proof in a second time, under a name that means the same to a parser."""
    body = forge.good()
    at = body.index(b'"proof":')
    end = body.index(b"}", at) + 1
    proof = body[at + len(b'"proof":') : end]
    return body[:end] + b"," + name + proof + body[end:]


# --- its options -----------------------------------------------------------------------------


def _opted(**options: Any) -> Make:
    """Say it before signing: the signature is over it."""
    named = {"@context" if n == "context" else n: one for n, one in options.items()}
    return lambda forge: forge.sign(forge.offer(), options=named)


def _after(**members: Any) -> Make:
    """Change it after signing."""
    named = {"@context" if n == "context" else n: one for n, one in members.items()}
    return lambda forge: forge.sign(forge.offer(), after=named)


def _method(make: Callable[[Forge], str], key: SigningKey | None = None) -> Make:
    return lambda forge: forge.sign(forge.offer(), method=make(forge), key=key or forge.key)


def _value(change: Callable[[Forge, bytes], str]) -> Make:
    """Write the signature otherwise."""

    def forge(forge: Forge) -> bytes:
        value, proof = forge.parts()
        raw = base58.decode(proof["proofValue"][1:])
        return encode({**value, "proof": {**proof, "proofValue": change(forge, raw)}})

    return forge


def _over(what: Callable[[Forge, Json, Json], bytes]) -> Make:
    """Sign other bytes than the hash of the options and the hash of the document."""

    def forge(forge: Forge) -> bytes:
        value, proof = forge.parts()
        options = {name: one for name, one in proof.items() if name != "proofValue"}
        signature = write_signature(forge.key.sign(what(forge, value, options)))
        return encode({**value, "proof": {**options, "proofValue": signature}})

    return forge


def _larger(raw: bytes) -> bytes:
    return raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")


MEMBERS: Final = (
    "@context",
    "type",
    "cryptosuite",
    "verificationMethod",
    "proofPurpose",
    "proofValue",
)

OPTIONS: Final[Table] = {
    **{
        f"without {name}": (
            _put(name, lambda f, v, p, n=name: {**v, "proof": {k: p[k] for k in p if k != n}}),
            "bad-proof",
        )
        for name in MEMBERS
    },
    **{
        f"{name} {what}": (
            _put(name, lambda f, v, p, n=name, w=wrong: {**v, "proof": {**p, n: w}}),
            "wrong-shape" if wrong is None else "bad-proof",
        )
        for name in MEMBERS
        for what, wrong in (
            ("null", None),
            ("a list", ["x"]),
            ("an object", {"en": "x"}),
            ("a number", 7),
            ("true", True),
            ("empty", ""),
        )
        if not (wrong == "" and name in {"verificationMethod", "proofValue"})
    },
    "verificationMethod empty": (_opted(verificationMethod=""), "unknown-key"),
    "proofValue empty": (_after(proofValue=""), "bad-signature"),
    **{
        f"with {name}": (_opted(**{name: value}), "bad-proof")
        for name, value in (
            ("id", "urn:uuid:5f1c1a3e-0000-4000-8000-000000000000"),
            ("created", "2026-05-01T09:00:00Z"),
            ("expires", "2027-05-01T09:00:00Z"),
            ("domain", "victim.example"),
            ("challenge", "x"),
            ("nonce", "x"),
            ("previousProof", "urn:x"),
            ("ext", {}),
        )
    },
    "with a member more after signing": (_after(domain="victim.example"), "bad-proof"),
    "with a name in capitals": (_opted(Type="DataIntegrityProof"), "bad-proof"),
    "of a signature suite of before": (_opted(type="Ed25519Signature2020"), "bad-proof"),
    "of a type in a list": (_opted(type=["DataIntegrityProof"]), "bad-proof"),
    "of the suite over RDF": (_opted(cryptosuite="eddsa-rdfc-2022"), "bad-proof"),
    "of the suite over RDF after signing": (_after(cryptosuite="eddsa-rdfc-2022"), "bad-proof"),
    "of a suite of P-256": (_opted(cryptosuite="ecdsa-jcs-2019"), "bad-proof"),
    "of no suite": (_opted(cryptosuite="none"), "bad-proof"),
    "of a suite in capitals": (_opted(cryptosuite="EDDSA-JCS-2022"), "bad-proof"),
    "to authenticate": (_opted(proofPurpose="authentication"), "bad-proof"),
    "to delegate": (_opted(proofPurpose="capabilityDelegation"), "bad-proof"),
    "of a later context": (_opted(context="https://w3id.org/localfed/1.1"), "bad-proof"),
    "of a list of contexts": (_opted(context=[CONTEXT]), "bad-proof"),
    "of the context of Data Integrity": (
        _opted(context="https://w3id.org/security/data-integrity/v2"),
        "bad-proof",
    ),
    "of a context changed after signing": (
        _after(context="https://w3id.org/localfed/1.1"),
        "bad-proof",
    ),
    "by a fragment alone": (_method(lambda f: f"#{f.key.multikey}"), "unknown-key"),
    "by a key without a DID": (_method(lambda f: f.key.multikey), "unknown-key"),
    "by a did:key": (
        _method(lambda f: f"did:key:{f.key.multikey}#{f.key.multikey}"),
        "unknown-key",
    ),
    "by two fragments": (_method(lambda f: f"{f.method}#x"), "unknown-key"),
    "by a method with a space": (_method(lambda f: f"{f.method} "), "unknown-key"),
    "by a method with a query": (
        _method(lambda f: f.method.replace("#", "?versionId=1#")),
        "unknown-key",
    ),
    "by a method with a path": (_method(lambda f: f.method.replace("#", "/#")), "unknown-key"),
    "by a method in percent signs": (
        _method(lambda f: f.method.replace("#", "%23")),
        "unknown-key",
    ),
    "by a method in capitals": (
        _method(lambda f: f.method.replace(".example", ".Example")),
        "unknown-key",
    ),
    "by a method with a dot more": (
        _method(lambda f: f.method.replace(".example#", ".example.#")),
        "unknown-key",
    ),
    "by the key at a URL": (
        _method(lambda f: f"https://friend.example/did.jsonl#{f.key.multikey}"),
        "unknown-key",
    ),
    "by the key under another's DID": (
        _method(lambda f: f"{f.others}#{f.key.multikey}"),
        "unknown-key",
    ),
    "by a stranger's key": (
        _method(lambda f: f"{f.did}#{MALLORY.multikey}", MALLORY),
        "unknown-key",
    ),
    "by a stranger's key under the name of the true one": (
        _method(lambda f: f.method, MALLORY),
        "bad-signature",
    ),
    "by a method changed after signing": (
        lambda f: f.sign(f.offer(), method=f"{f.others}#x", after={"verificationMethod": f.method}),
        "bad-signature",
    ),
    "in hexadecimal": (_value(lambda f, raw: "f" + raw.hex()), "bad-signature"),
    "in base64": (_value(lambda f, raw: "u" + "A" * 86), "bad-signature"),
    "with a capital z": (_value(lambda f, raw: "Z" + base58.encode(raw)), "bad-signature"),
    "without z": (_value(lambda f, raw: base58.encode(raw)), "bad-signature"),
    "with a space": (_value(lambda f, raw: "z" + base58.encode(raw) + " "), "bad-signature"),
    "with zeros in front": (_value(lambda f, raw: "z1" + base58.encode(raw)), "bad-signature"),
    "a byte short": (_value(lambda f, raw: write_signature(raw[:63])), "bad-signature"),
    "a byte long": (_value(lambda f, raw: write_signature(raw + b"\0")), "bad-signature"),
    "with the same S in another spelling": (
        _value(lambda f, raw: write_signature(_larger(raw))),
        "bad-signature",
    ),
    "with the top bit of S": (
        _value(lambda f, raw: write_signature(raw[:63] + bytes([raw[63] | 0x80]))),
        "bad-signature",
    ),
    "of zeros": (_value(lambda f, raw: write_signature(bytes(64))), "bad-signature"),
    "of a small R and no S": (
        _value(lambda f, raw: write_signature(b"\x01" + bytes(63))),
        "bad-signature",
    ),
    "of R and S exchanged": (
        _value(lambda f, raw: write_signature(raw[32:] + raw[:32])),
        "bad-signature",
    ),
    "over the hashes exchanged": (
        _over(lambda f, v, o: hash_data(v, o)[32:] + hash_data(v, o)[:32]),
        "bad-signature",
    ),
    "over the document alone": (_over(lambda f, v, o: encode(v)), "bad-signature"),
    "over the hash of the document alone": (
        _over(lambda f, v, o: hash_data(v, o)[32:]),
        "bad-signature",
    ),
    "over the options alone": (_over(lambda f, v, o: hash_data(v, o)[:32]), "bad-signature"),
    "over nothing": (_over(lambda f, v, o: b""), "bad-signature"),
    "over the document without its issuer": (
        _over(lambda f, v, o: hash_data({n: v[n] for n in v if n != "issuer"}, o)),
        "bad-signature",
    ),
    "over options without context": (
        _over(lambda f, v, o: hash_data(v, _without_context(o))),
        "bad-signature",
    ),
}


# --- the context, and what JSON-LD would make of it ------------------------------------------

EVIL: Final = "https://evil.example/context"
REMAP: Final = {"name": "https://schema.org/alternateName", "Offer": "https://schema.org/Demand"}

CONTEXTS: Final[Table] = {
    "a list of it": (said(context=[CONTEXT]), "wrong-shape"),
    "one appended": (said(context=[CONTEXT, EVIL]), "wrong-shape"),
    "one put before": (said(context=[EVIL, CONTEXT]), "wrong-shape"),
    "a remapping appended": (said(context=[CONTEXT, REMAP]), "wrong-shape"),
    "a remapping alone": (said(context=REMAP), "wrong-shape"),
    "none": (
        lambda f: f.sign(f.offer(context=...), options={"@context": CONTEXT}),
        "wrong-shape",
    ),
    "null": (said(context=None), "wrong-shape"),
    "another": (said(context=EVIL), "unknown-context"),
    "of major version 2": (said(context="https://w3id.org/localfed/2.0"), "unknown-context"),
    "without a minor version": (said(context="https://w3id.org/localfed/1"), "unknown-context"),
    "with a zero in front": (said(context="https://w3id.org/localfed/1.00"), "unknown-context"),
    "over http": (said(context="http://w3id.org/localfed/1.0"), "unknown-context"),
    "with a fragment": (said(context=f"{CONTEXT}#x"), "unknown-context"),
    "with a query": (said(context=f"{CONTEXT}?x"), "unknown-context"),
    "with a slash": (said(context=f"{CONTEXT}/"), "unknown-context"),
    "with a line feed": (said(context=f"{CONTEXT}\n"), "unknown-context"),
    "in other digits": (said(context="https://w3id.org/localfed/1.٠"), "unknown-context"),
    "at another host of that name": (
        said(context="https://w3id.org@evil.example/localfed/1.0"),
        "unknown-context",
    ),
    "swapped after signing": (
        lambda f: f.good().replace(b"localfed/1.0", b"localfed/1.1"),
        "bad-signature",
    ),
    "swapped after signing, of the document alone": (
        lambda f: f.good().replace(b"localfed/1.0", b"localfed/1.1", 1),
        "bad-proof",
    ),
    "there twice": (
        lambda f: f.good().replace(b"{", b'{"@context":"' + EVIL.encode() + b'",', 1),
        "not-canonical",
    ),
    "there twice, once escaped": (
        lambda f: f.good().replace(b"{", b'{"@conte\\u0078t":"' + EVIL.encode() + b'",', 1),
        "not-canonical",
    ),
    "in a name": (said(name={"en": "Bread", "@context": EVIL}), "bad-member-name"),
    "in a place": (
        said(location=[{"name": {"en": "Here"}, "@context": EVIL}]),
        "bad-member-name",
    ),
    "in a member of no meaning": (said(more={"@context": EVIL}), "bad-member-name"),
    "in a list in ext": (
        said(ext={"https://x.example/": [[{"@context": EVIL}]]}),
        "bad-member-name",
    ),
    "as a name of ext": (said(ext={"@context": EVIL}), "bad-member-name"),
    **{
        f"{keyword} at the top": (said(**{keyword: value}), "bad-member-name")
        for keyword, value in (
            ("@graph", [{"@id": "x"}]),
            ("@included", [{}]),
            ("@reverse", {"itemOffered": "x"}),
            ("@id", "https://evil.example/"),
            ("@type", "Need"),
            ("@value", "x"),
            ("@nest", {"name": {"en": "Other"}}),
            ("@index", "x"),
            ("@language", "en"),
            ("@direction", "rtl"),
            ("@base", "https://evil.example/"),
            ("@vocab", "https://evil.example/"),
            ("@import", EVIL),
            ("@protected", False),
            ("@version", 1),
        )
    },
    "@graph around all": (
        _put("graph", lambda f, v, p: {"@context": CONTEXT, "@graph": [v], "proof": p}),
        "bad-member-name",
    ),
    "@graph in a place": (said(location=[{"@graph": [{"x": 1}]}]), "bad-member-name"),
    "@reverse in a member of no meaning": (said(more={"@reverse": {"x": "y"}}), "bad-member-name"),
    "@type in a name": (said(name={"en": "Bread", "@type": "x"}), "bad-member-name"),
    "@graph, escaped": (
        replaced(b'"name":', b'"\\u0040graph":[],"name":'),
        "bad-member-name",
    ),
    "a prefix as a member": (said(**{"schema:name": "Other"}), "bad-member-name"),
    "an IRI as a member": (said(**{"https://schema.org/name": "Other"}), "bad-member-name"),
}
"""Whatever remaps keeps the RDF and changes what the JSON says, or the other way round."""


def graph_in_ext(forge: Forge) -> bytes:
    """Say all of it inside `ext`, where it is nobody's but its author's: good, and it says nothing."""
    inside = {"@graph": [{"@id": forge.others, "@type": "Offer"}], "@reverse": {"x": "y"}}
    return forge.good(ext={"https://x.example/": inside})
