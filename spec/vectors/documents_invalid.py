"""Documents that every reader refuses, each for one reason, with the code and the rule.

Here: tables of cases by section. Not here: writing them (`make_documents.py`), forging
(`forge_document.py`).
"""

from __future__ import annotations

from typing import Any, Final

import exchanges_invalid
import listings_invalid
import pictures_invalid
from documents_valid import NEW_METHOD, nested, values_left
from forge_document import (
    AT,
    CONTACT,
    DID,
    HALF,
    METHOD,
    OTHER_RECORD,
    OWN,
    PARTNER,
    RECORD,
    UPDATED,
    Json,
    contact,
    envelope,
    exchange,
    half,
    identity_of,
    listed,
    offer,
    own,
    signed,
)
from forge_log import DOCUMENT_KEY, FORGER, KIT, NEW_KEY

from localfed.protocol import base58
from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest
from localfed.protocol.proofs import hash_data, write_signature

Case = dict[str, Any]

EXT: Final = "https://vocab.example/x"
MOVED: Final = identity_of("valid/moved.jsonl").current_did
STRANGER: Final = identity_of("valid/no-trustee.jsonl").did
REVOKER: Final = identity_of("valid/asserted-key-revoked.jsonl").did
REVOKED: Final = f"{REVOKER}#{DOCUMENT_KEY.multikey}"
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493


def cases() -> dict[str, Case]:
    """Give every case by its name."""
    found: dict[str, Case] = {}
    for table in (_bytes, _limits, _characters, _proofs, _envelope, _ids, _times, _forms, _types):
        for name, case in table().items():
            assert name not in found, name
            found[name] = case
    for tables, path in (
        (
            (
                listings_invalid.listings,
                listings_invalid.schedules,
                pictures_invalid.pictures,
                exchanges_invalid.exchanges,
            ),
            RECORD,
        ),
        ((listings_invalid.organisations, pictures_invalid.logos), OWN),
    ):
        for table in tables:
            for name, (rule, code, document) in table().items():
                assert name not in found, name
                found[name] = _case(rule, code, signed(document), path)
    return found


def _case(rule: str, code: str, body: bytes, path: str = RECORD, **more: Any) -> Case:
    return {"rule": rule, "code": code, "body": body, "path": path, "at": AT, **more}


def _shape(rule: str, /, **changes: Any) -> Case:
    """Make an offer with one wrong member."""
    return _case(rule, "wrong-shape", signed(offer(**changes)))


def _half(rule: str, /, **changes: Any) -> Case:
    """Make half of a partnership with one wrong member."""
    return _case(rule, "wrong-shape", signed(half(**changes)), HALF)


def _contact(rule: str, /, **changes: Any) -> Case:
    """Make a contact with one wrong member."""
    return _case(rule, "wrong-shape", signed(contact(**changes)), CONTACT)


def _place(rule: str, **place: Any) -> Case:
    return _shape(rule, location=[place])


