"""Each door against bytes that are nearly right, for a few seconds: no crash, nothing taken that nobody signed.

The bytes are the town's and those of spec/vectors, changed by chance (`fuzzing`). What fails names a seed and a
try: LOCALFED_FUZZ_SEED and LOCALFED_FUZZ_FIRST run it again, LOCALFED_FUZZ_SECONDS says how long each door is
knocked at (2). Every door names a few codes that have to come: a fuzzer that is always turned away at the
first step has tried nothing.
"""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from forge_log import DOCUMENT_KEY, Forged

from attacks.frame import check_answer, unmoved
from attacks.fuzzing import changed, fuzz, other_value, written
from attacks.lies import files_of, letter, log_of, message, shown
from attacks.raw import converse, read_answers
from attacks.server_material import AMBIGUOUS, HIDDEN, QUERIES, STRANGE
from localfed.app import inbox
from localfed.app.checking import check_documents
from localfed.app.describing import describe
from localfed.app.feed_reading import read_feed
from localfed.app.gathering import _match_lines
from localfed.app.imports import write_members
from localfed.app.values import DocumentState, StoredDocument
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.interop.csv_table import read_csv
from localfed.interop.geojson import read_geojson
from localfed.interop.mapping import mapping_from_json, mapping_to_json
from localfed.net.pages import find_links, read_hint
from localfed.net.typed import read_typed
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest
from localfed.protocol.draft import read_draft, write_document
from localfed.protocol.errors import LocalFedError
from localfed.protocol.feed import read_page, read_parts, write_page, write_parts
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.kit import Kit
from localfed.protocol.message import open_message
from localfed.protocol.mirror import read_clock, write_clock
from localfed.protocol.proofs import hash_data, write_signature
from localfed.protocol.ratchet import HeadState
from localfed.protocol.times import read_time
from localfed.protocol.webvh import resolve_log
from localfed.server.wiring import read_lexicon
from localfed.store.keyfiles import KeyFiles
from localfed.store.settings import read_settings
from localfed.web.throttle import Throttle

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors"
PLACES = OfflinePlaces()
AT = datetime(2026, 5, 3, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def published(folder: str) -> list[bytes]:
    """The bytes of every file below a folder of the vectors."""
    return [path.read_bytes() for path in sorted((VECTORS / folder).rglob("*.json*"))]


LOG = (VECTORS / "identity" / "valid" / "created.jsonl").read_bytes()
GROCER = read_identity(LOG, now=LATER)


def signed(value: Any) -> bytes:
    """Sign whatever it is with the key of the vectors, as its publisher can."""
    if not isinstance(value, dict):
        return written(value)
    options = {
        "@context": value.get("@context"),
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{GROCER.did}#{DOCUMENT_KEY.multikey}",
        "proofPurpose": "assertionMethod",
    }
    unsigned = {name: item for name, item in value.items() if name != "proof"}
    try:
        value_of_proof = write_signature(DOCUMENT_KEY.sign(hash_data(unsigned, options)))
        return encode({**unsigned, "proof": {**options, "proofValue": value_of_proof}})
    except (LocalFedError, ValueError, TypeError, RecursionError):
        return written(value)  # nothing that could be signed


def by_publisher(chance: random.Random, corpus: list[bytes]) -> bytes:
    """Change what a document says, and sign it again."""
    value = json.loads(chance.choice(corpus))
    value.pop("proof", None)
    for _ in range(chance.choice((1, 1, 2, 3))):
        value = other_value(chance, value)
    return signed(value)


# --- what is signed --------------------------------------------------------------------------


async def test_documents_that_somebody_changed(victim):
    own = [one for one in victim.friend.live(victim.friend).values() if one.body]
    theirs = [(read_identity(log_of(victim.friend), now=LATER), victim.node.clock.now())]
    corpus = (
        [one.body for one in own] + published("documents/valid") + published("documents/invalid")
    )

    def knock(sent: bytes) -> None:
        for identity, now in [*theirs, (GROCER, AT)]:
            try:
                checked = open_document(sent, identity=identity, now=now)
            except LocalFedError as error:
                refusal = error
                continue
            # A change may undo what is wrong with a vector. Signing again gives the same bytes then.
            assert signed(json.loads(sent)) == sent, (
                f"taken at {checked.path}, and nobody signed it"
            )
            return
        raise refusal

    async with unmoved(victim):
        came = await fuzz("documents", lambda chance: changed(chance, corpus), knock)
    assert {"not-json", "wrong-issuer"} <= came.keys()


async def test_documents_that_their_publisher_made(victim):
    corpus = published("documents/valid")

    def knock(sent: bytes) -> None:
        checked = open_document(sent, identity=GROCER, now=AT)
        assert checked.body == sent == encode(json.loads(sent))
        assert checked.digest == digest(sent)
        stored = StoredDocument(
            did=GROCER.did,
            path=checked.path,
            type=checked.document.type,
            digest=checked.digest,
            state=DocumentState.LIVE,
            body=sent,
            is_shown=checked.is_shown,
        )
        if checked.is_shown:
            describe(stored, now=AT, gazetteer=PLACES, lexicon=read_lexicon())

    async with unmoved(victim):
        came = await fuzz("signed documents", lambda chance: by_publisher(chance, corpus), knock)
    assert {"", "wrong-shape", "bad-time", "wrong-path"} <= came.keys()


async def test_heads_by_anybody_and_by_their_publisher(victim):
    corpus = published("feed/heads")

    def make(chance: random.Random) -> bytes:
        return changed(chance, corpus) if chance.random() < 0.3 else by_publisher(chance, good)

    def knock(sent: bytes) -> None:
        head = open_head(sent, identity=GROCER, now=AT)
        assert head.body == sent == encode(json.loads(sent))
        assert head.state.seq >= head.head.snapshot.seq

    good = [body for body in corpus if _is_object(body)]
    async with unmoved(victim):
        came = await fuzz("heads", make, knock)
    assert {"", "wrong-shape", "bad-time"} <= came.keys()


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


async def test_identity_logs_that_somebody_changed(victim):
    logs = [path.read_bytes() for path in sorted((VECTORS / "identity").rglob("*.jsonl"))]
    corpus = [log_of(node) for node in victim.federation.all] + [
        one for one in logs if len(one) < 20_000
    ]
    known = {_version(line) for log in corpus for line in log.splitlines()}

    def knock(sent: bytes) -> None:
        resolution = resolve_log(sent, now=LATER)
        made = {one.version_id for one in resolution.versions}
        assert made <= known, f"entries that nobody signed: {made - known}"
        read_identity(sent, now=LATER, allow_loopback=True)

    async with unmoved(victim):
        came = await fuzz("logs", lambda chance: changed(chance, corpus), knock)
    assert {"bad-log", "not-json"} <= came.keys()


def _version(line: bytes) -> object:
    try:
        return json.loads(line)["versionId"]
    except (ValueError, TypeError, KeyError):
        return None


async def test_identity_logs_that_the_owner_of_the_kit_made(victim):
    def make(chance: random.Random) -> bytes:
        forged = Forged()

        def change(entry: dict[str, Any]) -> None:
            if chance.random() < 0.6:
                part = chance.choice(("state", "state", "parameters", "versionTime"))
                entry[part] = other_value(chance, {part: entry[part]}).get(part)

        try:
            forged.first(change)
            for _ in range(chance.randrange(3)):
                forged.then(change)
        except Exception:  # noqa: BLE001 - what cannot even be hashed is cut short
            if not forged.entries:
                return LOG
        return forged.log.replace(b"\\ud800", b"?")

    def knock(sent: bytes) -> None:
        resolve_log(sent, now=LATER)
        identity = read_identity(sent, now=LATER)
        assert identity.did.split(":")[2] == identity.scid

    async with unmoved(victim):
        came = await fuzz("signed logs", make, knock)
    assert {"", "bad-log", "outside-profile"} <= came.keys()


# --- the inbox -------------------------------------------------------------------------------


async def test_posts_that_somebody_changed(victim):
    node, stranger, friend = victim.node, victim.stranger, victim.friend
    sent_by = {one: message(one, node) for one in (stranger, friend)}
    corpus = [letter(log_of(one), body) for one, body in sent_by.items()]
    corpus += [one.file("/head.json") + b"\n" for one in victim.federation.all]
    corpus += [LOG + body + b"\n" for body in published("messages/valid")]

    def make(chance: random.Random) -> bytes:
        return changed(chance, corpus)

    async def knock(sent: bytes) -> None:
        await inbox.receive(node.ports, sent)

    # A log that is only spelled otherwise, or shorter, still proves who sent the message.
    async with unmoved(victim, may_change={"message", "notice"}):
        came = await fuzz("posts", make, knock)
        assert {one.body for one in node.store.messages()} <= set(sent_by.values())
    assert {"not-json", "bad-log"} <= came.keys()


async def test_messages_that_their_sender_made(victim):
    corpus = published("messages/valid")
    recipients = {json.loads(one)["to"] for one in corpus}

    def knock(sent: bytes) -> None:
        opened = open_message(sent, identity=GROCER, now=AT, hosted=recipients)
        assert opened.body == sent == encode(json.loads(sent))
        assert opened.message.to in recipients

    async with unmoved(victim):
        came = await fuzz("signed messages", lambda chance: by_publisher(chance, corpus), knock)
    assert {"", "wrong-shape", "wrong-recipient"} <= came.keys()


# --- feeds -----------------------------------------------------------------------------------


async def test_pages_parts_and_clocks_in_one_spelling(victim):
    corpus = [
        body for name, body in files_of(victim.friend).items() if name.startswith(("feed/", "snap"))
    ]
    corpus += [body for folder in ("feed/pages", "feed/parts") for body in published(folder)]
    corpus += [one["text"].encode() for one in _index("clocks") if "code" not in one]

    def knock(sent: bytes) -> None:
        refusals = []
        number = re.search(rb'"entries":\[\[([0-9]{1,16}),', sent)
        path = f"feed/{number[1].decode()}.json" if number else "feed/1.json"
        for read, write in (
            (lambda body: read_page(body, path), write_page),
            (lambda body: read_parts([body]), lambda rows: write_parts(rows)[0]),
            (read_clock, write_clock),
        ):
            try:
                assert write(read(sent)) == sent, "taken, though another spelling is the right one"
            except LocalFedError as error:
                refusals.append(error)
        if len(refusals) == 3:
            raise refusals[0]

    async with unmoved(victim):
        came = await fuzz("feed files", lambda chance: changed(chance, corpus), knock)
    assert {"", "bad-feed", "not-canonical"} <= came.keys()


def _index(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / "feed" / f"{name}.json").read_bytes())
    return found


