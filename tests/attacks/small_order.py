"""Keys that anybody can sign for: the points of Ed25519 whose order is small, in every spelling.

Here: computing them, and logs that hold one of them where a key is read. Not here: the commands that
they are put before (`test_vectors`). Source: RFC 8032 for the curve; "Taming the many EdDSAs" (2020) for
the spellings.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from attacks.lies import MALLORY_KIT, first, last_version, longer, method_of
from localfed.protocol.canonical import encode, parse_loose
from localfed.protocol.keys import write_multikey
from localfed.protocol.proofs import write_signature
from localfed.protocol.webvh_entry import hash_entry, sign_entry

P: Final = 2**255 - 19
D: Final = -121665 * pow(121666, P - 2, P) % P
SQRT_OF_MINUS_1: Final = pow(2, (P - 1) // 4, P)
NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
BASE: Final = "https://mallory.example/"

Point = tuple[int, int]


def add(one: Point, two: Point) -> Point:
    """Add two points: RFC 8032, section 5.1.4."""
    (a, b), (c, d) = one, two
    bent = D * a * b * c * d % P
    x = (a * d + b * c) * pow(1 + bent, P - 2, P) % P
    y = (b * d + a * c) * pow(1 - bent, P - 2, P) % P
    return x, y


def _root(square: int) -> int | None:
    """A square root modulo P, or None."""
    root = pow(square, (P + 3) // 8, P)
    for one in (root, root * SQRT_OF_MINUS_1 % P):
        if one * one % P == square % P:
            return one
    return None


def x_of(y: int) -> int | None:
    """Find one of the two points at this height, or none."""
    return _root((y * y - 1) * pow(D * y * y + 1, P - 2, P) % P)


def of_order_8() -> Point:
    """A point that is the neutral one after three doublings and not before."""
    # Doubled it has y = 0, so y² = -x², and then D·y⁴ + 2y² - 1 = 0.
    root = _root(1 + D)
    assert root is not None
    for sign in (1, -1):
        y = _root((sign * root - 1) * pow(D, P - 2, P) % P)
        x = x_of(y) if y is not None else None
        if x is not None and y is not None:
            return x, y
    raise AssertionError


def _points() -> dict[str, bytes]:
    """Every point of small order by its multiple, then its spellings outside the canonical one."""
    step = of_order_8()
    points = [(0, 1)]
    while (after := add(points[-1], step)) != (0, 1):
        points.append(after)
    assert len(points) == 8
    found = {f"{at} times": _write(y, x & 1) for at, (x, y) in enumerate(points)}
    for name, y, sign in (
        ("0 times, with the sign of no x", 1, 1),
        ("0 times, beyond the field", P + 1, 0),
        ("0 times, beyond the field, with the sign of no x", P + 1, 1),
        ("4 times, with the sign of no x", P - 1, 1),
        ("2 times, beyond the field", P, 0),
        ("6 times, beyond the field", P, 1),
    ):
        found[name] = _write(y, sign)
    return found


def _write(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


POINTS: Final = _points()


# --- logs that hold one ----------------------------------------------------------------------


def _with_key(public: bytes) -> Callable[[dict[str, Any]], None]:
    multikey = write_multikey(public)

    def edit(entry: dict[str, Any]) -> None:
        entry["parameters"]["updateKeys"] = [multikey]

    return edit


def _signed_by(line: bytes, public: bytes) -> bytes:
    """Put another proof in: one that lax readers take from this key, whatever is signed."""
    entry: Any = parse_loose(line)
    multikey = write_multikey(public)
    entry["proof"][0] |= {
        "verificationMethod": f"did:key:{multikey}#{multikey}",
        "proofValue": write_signature(public + bytes(32)),
    }
    return encode(entry) + b"\n"


def _update_key(public: bytes) -> bytes:
    """An identity that everybody can extend from its first entry on."""
    return _signed_by(first(BASE, NOW, _with_key(public)), public)


def _second_update_key(public: bytes) -> bytes:
    """The small key beside an honest one that signs."""

    def edit(entry: dict[str, Any]) -> None:
        entry["parameters"]["updateKeys"].append(write_multikey(public))

    return first(BASE, NOW, edit)


def _later_update_key(public: bytes) -> bytes:
    """The small key in a later entry, not committed to: nobody could have known."""
    log = first(BASE, NOW, lambda entry: entry["parameters"].pop("nextKeyHashes"))
    held: Any = parse_loose(log)
    entry = {
        "versionId": last_version(log),
        "versionTime": "2026-05-02T00:00:00Z",
        "parameters": {"updateKeys": [write_multikey(public)]},
        "state": held["state"],
    }
    entry["versionId"] = f"2-{hash_entry(entry, last_version(log))}"
    return log + sign_entry(entry, MALLORY_KIT.update_key(0), "2026-05-02T00:00:00Z")


def _signing_key(public: bytes) -> bytes:
    """The key of documents: whoever likes signs in the name of this organisation."""

    def edit(entry: dict[str, Any]) -> None:
        state = entry["state"]
        method = method_of(state["id"], write_multikey(public))
        state["verificationMethod"].append(method)
        state["assertionMethod"].append(method["id"])

    return first(BASE, NOW, edit)


def _later_signing_key(public: bytes) -> bytes:
    """The same in a second entry, by the kit's own key."""

    def edit(entry: dict[str, Any]) -> None:
        state = entry["state"]
        method = method_of(state["id"], write_multikey(public))
        state["verificationMethod"] = [method]
        state["assertionMethod"] = [method["id"]]

    return longer(first(BASE, NOW), MALLORY_KIT, NOW, edit)


def _revoked_signing_key(public: bytes) -> bytes:
    """Revoked, and so never used; what is listed has to be a key all the same."""

    def edit(entry: dict[str, Any]) -> None:
        state = entry["state"]
        method = method_of(state["id"], write_multikey(public))
        state["verificationMethod"].append({**method, "revoked": "2026-05-01T00:00:00Z"})

    return first(BASE, NOW, edit)


PLACES: Final[dict[str, tuple[Callable[[bytes], bytes], str]]] = {
    "the update key": (_update_key, "bad-log"),
    "a second update key": (_second_update_key, "bad-log"),
    "a later update key": (_later_update_key, "bad-log"),
    "the key of documents": (_signing_key, "outside-profile"),
    "a later key of documents": (_later_signing_key, "outside-profile"),
    "a revoked key of documents": (_revoked_signing_key, "outside-profile"),
}
"""Table: where a log holds a key, and the code that a small one is refused with there."""


def forged(place: str, public: bytes) -> tuple[bytes, str, list[str]]:
    """Give the log, its code, and what `resolve` has to be asked for."""
    make, code = PLACES[place]
    return make(public), code, ["--profile"] if code == "outside-profile" else []