def _bytes() -> dict[str, Case]:
    good = signed(offer())

    def other(old: bytes, new: bytes) -> Case:
        assert good.count(old) == 1, old
        return _case("LF-BYTES-1", "not-canonical", good.replace(old, new))

    def broken(rule: str, code: str, body: bytes) -> Case:
        return _case(rule, code, body)

    def big(digits: str) -> bytes:
        return signed(offer(number=7)).replace(b'"number":7', b'"number":' + digits.encode())

    languages = ("en", "cy", "gd", "fr", "de", "pl", "ur")
    return {
        "space-after-colon": other(b'"type":"Offer"', b'"type": "Offer"'),
        "line-feed-at-the-end": broken("LF-BYTES-1", "not-canonical", good + b"\n"),
        "member-twice": other(b'"name":', b'"name":{"en":"Other"},"name":'),
        "member-twice-escaped": other(b'"name":', b'"n\\u0061me":{"en":"Other"},"name":'),
        "other-order": broken(
            "LF-BYTES-1",
            "not-canonical",
            good.replace(b'"type":"Offer",', b"").replace(b"{", b'{"type":"Offer",', 1),
        ),
        "member-twice-in-a-place": broken(
            "LF-BYTES-1",
            "not-canonical",
            signed(offer(location=[{"name": {"en": "Mill"}}])).replace(
                b'[{"name":', b'[{"name":{"en":"Dale"},"name":'
            ),
        ),
        "member-twice-in-the-proof": other(
            b'"proofPurpose":', b'"proofPurpose":"authentication","proofPurpose":'
        ),
        "needless-escape": other(b"Veg box", b"V\\u0065g box"),
        "escaped-slash": other(b'"https://creative', b'"https:\\/\\/creative'),
        "upper-case-escape": broken(
            "LF-BYTES-1",
            "not-canonical",
            signed(offer(name={"en": "Veg\x1fbox"})).replace(b"\\u001f", b"\\u001F"),
        ),
        "minus-zero": broken("LF-BYTES-1", "not-canonical", big("-0")),
        "integer-with-exponent": broken("LF-BYTES-6", "bad-number", big("1E1")),
        "empty-file": broken("LF-BYTES-8", "not-json", b""),
        "cut-short": broken("LF-BYTES-8", "not-json", good[:-1]),
        "two-values": broken("LF-BYTES-8", "not-json", good + good),
        "trailing-comma": broken("LF-BYTES-8", "not-json", good[:-1] + b",}"),
        "not-a-number": broken("LF-BYTES-8", "not-json", big("NaN")),
        "leading-zero": broken("LF-BYTES-8", "not-json", big("07")),
        "raw-control-character": broken(
            "LF-BYTES-8", "not-json", good.replace(b"Veg box", b"Veg\x01box")
        ),
        "byte-order-mark": broken("LF-BYTES-8", "not-json", b"\xef\xbb\xbf" + good),
        "not-utf8": broken("LF-BYTES-8", "not-utf8", good.replace(b"Veg", b"V\xe9g")),
        "surrogates-in-utf8": broken(
            "LF-BYTES-8", "not-utf8", good.replace(b"Veg", b"\xed\xa0\xbd\xed\xb8\x80")
        ),
        "utf16": broken("LF-BYTES-8", "not-utf8", good.decode().encode("utf-16")),
        "too-large": broken(
            "LF-BYTES-8",
            "too-large",
            signed(offer(description=dict.fromkeys(languages, "x" * 9999))),
        ),
        "half-a-surrogate-pair": broken(
            "LF-BYTES-7", "bad-character", good.replace(b"Veg", b"\\ud83d")
        ),
        "second-half-of-a-surrogate-pair": broken(
            "LF-BYTES-7", "bad-character", good.replace(b"Veg", b"\\ude00 and more")
        ),
        "not-an-object": broken("LF-DOC-1", "wrong-shape", b"[" + good + b"]"),
        "type-twice": other(b'"type":"Offer"', b'"type":"Need","type":"Offer"'),
        "member-twice-at-the-end": broken(
            "LF-BYTES-1", "not-canonical", good[:-1] + b',"name":{"en":"Other"}}'
        ),
        "language-twice": other(b'{"en":"Veg box"}', b'{"en":"Veg box","en":"Gold"}'),
        "surrogate-pair-escaped": other(b"Veg box", b"\\ud83d\\ude00"),
        "minus-zero-with-a-fraction": broken("LF-BYTES-6", "bad-number", big("-0.0")),
        "plus-sign": broken("LF-BYTES-8", "not-json", big("+7")),
        "hexadecimal": broken("LF-BYTES-8", "not-json", big("0x7")),
        "fraction-without-digits": broken("LF-BYTES-8", "not-json", big("7.")),
        "fraction-without-number": broken("LF-BYTES-8", "not-json", big(".7")),
        "infinity": broken("LF-BYTES-8", "not-json", big("Infinity")),
        "digit-of-another-script": broken("LF-BYTES-8", "not-json", big("٧")),
        "integer-of-2-to-the-64": broken("LF-BYTES-6", "bad-number", big(str(2**64 + 7))),
        "raw-null": broken("LF-BYTES-8", "not-json", good.replace(b"Veg", b"V\0g")),
        "null-in-two-bytes": broken("LF-BYTES-8", "not-utf8", good.replace(b"Veg", b"\xc0\x80")),
        "quote-in-two-bytes": broken("LF-BYTES-8", "not-utf8", good.replace(b"Veg", b"\xc0\xa2")),
        "beyond-unicode": broken(
            "LF-BYTES-8", "not-utf8", good.replace(b"Veg", b"\xf4\x90\x80\x80")
        ),
        "utf16-without-mark": broken("LF-BYTES-8", "not-json", good.decode().encode("utf-16-le")),
        "surrogate-pair-in-the-other-order": broken(
            "LF-BYTES-7", "bad-character", good.replace(b"Veg", b"\\ude00\\ud83d")
        ),
        "other-digest": {
            **broken("LF-BYTES-10", "wrong-digest", good),
            "digest": digest(good + b"\n"),
        },
        "other-digest-of-broken-bytes": {
            **broken("LF-ACCEPT-2", "wrong-digest", good[:-1]),
            "digest": digest(good),
        },
    }


def _objects(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"m": value}
    return value


def _proof_again(body: bytes, name: bytes) -> bytes:
    """Put the proof in a second time under a name that means the same to a parser."""
    at = body.index(b'"proof":') + len(b'"proof":')
    end = body.index(b"}", at) + 1
    return body[:end] + b"," + name + body[at:end] + body[end:]


def _limits() -> dict[str, Case]:
    def extended(rule: str, code: str, value: Any) -> Case:
        return _case(rule, code, signed(offer(ext={EXT: value})))

    def named(name: str) -> Case:
        return _case("LF-BYTES-5", "bad-member-name", signed(offer(**{name: 1})))

    def numbered(digits: str) -> Case:
        body = signed(offer(ext={EXT: 7})).replace(b'x":7', b'x":' + digits.encode())
        return _case("LF-BYTES-6", "bad-number", body)

    return {
        "nested-33-deep": extended("LF-BYTES-3", "too-deep", nested(31)),
        "nested-a-hundred-thousand-deep": _case(
            "LF-BYTES-3", "too-deep", b"[" * 30_000 + b"]" * 30_000
        ),
        "objects-nested-33-deep": extended("LF-BYTES-3", "too-deep", _objects(31)),
        "brackets-without-end": _case("LF-BYTES-3", "too-deep", b"[" * 30_000),
        "257-members-at-the-top": _case(
            "LF-BYTES-4", "too-many-values", signed(offer(**{f"m{n}": 0 for n in range(257)}))
        ),
        "5001-values-in-many-lists": _case(
            "LF-BYTES-4", "too-many-values", signed(offer(more=[[0] * 50] * 100))
        ),
        "name-of-a-prefix": named("schema:name"),
        "name-an-iri": named("https://schema.org/name"),
        "name-with-null": named("na\0me"),
        "name-in-another-alphabet": named("n\u0430me"),
        "included-keyword": named("@included"),
        "reverse-keyword": named("@reverse"),
        "vocab-keyword": named("@vocab"),
        "graph-keyword-escaped": _case(
            "LF-BYTES-5",
            "bad-member-name",
            signed(offer()).replace(b'"name":', b'"\\u0040graph":[],"name":'),
        ),
        "257-members": extended(
            "LF-BYTES-4", "too-many-values", {f"m{number}": 0 for number in range(257)}
        ),
        "5001-values": extended("LF-BYTES-4", "too-many-values", [0] * (values_left() + 1)),
        "name-not-ascii": named("größe"),
        "name-begins-with-digit": named("1st"),
        "name-empty": named(""),
        "name-too-long": named("a" * 65),
        "name-with-at": named("@type"),
        "graph-keyword": named("@graph"),
        "name-in-place-with-at": _case(
            "LF-BYTES-5",
            "bad-member-name",
            signed(offer(location=[{"name": {"en": "X"}, "@id": "x"}])),
        ),
        "name-in-ext-with-space": extended("LF-BYTES-5", "bad-member-name", {"a b": 1}),
        "name-in-ext-with-quote": extended("LF-BYTES-5", "bad-member-name", {'a"b': 1}),
        "name-in-ext-with-backslash": extended("LF-BYTES-5", "bad-member-name", {"a\\b": 1}),
        "name-in-ext-not-ascii": extended("LF-BYTES-5", "bad-member-name", {"größe": 1}),
        "name-in-ext-too-long": extended("LF-BYTES-5", "bad-member-name", {"a" * 256: 1}),
        "fraction": numbered("1.5"),
        "fraction-that-is-none": numbered("1.0"),
        "exponent": numbered("1e3"),
        "integer-too-large": numbered("9007199254740992"),
        "integer-too-small": numbered("-9007199254740992"),
        "integer-of-500-digits": numbered("9" * 500),
        "number-beyond-doubles": numbered("1e999"),
    }