READINGS = [
    reading
    for case in _index("index")
    if case["kind"] == "reading"
    for reading in [json.loads((VECTORS / "feed" / case["file"]).read_bytes())]
    if "code" not in reading and not reading["result"]["notes"]
]


async def test_feeds_of_which_somebody_changed_files(victim):
    """Whatever comes of it: what a head does not say does not live, what it says does, or nothing is read."""
    everything = [body.encode() for one in READINGS for body in one["files"].values()]

    async def knock(sent: bytes) -> None:
        chance = random.Random(sent)
        reading = chance.choice(READINGS)
        files: dict[str, bytes | None] = {
            path: one.encode() for path, one in reading["files"].items()
        }
        for path in list(files):
            if chance.random() < 0.4:
                body = files[path] or b""
                files[path] = chance.choice(
                    (None, changed(chance, [body]), chance.choice(everything))
                )

        async def fetch(path: str) -> bytes | None:
            return files.get(path)

        log = (VECTORS / "feed" / reading["log"]).read_bytes()
        identity = read_identity(log, now=LATER, allow_loopback=True)
        now = read_time(reading["at"])
        head = open_head(reading["head"].encode(), identity=identity, now=now).head
        held = reading["held"] and HeadState(era=0, updated="", **reading["held"])
        listing = await read_feed(head, identity.scid, held, fetch)
        live = {} if listing.is_whole else dict(reading["before"])
        for path in listing.deletes:
            live.pop(path, None)
        live |= {row.path: row.digest for row in listing.puts}
        assert live == reading["result"]["live"]

    async with unmoved(victim):
        came = await fuzz("feeds", lambda chance: chance.randbytes(8), knock)
    assert {"", "bad-feed"} <= came.keys()