def _characters() -> dict[str, Case]:
    def held(character: str, rule: str = "LF-BYTES-7") -> Case:
        body = signed(offer(description={"en": f"a{character}b"}))
        return _case(rule, "bad-character", body)

    return {
        "u0000": held("\0"),
        "u0009-tab": held("\t"),
        "u000d-carriage-return": held("\r"),
        "u001f": held("\x1f"),
        "u007f": held("\x7f"),
        "u0085-next-line": held("\x85"),
        "u009f": held("\x9f"),
        "u2028-line-separator": held("\u2028"),
        "u202e-right-to-left": held("\u202e"),
        "u2066-isolate": held("\u2066"),
        "u2069-isolate-end": held("\u2069"),
        "bidirectional-in-ext": _case(
            "LF-BYTES-7", "bad-character", signed(offer(ext={EXT: "\u202d"}))
        ),
    }


def _proofs() -> dict[str, Case]:
    document = offer()
    good = signed(document)

    def formed(**after: Any) -> Case:
        after = {"@context" if name == "context" else name: value for name, value in after.items()}
        return _case("LF-PROOF-1", "bad-proof", signed(document, after=after))

    def optioned(**options: Any) -> Case:
        return _case("LF-PROOF-2", "bad-proof", signed(document, options=options))

    def proven(proof: Any) -> bytes:
        return encode({**document, "proof": proof})

    def valued(value: str) -> Case:
        body = signed(document, after={"proofValue": value})
        return _case("LF-PROOF-5", "bad-signature", body)

    def keyed(body: bytes, **more: Any) -> Case:
        return _case("LF-PROOF-4", "unknown-key", body, **more)

    proof = signed_proof(document)
    signature = base58.decode(proof["proofValue"][1:])
    larger = (int.from_bytes(signature[32:], "little") + _ORDER).to_bytes(32, "little")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    both = hash_data(document, options)
    swapped = DOCUMENT_KEY.sign(both[32:] + both[:32])
    of_other = {
        name: value
        for name, value in signed_proof(offer(name={"en": "Fruit box"})).items()
        if name == "proofValue"
    }
    return {
        "no-proof": _case("LF-PROOF-1", "bad-proof", encode(document)),
        "proof-in-array": _case("LF-PROOF-1", "bad-member-name", proven([proof])),
        "two-proofs": _case("LF-PROOF-1", "bad-member-name", proven([proof, proof, proof])),
        "proof-null": _case("LF-DOC-3", "wrong-shape", proven(None)),
        "proof-twice": _case("LF-BYTES-1", "not-canonical", _proof_again(good, b'"proof":')),
        "proof-twice-escaped": _case(
            "LF-BYTES-1", "not-canonical", _proof_again(good, b'"pr\\u006fof":')
        ),
        "proof-in-array-without-context": _case(
            "LF-PROOF-1",
            "bad-proof",
            proven([{name: proof[name] for name in proof if name != "@context"}]),
        ),
        "proof-in-proof": _case("LF-PROOF-1", "bad-member-name", proven({**proof, "proof": proof})),
        "proof-under-another-name": _case(
            "LF-PROOF-1", "bad-member-name", encode({**document, "proofs": proof})
        ),
        "proof-around-the-document": _case(
            "LF-PROOF-1", "bad-member-name", encode({"document": document, "proof": proof})
        ),
        "proof-spread-over-the-document": _case(
            "LF-PROOF-1", "bad-proof", encode({**document, **proof, "type": "Offer"})
        ),
        "proof-with-nonce": optioned(nonce="1") | {"rule": "LF-PROOF-1"},
        "proof-with-id": optioned(id="urn:x") | {"rule": "LF-PROOF-1"},
        "proof-with-challenge": optioned(challenge="x") | {"rule": "LF-PROOF-1"},
        "proof-with-expires": optioned(expires="2027-05-02T09:30:00Z") | {"rule": "LF-PROOF-1"},
        "proof-of-a-previous-one": optioned(previousProof="urn:x") | {"rule": "LF-PROOF-1"},
        "proof-without-type": formed(type=...),
        "proof-without-suite": formed(cryptosuite=...),
        "proof-without-method": formed(verificationMethod=...),
        "proof-without-value": formed(proofValue=...),
        "proof-a-string": _case("LF-PROOF-1", "bad-proof", proven("none")),
        "proof-empty": _case("LF-PROOF-1", "bad-proof", proven({})),
        "proof-with-created": optioned(created=UPDATED) | {"rule": "LF-PROOF-1"},
        "proof-with-domain": formed(domain="grocer.example"),
        "proof-without-purpose": formed(proofPurpose=...),
        "proof-without-context": formed(context=...),
        "proof-of-another-context": optioned(**{"@context": "https://w3id.org/localfed/1.1"}),
        "proof-context-in-array": optioned(**{"@context": [document["@context"]]}),
        "proof-of-another-type": optioned(type="Ed25519Signature2020"),
        "proof-of-another-suite": optioned(cryptosuite="eddsa-rdfc-2022"),
        "proof-of-another-purpose": optioned(proofPurpose="authentication"),
        "proof-value-a-number": _case(
            "LF-PROOF-1", "bad-proof", signed(document, after={"proofValue": 7})
        ),
        "method-a-list": optioned(verificationMethod=[NEW_METHOD]),
        "method-of-nobody": keyed(signed(document, key=FORGER, method=f"{DID}#{FORGER.multikey}")),
        "method-by-a-forger-with-the-right-fragment": _case(
            "LF-PROOF-4", "bad-signature", signed(document, key=FORGER)
        ),
        "method-of-another-identity": keyed(
            signed(document, method=f"{STRANGER}#{DOCUMENT_KEY.multikey}")
        ),
        "method-an-update-key": keyed(
            signed(document, key=KIT.update_key(0), method=f"{DID}#{KIT.update_key(0).multikey}")
        ),
        "method-without-did": keyed(signed(document, method=f"#{DOCUMENT_KEY.multikey}")),
        "method-a-did-key": keyed(
            signed(document, method=f"did:key:{DOCUMENT_KEY.multikey}#{DOCUMENT_KEY.multikey}")
        ),
        "method-of-the-later-did": keyed(
            signed(document, key=NEW_KEY, method=f"{MOVED}#{NEW_KEY.multikey}"),
            log="valid/moved.jsonl",
        ),
        "key-that-was-removed": keyed(good, log="valid/key-removed.jsonl"),
        "key-that-was-revoked": keyed(
            signed(offer(issuer=REVOKER, id=f"{REVOKER}/{RECORD}"), method=REVOKED),
            log="valid/asserted-key-revoked.jsonl",
        ),
        "key-not-yet-there": keyed(signed(document, key=NEW_KEY, method=NEW_METHOD)),
        "method-with-query": keyed(signed(document, method=METHOD.replace("#", "?v=1#"))),
        "method-with-two-fragments": keyed(signed(document, method=f"{METHOD}#x")),
        "method-percent-encoded": keyed(signed(document, method=METHOD.replace("#", "%23"))),
        "method-with-space": keyed(signed(document, method=f"{METHOD} ")),
        "method-changed-after-signing": _case(
            "LF-PROOF-3",
            "bad-signature",
            signed(document, method=f"{STRANGER}#x", after={"verificationMethod": METHOD}),
        ),
        "value-in-hexadecimal": valued("f" + signature.hex()),
        "value-with-capital-z": valued("Z" + proof["proofValue"][1:]),
        "value-with-space": valued(proof["proofValue"] + " "),
        "value-without-z": valued(proof["proofValue"][1:]),
        "value-base64url": valued("u" + "A" * 86),
        "value-too-short": valued("z" + base58.encode(signature[:63])),
        "value-too-long": valued("z" + base58.encode(signature + b"\0")),
        "value-with-zero-in-front": valued("z1" + proof["proofValue"][1:]),
        "value-not-base58": valued("z" + "0" * 86),
        "signature-changed": valued(write_signature(bytes([signature[0] ^ 1]) + signature[1:])),
        "signature-with-larger-s": valued(write_signature(signature[:32] + larger)),
        "signature-with-top-bit-of-s": valued(
            write_signature(signature[:63] + bytes([signature[63] | 0x80]))
        ),
        "signature-of-small-r-and-no-s": valued(write_signature(b"\x01" + bytes(63))),
        "signature-of-r-and-s-exchanged": valued(write_signature(signature[32:] + signature[:32])),
        "signature-over-nothing": {
            **valued(write_signature(DOCUMENT_KEY.sign(b""))),
            "rule": "LF-PROOF-3",
        },
        "signature-over-options-alone": {
            **valued(write_signature(DOCUMENT_KEY.sign(both[:32]))),
            "rule": "LF-PROOF-3",
        },
        "signature-over-document-alone": {
            **valued(write_signature(DOCUMENT_KEY.sign(both[32:]))),
            "rule": "LF-PROOF-3",
        },
        "signature-of-zeros": valued(write_signature(bytes(64))),
        "signature-of-another-document": _case(
            "LF-PROOF-3", "bad-signature", signed(document, after=of_other)
        ),
        "hashes-in-the-other-order": {**valued(write_signature(swapped)), "rule": "LF-PROOF-3"},
        "signed-without-hashing": {
            **valued(write_signature(DOCUMENT_KEY.sign(encode(document)))),
            "rule": "LF-PROOF-3",
        },
        "text-changed-after-signing": _case(
            "LF-PROOF-3", "bad-signature", good.replace(b"Veg box", b"Veg bag")
        ),
        "type-changed-after-signing": _case(
            "LF-PROOF-3", "bad-signature", good.replace(b'"Offer"', b'"Need"')
        ),
        "member-taken-out-after-signing": _case(
            "LF-PROOF-3",
            "bad-signature",
            signed(offer(url="https://grocer.example/")).replace(
                b',"url":"https://grocer.example/"', b""
            ),
        ),
        "member-added-after-signing": _case(
            "LF-PROOF-3", "bad-signature", good.replace(b'"name":', b'"more":1,"name":')
        ),
        "proof-inside-ext": _case(
            "LF-DOC-2",
            "bad-member-name",
            encode({**offer(ext={EXT: {"proof": proof}}), "proof": proof}),
        ),
    }


def signed_proof(document: Json) -> Json:
    """Give the proof of a document alone."""
    options = {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{DID}#{DOCUMENT_KEY.multikey}",
        "proofPurpose": "assertionMethod",
    }
    signature = DOCUMENT_KEY.sign(hash_data(document, options))
    return {**options, "proofValue": write_signature(signature)}


def _envelope() -> dict[str, Case]:
    def lacking(name: str) -> Case:
        return _shape("LF-DOC-1", **{name: ...})

    def context(value: Any, code: str = "unknown-context") -> Case:
        return _case("LF-DOC-2", code, signed(offer(context=value)))

    def extended(ext: Any, code: str = "bad-member-name") -> Case:
        return _case("LF-DOC-3", code, signed(offer(ext=ext)))

    here = "https://w3id.org/localfed/1.0"
    return {
        **{
            f"without-{name}": lacking(name)
            for name in ("id", "type", "issuer", "revision", "updated", "expires", "assured")
        },
        "without-license": lacking("license"),
        "without-context": _case(
            "LF-DOC-1", "wrong-shape", signed(offer(context=...), options={"@context": here})
        ),
        "type-with-space": _shape("LF-DOC-1", type="An Offer"),
        "type-a-list": _shape("LF-DOC-1", type=["Offer"]),
        "revision-negative": _shape("LF-DOC-1", revision=-1),
        "revision-a-string": _shape("LF-DOC-1", revision="1"),
        "revision-true": _shape("LF-DOC-1", revision=True),
        "license-no-url": _shape("LF-DOC-1", license="CC BY 4.0"),
        "language-unknown-form": _shape("LF-DOC-1", language="English"),
        "context-of-major-2": context("https://w3id.org/localfed/2.0"),
        "context-with-leading-zero": context("https://w3id.org/localfed/1.01"),
        "context-1000": context("https://w3id.org/localfed/1.1000"),
        "context-http": context("http://w3id.org/localfed/1.0"),
        "context-with-fragment": context("https://w3id.org/localfed/1.0#"),
        "context-a-list": context([here], "wrong-shape"),
        "context-an-object": context({"name": "https://evil.example/"}, "wrong-shape"),
        "context-with-slash": context(f"{here}/"),
        "context-with-line-feed": context(f"{here}\n"),
        "context-at-another-host": context("https://w3id.org@evil.example/localfed/1.0"),
        "context-without-minor-version": context("https://w3id.org/localfed/1"),
        "context-of-other-digits": context("https://w3id.org/localfed/1.٠"),
        "context-with-another-appended": context(
            [here, "https://evil.example/context"], "wrong-shape"
        ),
        "context-with-a-remapping": context(
            [here, {"name": "https://schema.org/alternateName"}], "wrong-shape"
        ),
        "context-null": context(None, "wrong-shape"),
        "context-changed-after-signing": _case(
            "LF-DOC-2",
            "bad-signature",
            signed(offer()).replace(b"localfed/1.0", b"localfed/1.1"),
        ),
        "context-twice": _case(
            "LF-BYTES-1",
            "not-canonical",
            signed(offer()).replace(b"{", b'{"@context":"https://evil.example/",', 1),
        ),
        "context-twice-escaped": _case(
            "LF-BYTES-1",
            "not-canonical",
            signed(offer()).replace(b"{", b'{"@conte\\u0078t":"https://evil.example/",', 1),
        ),
        "context-in-name": _case(
            "LF-DOC-2", "bad-member-name", signed(offer(name={"en": "X", "@context": here}))
        ),
        "context-around-a-graph": _case(
            "LF-BYTES-5",
            "bad-member-name",
            encode({"@context": here, "@graph": [offer()], "proof": signed_proof(offer())}),
        ),
        "context-in-ext": _case(
            "LF-DOC-2", "bad-member-name", signed(offer(ext={EXT: {"@context": here}}))
        ),
        "context-in-place": _case(
            "LF-DOC-2",
            "bad-member-name",
            signed(offer(location=[{"@context": here, "name": {"en": "X"}}])),
        ),
        "ext-name-http": extended({"http://vocab.example/x": 1}),
        "ext-name-no-iri": extended({"size": 1}),
        "ext-a-string": extended("x", "wrong-shape"),
        "null-for-absent": _shape("LF-DOC-3", url=None),
        "null-in-place": _shape("LF-DOC-3", location=[{"name": {"en": "X"}, "radius": None}]),
        "null-in-unknown-member": _shape("LF-DOC-3", later=[{"a": None}]),
        "null-for-ext": extended(None, "wrong-shape"),
        "critical-not-there": _shape("LF-DOC-4", critical=["terms"]),
        "critical-a-string": _shape("LF-DOC-4", critical="name"),
        "critical-too-long": _shape("LF-DOC-4", critical=["a" * 65], **{"a" * 64: 1}),
        "message-in-feed": _case("LF-DOC-13", "wrong-shape", signed(offer(type="Proposal"))),
        "head-in-feed": _case("LF-DOC-13", "wrong-shape", signed(offer(type="Head"))),
    }