async def test_lines_of_a_bundle_that_somebody_changed(victim):
    """What is listed is matched by its bytes alone; and of a publisher that lists rubbish it is judged."""
    identity = read_identity(log_of(victim.friend), now=LATER)
    bodies = [one.body for one in victim.friend.live(victim.friend).values() if one.body]
    good = b"".join(body + b"\n" for body in bodies)
    now = victim.node.clock.now()

    def knock(sent: bytes) -> None:
        lines = sent.split(b"\n")
        listed = {digest(body): row(body) for body in bodies}
        matched = check_documents(_match_lines(lines, dict(listed)), identity, now)
        assert {one.body for one in matched} <= set(bodies)
        judged = check_documents([(row(line), line) for line in lines], identity, now)
        live = {one.body for one in judged if one.state is DocumentState.LIVE}
        assert live <= set(bodies), "shown, and nobody signed it"

    def row(body: bytes) -> StoredDocument:
        path = re.search(rb'"id":"[^"/]*/([^"]*)"', body)
        kind = re.search(rb'"type":"(Offer|Need|Organization)"', body)
        return StoredDocument(
            did=identity.did,
            path=path[1].decode("utf-8", "replace") if path else "org.json",
            type=kind[1].decode() if kind else "Offer",
            digest=digest(body),
            state=DocumentState.WANTED,
        )

    async with unmoved(victim):
        await fuzz("bundles", lambda chance: changed(chance, [good]), knock)