def _ids() -> dict[str, Case]:
    def issued(**changes: Any) -> Case:
        return _case("LF-DOC-5", "wrong-issuer", signed(offer(**changes)))

    def at(path: str, *, code: str = "wrong-path", rule: str = "LF-DOC-7", **changes: Any) -> Case:
        document = {**envelope("Workshop", path), **changes}
        return _case(rule, code, signed(document), path)

    return {
        "issuer-another": issued(issuer=STRANGER, id=f"{STRANGER}/{RECORD}"),
        "issuer-the-later-did": {
            **_case(
                "LF-DOC-5",
                "wrong-issuer",
                signed(offer(issuer=MOVED, id=f"{MOVED}/{RECORD}"), key=NEW_KEY, method=NEW_METHOD),
            ),
            "log": "valid/moved.jsonl",
        },
        "issuer-upper-case": issued(issuer=DID.replace("grocer", "Grocer")),
        "issuer-closed": _case(
            "LF-DOC-5", "identity-closed", signed(offer()), log="valid/closed.jsonl"
        ),
        "id-of-another": _case(
            "LF-DOC-6", "wrong-issuer", signed(offer(id=f"{STRANGER}/{RECORD}"))
        ),
        "id-without-slash": _case("LF-DOC-6", "wrong-issuer", signed(offer(id=DID + RECORD))),
        "id-of-a-longer-did": _case(
            "LF-DOC-6", "wrong-issuer", signed(offer(id=f"{DID}:shop/{RECORD}"))
        ),
        "id-the-did-alone": _case("LF-DOC-6", "wrong-issuer", signed(offer(id=DID))),
        "path-another-than-listed": _case(
            "LF-DOC-6", "wrong-path", signed(offer(id=f"{DID}/{OTHER_RECORD}"))
        ),
        "path-stepping-upwards": at("d/../x.json"),
        "path-double-slash": at("d//x.json"),
        "path-begins-with-slash": at("/x.json"),
        "path-without-ending": at("d/x"),
        "path-with-query": at("x.json?a=1"),
        "path-in-upper-case": at("X.json"),
        "path-with-dot": at("a.b.json"),
        "path-percent-encoded": at("d/%61.json"),
        "path-of-five-segments": at("a/b/c/d/e.json"),
        "path-too-long": at("a" * 196 + ".json"),
        "path-of-the-head": at("head.json"),
        "path-of-a-page": at("feed/1.json"),
        "path-of-a-part": at("snapshot/1-1.json"),
        "path-of-a-mirror": at("mirror/x.json"),
        "path-of-media": at("m/x.json"),
        "path-of-the-api": at("api/x.json"),
    }


def _times() -> dict[str, Case]:
    def timed(rule: str, code: str = "bad-time", *, at: str = AT, **changes: Any) -> Case:
        return _case(rule, code, signed(offer(**changes))) | {"at": at}

    return {
        "time-with-offset": _shape("LF-BYTES-9", updated="2026-05-02T09:30:00+00:00"),
        "time-with-fraction": _shape("LF-BYTES-9", updated="2026-05-02T09:30:00.0Z"),
        "time-without-seconds": _shape("LF-BYTES-9", updated="2026-05-02T09:30Z"),
        "time-in-lower-case": _shape("LF-BYTES-9", updated="2026-05-02t09:30:00z"),
        "time-a-number": _shape("LF-BYTES-9", updated=1_777_714_200),
        "time-in-other-digits": _shape("LF-BYTES-9", updated="٢٠٢٦-05-02T09:30:00Z"),
        "thirtieth-of-february": timed("LF-BYTES-9", assured="2026-02-30T09:30:00Z"),
        "time-with-year-of-five-digits": _shape("LF-BYTES-9", expires="10000-01-01T00:00:00Z"),
        "time-with-signed-year": _shape("LF-BYTES-9", expires="+2026-08-01T00:00:00Z"),
        "time-of-a-week": _shape("LF-BYTES-9", updated="2026-W18-5T09:30:00Z"),
        "time-with-line-feed": _shape("LF-BYTES-9", updated=f"{UPDATED}\n"),
        "leap-day-of-no-leap-year": timed("LF-BYTES-9", assured="2026-02-29T09:30:00Z"),
        "month-0": timed("LF-BYTES-9", assured="2026-00-10T09:30:00Z"),
        "year-0": timed("LF-BYTES-9", assured="0000-05-02T09:30:00Z"),
        "lives-for-ever": timed("LF-DOC-8", expires="9999-12-31T23:59:59Z"),
        "hour-24": timed("LF-BYTES-9", updated="2026-05-01T24:00:00Z"),
        "second-60": timed("LF-BYTES-9", assured="2026-05-01T23:59:60Z"),
        "month-13": timed("LF-BYTES-9", expires="2026-13-01T00:00:00Z"),
        "year-999": timed("LF-BYTES-9", assured="0999-05-02T09:30:00Z"),
        "expires-at-once": timed("LF-DOC-8", expires=UPDATED),
        "expires-before-updated": timed("LF-DOC-8", expires="2026-05-01T00:00:00Z"),
        "lives-181-days": timed("LF-DOC-8", expires="2026-10-30T09:30:00Z"),
        "lives-one-second-too-long": timed("LF-DOC-8", expires="2026-10-29T09:30:01Z"),
        "assured-later-than-updated": timed("LF-DOC-9", assured="2026-05-02T09:35:01Z"),
        "assured-too-long-ago": timed("LF-DOC-9", assured="2025-09-24T09:29:59Z"),
        "from-the-future": timed("LF-DOC-10", "too-early", at="2026-05-02T09:24:59Z"),
        "from-the-year-9999": timed(
            "LF-DOC-10",
            "too-early",
            updated="9999-12-31T00:00:00Z",
            assured="9999-12-31T00:00:00Z",
            expires="9999-12-31T23:59:59Z",
        ),
        "expired": timed("LF-DOC-11", "expired", at="2026-10-29T09:30:00Z"),
        "expired-long-ago": timed("LF-DOC-11", "expired", at="2027-10-29T09:30:00Z"),
    }