async def test_whole_polls_through_somebody_who_changes_what_passes(victim):
    """Of one publisher only what it signed ever lives here, and of all others nothing changes."""
    node, friend = victim.node, victim.friend
    said = {one.body for one in friend.live(friend).values()}
    others = shown(node, victim.other), shown(node, node)

    async def knock(sent: bytes) -> None:
        chance = random.Random(sent)
        if chance.random() < 0.3:
            draft = {"type": "Offer", "id": victim.ids["cake"], "name": f"Cake {chance.random()}"}
            await friend.publish(draft)
            said.update(one.body for one in friend.live(friend).values())
        victim.network.forge = lambda _, body: (
            changed(chance, [body]) if chance.random() < 0.4 else body
        )
        await node.sync(friend)
        victim.network.forge = None
        live = {one.body for one in node.store.documents(friend.did)} - {None}
        assert live <= said, "it holds what nobody signed"
        assert (shown(node, victim.other), shown(node, node)) == others

    tables = {"publisher", "document", "body", "log", "feed_file", "standing"}
    async with unmoved(victim, may_change=tables, requests=10**9):
        await fuzz("polls", lambda chance: chance.randbytes(8), knock)
        await node.sync(friend)
    assert shown(node, friend) == shown(friend, friend)


# --- tables and drafts -----------------------------------------------------------------------

CSV = [
    "Name,Town,Website,Latitude,Longitude,Kind,E-mail\nTool Library,Dale,http://tools.example,55.95,-3.19,"
    'tools; repair,x@y.example\n"Café, ""the"" Mill",Mill,,54.1,-2.2,food,\n'.encode(),
    b"id;name;postcode;country\r\n1;Choir;EH1 1AA;GB\r\n2;Orchard;10115;Germany\r\n2;Mill;;XX\r\n",
    "Nom\tVille\tSite\nÉpicerie\tLyon\thttps://e.example/é\nJardin\t\t\n".encode("utf-16"),
    b'name|lat|lon|description\nA|1|2|x\nB|91|181|"y\nz"\nC|1,5|-0|' + b"w" * 500 + b"\n",
]  # fmt: skip
GEOJSON = [
    json.dumps(
        {
            "type": "FeatureCollection",
            "name": "Map of the dale",
            "features": [
                {
                    "type": "Feature",
                    "id": number,
                    "properties": {"name": f"Place {number}", "addr:city": "Dale", "website": "x.example"},
                    "geometry": geometry,
                }
                for number, geometry in enumerate(
                    [
                        {"type": "Point", "coordinates": [-3.19, 55.95]},
                        {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]},
                        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]},
                        None,
                    ]
                )
            ],
        }
    ).encode()
]  # fmt: skip


@pytest.mark.parametrize(
    "read, corpus", [(read_csv, CSV), (read_geojson, GEOJSON)], ids=["csv", "geojson"]
)
async def test_tables_to_be_imported(victim, read, corpus):
    """What is read of a table can be published, each record of it: one row never spoils the import."""

    def knock(sent: bytes) -> None:
        table = read(sent, file_name="groups-2026.csv")
        mapping_from_json(mapping_to_json(table.mapping))
        for number, record in enumerate(table.records):
            try:
                body = write_document(
                    write_members(record, table.source, table.language),
                    did=GROCER.did,
                    path="d/" + "a" * 26 + ".json",
                    revision=number,
                    key=DOCUMENT_KEY,
                    now=AT,
                    assured=AT,
                )
                open_document(body, identity=GROCER, now=AT)
            except LocalFedError as error:
                raise AssertionError(f"read, but not to be published: {error.message}") from error

    async with unmoved(victim):
        came = await fuzz(read.__name__, lambda chance: changed(chance, corpus), knock)
    assert {"", "bad-table"} <= came.keys()


async def test_drafts_to_be_published(victim):
    corpus = published("documents/valid")

    def knock(sent: bytes) -> None:
        draft = read_draft(sent, language="en")
        body = write_document(
            draft.members,
            did=GROCER.did,
            path="d/" + "a" * 26 + ".json",
            revision=1,
            key=DOCUMENT_KEY,
            now=AT,
            assured=AT,
        )
        assert encode(json.loads(body)) == body

    async with unmoved(victim):
        came = await fuzz("drafts", lambda chance: changed(chance, corpus), knock)
    assert {"", "bad-draft"} <= came.keys()


# --- the site --------------------------------------------------------------------------------


async def test_searches_for_anything_at_all(victim):
    corpus = [text.encode() for text, _ in QUERIES.values()] + [
        b"q=bread&near=55.95,-3.19&radius=20&kind=offer&category=Food&limit=5",
        b"q=veg+box&cursor=",
    ]

    async def knock(sent: bytes) -> None:
        query = quote(sent[:6_000], safe="&=+%,.-;:/?@!$'()*~_")
        for target in ("/api/v1/search?", "/?"):
            answer = await victim.get(target + query)
            assert answer.status < 500 or answer.status == 503, answer
            if target == "/api/v1/search?" and answer.status != 200:
                check_answer(answer)
            elif target == "/api/v1/search?":
                assert {"results", "total"} <= json.loads(answer.body).keys()

    async with unmoved(victim):
        await fuzz("searches", lambda chance: changed(chance, corpus), knock)


async def test_requests_that_are_nearly_http(victim):
    corpus = [*AMBIGUOUS.values(), *STRANGE.values(), HIDDEN]
    corpus += [
        b"GET /api/v1/search?q=bread HTTP/1.1\r\nHost: victim.example\r\nAccept-Language: de, en;q=0.5\r\n\r\n",
        b'GET /bundle.jsonl HTTP/1.1\r\nHost: victim.example\r\nRange: bytes=0-9, 5-\r\nIf-None-Match: "x"\r\n\r\n',
        b"POST /inbox HTTP/1.1\r\nHost: victim.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n",
        b"OPTIONS /api/v1/status HTTP/1.1\r\nHost: x\r\nOrigin: null\r\nAccess-Control-Request-Method: GET\r\n\r\n",
    ]  # fmt: skip

    async def knock(sent: bytes) -> None:
        came = await converse(victim.port, [sent[:60_000]], shut=True)
        statuses = [int(one) for one in re.findall(rb"HTTP/1\.[01] ([0-9]{3}) ", came)]
        assert all(status < 500 or status == 503 for status in statuses), came
        assert not came or statuses, came
        for telling in (b"Traceback", b'File "', b"site-packages", b"aiohttp"):
            assert telling not in came
        if statuses and statuses[0] >= 400 and b" HEAD" not in sent and b"HEAD " not in sent:
            assert read_answers(came)[0].problem["status"] == statuses[0]

    async with unmoved(victim):
        await fuzz("requests", lambda chance: changed(chance, corpus), knock)