def _forms() -> dict[str, Case]:
    point = {"latitude": "55.95", "longitude": "-3.19"}
    return {
        "label-empty": _shape("LF-FORM-1", category=[""]),
        "label-too-long": _shape("LF-FORM-1", category=["x" * 301]),
        "label-with-line-feed": _shape("LF-FORM-1", name={"en": "Veg\nbox"}),
        "label-with-line-feed-at-the-end": _shape("LF-FORM-1", name={"en": "Veg box\n"}),
        "label-with-zero-width-space": _shape("LF-FORM-1", name={"en": "Veg\u200bbox"}),
        "label-with-mark-of-direction": _shape("LF-FORM-1", keywords=["\u200fbox"]),
        "label-with-letter-mark": _shape("LF-FORM-1", keywords=["\u061cbox"]),
        "label-with-byte-order-mark": _shape("LF-FORM-1", keywords=["\ufeffbox"]),
        "label-with-word-joiner": _shape("LF-FORM-1", name={"en": "Veg\u2060box"}),
        "label-with-invisible-operator": _shape("LF-FORM-1", name={"en": "Veg\u2063box"}),
        "label-with-soft-hyphen": _shape("LF-FORM-1", name={"en": "Veg\u00adbox"}),
        "label-with-grapheme-joiner": _shape("LF-FORM-1", name={"en": "Veg\u034fbox"}),
        "label-of-a-blank-letter": _shape("LF-FORM-1", name={"ko": "\u3164"}),
        "tag-in-upper-case": _shape("LF-FORM-2", name={"EN": "Veg box"}),
        "tag-a-word": _shape("LF-FORM-2", name={"english": "Veg box"}),
        "tag-with-underline": _shape("LF-FORM-2", name={"en_GB": "Veg box"}),
        "name-a-string": _shape("LF-FORM-3", name="Veg box"),
        "name-without-language": _shape("LF-FORM-3", name={}),
        "name-in-nine-languages": _shape(
            "LF-FORM-3",
            name=dict.fromkeys(("en", "cy", "gd", "fr", "de", "pl", "ur", "es", "it"), "X"),
        ),
        "text-empty": _shape("LF-FORM-3", description={"en": ""}),
        "text-too-long": _shape("LF-FORM-3", description={"en": "x" * 10_001}),
        "url-ftp": _shape("LF-FORM-4", url="ftp://grocer.example/"),
        "url-script": _shape("LF-FORM-4", url="javascript:alert(1)"),
        "url-with-user": _shape("LF-FORM-4", url="https://a@grocer.example/"),
        "url-with-space": _shape("LF-FORM-4", url="https://grocer.example/a b"),
        "url-with-quote": _shape("LF-FORM-4", url='https://grocer.example/"x'),
        "url-with-backslash": _shape("LF-FORM-4", url="https://grocer.example\\x"),
        "url-not-ascii": _shape("LF-FORM-4", url="https://größe.example/"),
        "url-without-host": _shape("LF-FORM-4", url="https:///x"),
        "url-too-long": _shape("LF-FORM-4", url="https://grocer.example/" + "x" * 1_978),
        "claim-no-id": _case("LF-FORM-5", "wrong-shape", signed(own(claims=["x"])), OWN),
        "claim-with-query": _case(
            "LF-FORM-5", "wrong-shape", signed(own(claims=[f"{DID}/{RECORD}?x"])), OWN
        ),
        "claimed-by-a-name": _case(
            "LF-FORM-5", "wrong-shape", signed(listed(claimedBy="grocer.example"))
        ),
        "address-empty": _place("LF-FORM-6", address={}),
        "country-in-lower-case": _place("LF-FORM-6", address={"addressCountry": "gb"}),
        "country-a-name": _place("LF-FORM-6", address={"addressCountry": "Wales"}),
        "street-too-long": _place("LF-FORM-6", address={"streetAddress": "x" * 501}),
        "half-a-point": _place("LF-FORM-7", latitude="55.95"),
        "latitude-off-the-earth": _place("LF-FORM-7", latitude="90.000001", longitude="0"),
        "longitude-off-the-earth": _place("LF-FORM-7", latitude="0", longitude="-180.1"),
        "latitude-minus-zero": _place("LF-FORM-7", latitude="-0.0", longitude="0"),
        "latitude-a-number": _place("LF-FORM-7", latitude=55, longitude="0"),
        "decimal-with-plus": _place("LF-BYTES-6", latitude="+55.95", longitude="0"),
        "decimal-with-leading-zero": _place("LF-BYTES-6", latitude="055.95", longitude="0"),
        "decimal-with-seven-places": _place("LF-BYTES-6", latitude="55.9500001", longitude="0"),
        "decimal-without-digit": _place("LF-BYTES-6", latitude=".5", longitude="0"),
        "decimal-not-a-number": _place("LF-BYTES-6", latitude="NaN", longitude="0"),
        "decimal-infinite": _place("LF-BYTES-6", latitude="0", longitude="Infinity"),
        "decimal-with-comma": _place("LF-BYTES-6", latitude="55,95", longitude="0"),
        "decimal-of-eleven-digits": _place("LF-BYTES-6", latitude="9" * 11, longitude="0"),
        "decimal-with-line-feed": _place("LF-BYTES-6", latitude="55\n", longitude="0"),
        "decimal-in-other-digits": _place("LF-BYTES-6", latitude="٥٥", longitude="0"),
        "place-of-unknown-members": _place("LF-FORM-9", planet="Mars"),
        "radius-a-string": _place("LF-FORM-8", **point, radius="2000"),
        "decimal-with-exponent": _place("LF-BYTES-6", latitude="5e1", longitude="0"),
        "radius-without-point": _place("LF-FORM-8", name={"en": "X"}, radius=2000),
        "radius-too-small": _place("LF-FORM-8", **point, radius=999),
        "radius-too-large": _place("LF-FORM-8", **point, radius=1_000_001),
        "radius-off-the-grid": _place(
            "LF-FORM-8", latitude="55.951", longitude="-3.19", radius=2000
        ),
        "place-of-nothing": _place("LF-FORM-9"),
        "identifier-without-number": _case(
            "LF-FORM-10", "wrong-shape", signed(own(identifier=[{"scheme": "GB-COH"}])), OWN
        ),
        "identifier-of-unknown-form": _case(
            "LF-FORM-10",
            "wrong-shape",
            signed(own(identifier=[{"scheme": "companies house", "number": "1"}])),
            OWN,
        ),
        "source-without-name": _case(
            "LF-FORM-11", "wrong-shape", signed(listed(source={"edition": "Q2"}))
        ),
        "51-categories": _shape("LF-FORM-12", category=[f"c{n}" for n in range(51)]),
        "21-places": _shape("LF-FORM-12", location=[point] * 21),
        "category-a-string": _shape("LF-FORM-12", category="food"),
    }