async def test_hints_and_pages_of_other_sites(victim):
    corpus = [
        written({"localfed": {"versions": ["1.0"]}, "organizations": [{"did": GROCER.did, "base": GROCER.base}]}),
        (b"<!doctype html><html><head><title>x</title><link rel=localfed href='https://x.example/'>"
        b"<script>a<b</script><link href=\"/y\" rel='me LocalFed'></head><body><link rel=localfed href=z>"),
        b"https://grocer.example:443/shop/?a=b#c",
        GROCER.did.encode(),
    ]  # fmt: skip

    def knock(sent: bytes) -> None:
        read_hint(sent)
        find_links(sent)
        read_typed(sent[:3_000].decode("utf-8", "replace"), allow_loopback=False)

    async with unmoved(victim):
        await fuzz("hints", lambda chance: changed(chance, corpus), knock)


# --- the files of a node ---------------------------------------------------------------------


async def test_settings_with_slips_of_the_hand(victim, tmp_path):
    folder = tmp_path / "settings"
    folder.mkdir()
    corpus = [
        (
            b'# Settings\nname = "Corner Grocer"\nurl = "https://grocer.example/"\nlanguage = "en"\nport = 8080\n'
            b'allow_loopback = false\nhost = "127.0.0.1"\nvia_steps = 1\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n'
        )
    ]

    def knock(sent: bytes) -> None:
        (folder / "node.toml").write_bytes(sent)
        settings = read_settings(folder)
        Throttle(proxies=settings.trusted_proxies)

    async with unmoved(victim):
        came = await fuzz("settings", lambda chance: changed(chance, corpus), knock)
    assert {"", "bad-file"} <= came.keys()


async def test_key_files_that_are_damaged(victim):
    keys = victim.stranger.folder / "keys"
    (file,) = keys.iterdir()
    good = file.read_bytes()
    held = {
        one.multikey for one in KeyFiles(victim.stranger.folder).signing_keys(victim.stranger.did)
    }

    def knock(sent: bytes) -> None:
        file.write_bytes(sent)
        found = KeyFiles(victim.stranger.folder).signing_keys(victim.stranger.did)
        assert {one.multikey for one in found} == held

    async with unmoved(victim):
        came = await fuzz("key files", lambda chance: changed(chance, [good]), knock)
    assert {"bad-file"} <= came.keys()


async def test_recovery_kits_and_mappings_with_slips(victim):
    kit = Kit(bytes(range(32)))
    mapping = mapping_to_json(read_csv(CSV[0], file_name="a.csv").mapping)
    corpus = [kit.text.encode(), kit.printed.encode(), mapping]

    def knock(sent: bytes) -> None:
        refusals = []
        try:
            read = Kit.parse(sent.decode("utf-8", "replace"))
            assert read.seed == kit.seed, "a mistyped kit is another kit"
        except LocalFedError as error:
            refusals.append(error)
        try:
            read_csv(CSV[0], file_name="a.csv", mapping=mapping_from_json(sent))
        except LocalFedError as error:
            refusals.append(error)
        if len(refusals) == 2:
            raise refusals[1]

    async with unmoved(victim):
        came = await fuzz("kits", lambda chance: changed(chance, corpus), knock)
    assert {"", "bad-mapping"} <= came.keys()


# --- the fuzzer itself -----------------------------------------------------------------------


async def test_what_breaks_at_a_door_is_told_so_that_it_can_be_run_again():
    def knock(sent: bytes) -> None:
        if number := sent.find(b"7") > 0:
            raise ZeroDivisionError(number)

    def make(chance: random.Random) -> bytes:
        return str(chance.random()).encode()

    with pytest.raises(
        AssertionError, match=r"LOCALFED_FUZZ_SEED=\w+ LOCALFED_FUZZ_FIRST="
    ) as told:
        await fuzz("nothing", make, knock)

    seed, number = re.findall(r"=(\w+)", str(told.value))[:2]
    assert repr(make(random.Random(f"{seed}/nothing/{number}"))) in str(told.value)


@pytest.mark.parametrize("kind", [Identity, msgspec.Struct], ids=lambda kind: kind.__name__)
async def test_an_error_that_is_none_of_the_tree_is_a_finding(kind):
    class Own(LocalFedError):
        code = "made-up"

    def knock(_: bytes) -> None:
        raise Own(kind.__name__)

    with pytest.raises(AssertionError, match="no leaf of the tree"):
        await fuzz("nothing", lambda chance: chance.randbytes(2), knock)