def _types() -> dict[str, Case]:
    def placed(rule: str, document: Json, path: str) -> Case:
        return _case(rule, "wrong-path", signed({**document, "id": f"{DID}/{path}"}), path)

    return {
        "organisation-without-name": _case("LF-ORG-1", "wrong-shape", signed(own(name=...)), OWN),
        "listed-a-string": _case("LF-ORG-1", "wrong-shape", signed(own(listed="no")), OWN),
        "own-record-elsewhere": placed("LF-ORG-2", own(), RECORD),
        "own-record-listed": placed("LF-ORG-2", listed(), OWN),
        "listed-record-elsewhere": placed("LF-ORG-3", listed(), "x/hall.json"),
        "source-of-an-own-record": _case(
            "LF-ORG-4", "wrong-shape", signed(own(source={"name": "Register"})), OWN
        ),
        "offer-without-name": _shape("LF-LIST-1", name=...),
        "online-a-number": _shape("LF-LIST-1", online=1),
        "offer-as-own-record": placed("LF-LIST-2", offer(), OWN),
        "offer-elsewhere": placed("LF-LIST-2", offer(), "d/box.json"),
        "need-as-partnership": placed("LF-LIST-2", offer(type="Need"), f"p/Qm{'1' * 44}.json"),
        "partnership-without-partner": _half("LF-PART-1", partner=...),
        "partnership-without-stage": _half("LF-PART-1", stage=...),
        "partner-by-url": _half("LF-PART-1", partner="https://baker.example/"),
        "partnership-of-a-later-stage": _half("LF-PART-1", stage="merged"),
        "stage-a-number": _half("LF-PART-1", stage=3),
        "role-of-another-vocabulary": _half("LF-PART-1", roles=["owner"]),
        "five-roles": _half("LF-PART-1", roles=["lead"] * 5),
        "promotes-a-string": _half("LF-PART-1", promotes="yes"),
        "joint-offer-by-path": _half("LF-PART-1", jointOffers=[RECORD]),
        "51-joint-offers": _half("LF-PART-1", jointOffers=[f"{PARTNER}/{RECORD}"] * 51),
        "partner-of-oneself": _case(
            "LF-PART-2",
            "wrong-shape",
            signed(half(partner=DID, id=f"{DID}/p/{DID.split(':')[2]}.json")),
            f"p/{DID.split(':')[2]}.json",
        ),
        "partnership-at-another-partner": placed("LF-PART-3", half(), f"p/Qm{'2' * 44}.json"),
        "partnership-as-record": placed("LF-PART-3", half(), RECORD),
        "exchange-elsewhere": placed("LF-EXCH-4", exchange(), HALF),
        "exchange-as-own-record": placed("LF-EXCH-4", exchange(), OWN),
        "contact-of-no-way": _contact("LF-CONTACT-1", email=...),
        "contact-hours-a-label": _contact("LF-CONTACT-1", hours="Mondays"),
        "contact-language-a-name": _contact("LF-CONTACT-1", availableLanguage=["Welsh language"]),
        "contact-21-languages": _contact("LF-CONTACT-1", availableLanguage=["en"] * 21),
        "contact-telephone-a-word": _contact("LF-CONTACT-1", telephone="call us"),
        "contact-telephone-with-extension": _contact("LF-CONTACT-1", telephone="999;ext=1"),
        "contact-telephone-too-long": _contact("LF-CONTACT-1", telephone="+" + "4" * 32),
        "contact-url-script": _contact("LF-CONTACT-1", url="javascript:alert(1)"),
        "contact-email-two": _contact("LF-CONTACT-3", email="a@grocer.example,b@grocer.example"),
        "contact-email-with-name": _contact("LF-CONTACT-3", email="Office <office@grocer.example>"),
        "contact-email-with-query": _contact(
            "LF-CONTACT-3", email="office@grocer.example?bcc=b@c.example"
        ),
        "contact-email-with-line-feed": _contact(
            "LF-CONTACT-3", email="office@grocer.example\nBcc: b@c.example"
        ),
        "contact-email-that-is-passed-on": _contact(
            "LF-CONTACT-3", email="b%c.example@grocer.example"
        ),
        "contact-email-quoted": _contact("LF-CONTACT-3", email='"o f"@grocer.example'),
        "contact-email-at-an-address": _contact("LF-CONTACT-3", email="office@[192.0.2.1]"),
        "contact-email-of-65-characters": _contact(
            "LF-CONTACT-3", email="a" * 65 + "@grocer.example"
        ),
        "contact-email-too-long": _contact("LF-CONTACT-3", email="a@" + "b." * 126 + "example"),
        "contact-email-of-one-label": _contact("LF-CONTACT-3", email="office@localhost"),
        "contact-elsewhere": placed("LF-CONTACT-2", contact(), RECORD),
        "contact-lives-91-days": _case(
            "LF-DOC-8", "bad-time", signed(contact(expires="2026-07-31T09:30:01Z")), CONTACT
        ),
        "offer-as-contact": placed("LF-LIST-2", offer(), CONTACT),
        "valid-until-no-time": _shape("LF-LIST-3", validUntil="soon"),
        "valid-until-never-was": _case(
            "LF-LIST-3", "bad-time", signed(offer(validUntil="2026-06-31T00:00:00Z"))
        ),
    }
