"""The faults: defences taken away one at a time, each named by what is then wrong.

Each is what a hurried change could really do. `caught_by` names the class of attacks that must notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from urllib.parse import urljoin, urlsplit

import msgspec

from attacks.seeded.planting import everywhere, fault
from localfed.app import (
    bases,
    enquiries,
    feed_reading,
    halves,
    inbox,
    mirrors,
    organisations,
    pacing,
    passing_on,
    picture_fetching,
    policy,
    report,
    signing,
    standing,
    visitor_words,
)
from localfed.interop import email_message, picture_file
from localfed.net import addresses, answers, fetch, guard
from localfed.protocol import (
    accept,
    canonical,
    digest,
    document,
    exchange,
    identity,
    image,
    keys,
    limits,
    partnership,
    proofs,
    ratchet,
)
from localfed.protocol import joint as joint_offers
from localfed.protocol.errors import LocalFedError
from localfed.store import keyfiles, migrations
from localfed.store.lock import ServeLock
from localfed.store.sqlite import SqliteStore
from localfed.web import answers as web_answers
from localfed.web import bodies, pages, rendering
from localfed.web import errors as web_errors
from localfed.web import node as web_node
from localfed.web import pictures as web_pictures
from localfed.web.throttle import Throttle

# --- fetch -----------------------------------------------------------------------------------


@fault("fetch", "leads_inside")
def any_address() -> None:
    """The resolver and the socket factory let every address through."""
    everywhere(addresses.may_connect, lambda *_: True)


@fault("fetch", "redirect")
def redirects_unchecked() -> None:
    """Where a redirect leads is not checked again."""

    def follow(target, location, *, allow_loopback, ports):
        url = urljoin(target.url, location)
        return msgspec.structs.replace(target, url=url, host=urlsplit(url).netloc)

    everywhere(guard.check_redirect, follow)


@fault("fetch", "home_that_misbehaves and silence")
def no_time_limit() -> None:
    """A peer may take as long as it likes."""

    class Patient:
        def __getattr__(self, name):
            return getattr(asyncio, name)

        def timeout(self, _seconds):
            return contextlib.nullcontext()

    fetch.asyncio = Patient()


@fault("fetch", "larger_than")
def no_size_limit() -> None:
    """An answer may be as large as it likes."""
    read = answers.read_answer

    async def read_all(response, target, wish, hosts):
        return await read(
            response, target, msgspec.structs.replace(wish, limit_bytes=1 << 30), hosts
        )

    everywhere(read, read_all)


# --- documents -------------------------------------------------------------------------------


@fault("documents")
def any_spelling() -> None:
    """JSON in any spelling is taken for the canonical one."""
    everywhere(canonical.parse, lambda data, **_: canonical.parse_loose(data))


@fault("documents")
def no_signature() -> None:
    """No signature is verified."""
    everywhere(keys.verify, lambda *_: None)


@fault("documents")
def any_proof_options() -> None:
    """Of a proof only the method is read; type, suite and purpose may be any."""

    def options(document):
        return document["proof"]["verificationMethod"]

    everywhere(proofs.check_options, options)


@fault("documents")
def any_time() -> None:
    """Documents may be from the future, and live for ever."""
    everywhere(document.check_times, lambda *_, **__: None)


@fault("documents")
def contexts_anywhere() -> None:
    """Any JSON-LD context is taken."""
    everywhere(document.check_context, lambda *_: None)


# --- identity --------------------------------------------------------------------------------


@fault("identity", "message_with_such_a_log")
def any_issuer() -> None:
    """A document may say any issuer, and lie under any id."""

    def path_of(document, identity):
        return document.id.partition("/")[2]

    everywhere(accept.check_issuer, path_of)


@fault("identity", "log_at_the_home")
def shorter_logs_win() -> None:
    """Any other log than the one held counts as its continuation."""

    def compare(held, offered):
        same = held.version_ids == offered.version_ids
        return identity.Comparison.SAME if same else identity.Comparison.EXTENDS

    everywhere(identity.compare_logs, compare)


@fault("identity", "head_at_the_home")
def old_keys_count() -> None:
    """A key that the log asserted once counts for ever."""
    read = identity.read_identity

    def remember(log, **options):
        found = read(log, **options)
        ever: dict[str, bytes] = {}
        for end in range(1, log.count(b"\n") + 1):
            with contextlib.suppress(LocalFedError):
                ever |= read(b"".join(log.splitlines(keepends=True)[:end]), **options).keys
        return msgspec.structs.replace(found, keys=ever | found.keys)

    everywhere(read, remember)


@fault("identity", "newcomer")
def closed_is_open() -> None:
    """An identity that closed is read like any other."""
    read = identity.read_identity
    everywhere(
        read,
        lambda log, **options: msgspec.structs.replace(read(log, **options), closed=False),
    )


# --- freshness -------------------------------------------------------------------------------


@fault("freshness", "true_once")
def no_ratchet() -> None:
    """Every head counts as newer than the one held."""
    everywhere(ratchet.judge, lambda held, offered: ratchet.Verdict.NEWER)


@fault("freshness", "snapshot")
def no_snapshot_check() -> None:
    """The parts of a snapshot may have other bytes than the head says."""

    async def load(snapshot, start, fetch):
        return feed_reading.read_parts([await fetch(part.name) or b"" for part in snapshot.parts])

    everywhere(feed_reading._load_snapshot, load)


@fault("freshness", "old_bytes")
def any_bytes_for_a_digest() -> None:
    """A document may have other bytes than the feed lists."""
    everywhere(digest.is_digest_of, lambda *_: True)


@fault("freshness", "blocked")
def the_blocked_come_by_mirrors() -> None:
    """Who is blocked is read all the same."""
    everywhere(policy.is_blocked, lambda *_: False)
    everywhere(mirrors.is_mirror_blocked, lambda *_: False)


@fault("freshness", "true_once")
def old_eras_count() -> None:
    """A head of an era before the last one counts."""
    read = identity.read_identity

    def without_eras(log, **options):
        found = read(log, **options)
        return msgspec.structs.replace(found, eras=tuple(found.era for _ in found.eras))

    everywhere(read, without_eras)


# --- server ----------------------------------------------------------------------------------


@fault("server", "floods")
def no_throttle() -> None:
    """Anybody may post as often as they like."""
    Throttle.wait_of = lambda *_: 0.0


@fault("server", "chunks_without_end")
def no_bound_on_posts() -> None:
    """What is posted may be as large as it likes."""

    async def read(request):
        return await request.content.read()

    everywhere(bodies.read_body, read)


@fault("server", "flood_of_one_stranger")
def a_full_tray_takes_more() -> None:
    """What waits to be opened is not counted."""
    everywhere(inbox._check_room, lambda *_, **__: None)


@fault("server", "all_news")
def every_ping_counts() -> None:
    """A push brings the next poll forward, however often one comes."""
    everywhere(pacing.may_be_pinged, lambda *_: True)
    everywhere(pacing.after_push, lambda _, now: now)


@fault("server", "whatever_a_stranger_writes")
def a_stranger_makes_a_request() -> None:
    """A message makes the node ask at the home of who sent it."""
    receive = inbox.receive

    async def curious(ports, data, **options):
        outcome = await receive(ports, data, **options)
        letter = inbox.read_post(data)
        if isinstance(letter, inbox.Letter):
            home = identity.read_identity(letter.log, now=ports.clock.now()).home
            await ports.fetch.get(home, limit_bytes=limits.LOG_BYTES, allow_loopback=False)
        return outcome

    inbox.receive = curious


@fault("server", "no_path_leads_out")
def errors_tell_everything() -> None:
    """An error page carries the details that are for our own log."""
    problem_of = web_errors.problem_of

    def telling(error):
        problem = problem_of(error)
        return msgspec.structs.replace(
            problem, detail=f"{problem.detail} {error.detail} {__file__}"
        )

    everywhere(problem_of, telling)


# --- neighbours ------------------------------------------------------------------------------


@fault("neighbours", "an_inbox_takes_nothing")
def one_inbox_for_all() -> None:
    """A message for one organisation of a node is taken at the inbox of any other."""
    receive = inbox.receive

    async def of_all(ports, data, **_):
        return await receive(ports, data)

    inbox.receive = of_all


@fault("neighbours", "no_host_that")
def hosts_decide_nothing() -> None:
    """Of those that live at one path of several hosts the first is answered for."""

    def first(directory, path, _request):
        directory._refresh()
        found = directory._hosted.get(path)
        return found[0][1] if found else None

    web_node.Directory.hosted_at = first


@fault("neighbours", "takes_nothing_from_it")
def names_before_addresses() -> None:
    """Who calls itself as another one is addressed is meant instead."""

    def meant(reads, hosted, which):
        called = [one for one in hosted if organisations._is_called(reads, one, which)]
        return called or [one for one in hosted if organisations._lives_at(one, which)]

    everywhere(organisations._meant, meant)


@fault("neighbours", "place_of_another")
def any_place_is_free() -> None:
    """An organisation may begin where another one lives, or move there."""
    everywhere(bases.check_free, lambda *_, **__: None)


# --- partners --------------------------------------------------------------------------------


@fault("partners", "claims_is")
def the_word_of_a_lead_is_enough() -> None:
    """Whom an offer names delivers with it, whatever it says itself."""
    everywhere(joint_offers.contributes, lambda *_, **__: True)


@fault("partners", "claims_is")
def the_bolder_of_two_halves_counts() -> None:
    """A partnership goes as far as the one that goes further."""

    def bold(mine, theirs):
        if mine is None or theirs is None:
            return None
        return max(mine.stage, theirs.stage, key=partnership.STAGES.index)

    everywhere(partnership.in_force, bold)


@fault("partners", "claims_is")
def who_promotes_is_promoted() -> None:
    """One side's word makes mutual promotion."""
    halves.InForce.is_promotion = property(lambda one: one.mine.promotes or one.theirs.promotes)


# --- exchanges -------------------------------------------------------------------------------


@fault("exchanges", "friend_alone")
def the_word_of_one_side_is_a_figure() -> None:
    """What one side says is counted as if the other had said it too."""

    def trusting(halves):
        return [
            exchange.Confirmed(
                parties=(min(one.issuer, one.partner), max(one.issuer, one.partner)),
                figures=one.figures,
                ids=(one.id, one.id),
                expires=one.expires,
            )
            for one in halves
        ]

    everywhere(exchange.find_confirmed, trusting)


@fault("exchanges", "borrowed_ref")
def a_ref_is_of_everybody() -> None:
    """Halves are put together by their ref, whoever says them."""
    real = exchange.find_confirmed

    def by_ref(halves):
        said: dict[str, list] = {}
        for half in halves:
            said.setdefault(half.ref, []).append(half)
        return [found for group in said.values() if len(group) == 2 for found in real(group)]

    everywhere(exchange.find_confirmed, by_ref)


@fault("exchanges", "collude")
def every_unit_is_told_apart() -> None:
    """A report has as many lines as two that collude can think of words."""
    report.LINES_MAX = 1_000_000


# --- people's side ---------------------------------------------------------------------------


@fault("people", "markup")
def nothing_is_escaped() -> None:
    """Texts stand in pages as they came."""
    rendering._environment().autoescape = False


@fault("people", "read_by_all or markup")
def no_content_security_policy() -> None:
    """Pages are served without a policy of what may run in them."""
    headers_of = web_answers.headers_of

    def bare(content_type, cache):
        headers = headers_of(content_type, cache)
        headers.popall("Content-Security-Policy", None)
        return headers

    for page in _pages():
        page.popall("Content-Security-Policy", None)
    everywhere(headers_of, bare)


def _pages():
    return [
        value
        for module in (pages, web_errors)
        for value in vars(module).values()
        if hasattr(value, "popall")
    ]


@fault("server", "no_host")
def hosts_of_requests_are_believed() -> None:
    """Pages are answered with a header that repeats what the request said."""
    headers_of = web_answers.answer_bytes

    def repeat(request, body, tag, headers):
        answer = headers_of(request, body, tag, headers)
        answer.headers["X-Served-For"] = request.host
        return answer

    everywhere(headers_of, repeat)


@fault("people", "read_by_all")
def credentials_for_everybody() -> None:
    """Pages of other sites may ask with the visitor's cookies."""
    headers_of = web_answers.headers_of
    allow = ("Access-Control-Allow-Credentials", "true")
    for page in _pages():
        page.extend([allow])

    def generous(content_type, cache):
        headers = headers_of(content_type, cache)
        headers.extend([allow])
        return headers

    everywhere(headers_of, generous)


# --- machine ---------------------------------------------------------------------------------


@fault("machine", "killed")
def acknowledged_before_the_commit() -> None:
    """A write is answered before it is on disk."""

    async def hurry(store, change):
        loop = asyncio.get_running_loop()
        early = loop.create_future()

        def run(tx):
            result = change(tx)
            loop.call_soon_threadsafe(lambda: early.done() or early.set_result(result))
            time.sleep(0.2)  # the commit comes when it comes
            return result

        work = loop.run_in_executor(store._thread, store._write, run)
        await asyncio.wait({early, work}, return_when=asyncio.FIRST_COMPLETED)
        return early.result() if early.done() else work.result()

    SqliteStore.write = hurry


@fault("machine", "key_that")
def keys_for_everybody() -> None:
    """A key file that others may read is used."""
    keyfiles.OTHERS = 0


@fault("machine", "image")
def numbers_are_counted() -> None:
    """The next number is one more than the last, whatever the time is."""
    everywhere(signing.next_number, lambda last, now: last + 1)


@fault("machine", "newer_version")
def any_version_is_ours() -> None:
    """A database of a newer LocalFed is opened and written."""
    everywhere(migrations.check_version, lambda *_: None)


@fault("machine", "lock")
def no_lock() -> None:
    """Two processes serve one folder."""
    ServeLock.__enter__ = lambda lock: lock
    ServeLock.__exit__ = lambda *_: None


@fault("machine", "image")
def old_copies_sign() -> None:
    """A node that saw a newer head of its own publishes all the same."""
    everywhere(standing.check_open, lambda *_, **__: None)
    everywhere(standing.check_may_sign, lambda *_, **__: None)


# --- enquiries -------------------------------------------------------------------------------


@fault("enquiries", "published_address")
def mail_to_whoever_published_an_address() -> None:
    """What visitors ask is mailed to the contact of any publisher, hosted here or not."""
    really = enquiries.way_to

    def way_to(ports, publisher, desk):
        has_mail = ports.mail is not None
        return enquiries.Way.MAIL if has_mail else really(ports, publisher, desk)

    everywhere(enquiries.way_to, way_to)


@fault("enquiries", "published_address")
def messages_without_end() -> None:
    """What is passed on in a day, and what waits, is not counted."""
    everywhere(enquiries._check_room, lambda *_: None)
    everywhere(passing_on._has_room, lambda *_: True)


@fault("enquiries", "listed_record")
def names_as_they_are() -> None:
    """The name of a record becomes a header as it stands."""
    everywhere(email_message._one_line, lambda text: text)
    everywhere(email_message._names, lambda _: _Anything())


@fault("enquiries", "one_address_or_refused")
def any_address_for_the_answer() -> None:
    """What a visitor writes is not looked at."""
    everywhere(visitor_words.cleaned, lambda asked: asked)


# --- pictures --------------------------------------------------------------------------------


@fault("pictures", "points_and_nothing_else")
def pictures_as_they_came() -> None:
    """What is shown is the publisher's file, not a copy of its points."""

    def copy(data, named):
        ending = named.path.rpartition(".")[2]
        return image.Picture(body=data, ending=ending, width=named.width, height=named.height)

    everywhere(picture_file.copy_picture, copy)


@fault("pictures", "no_picture")
def scans_without_end() -> None:
    """Nobody counts the scans of a JPEG."""
    limits.PICTURE_SCANS = 10**9


@fault("pictures", "no_picture")
def refused_pictures_again() -> None:
    """What cannot be shown is asked for again and again."""

    async def keep(ports, one, problem):
        return await picture_fetching._keep(ports, one, problem=problem)

    everywhere(picture_fetching._refuse, keep)


@fault("pictures", "points_and_nothing_else")
def pictures_that_run() -> None:
    """A picture is served like any file, without a policy."""
    for headers in web_pictures._HEADERS.values():
        headers.popall("Content-Security-Policy")


@fault("pictures", "thousand")
def pictures_all_at_once() -> None:
    """A publisher's pictures are asked for as many as it names."""
    picture_fetching.EACH = 10**6


@fault("pictures", "lies_about")
def any_size() -> None:
    """The size of a picture is what its file says, whatever the document says."""
    really = picture_file.copy_picture

    def copy(data, named):
        facts = picture_file.read_facts(data)
        return really(
            data,
            msgspec.structs.replace(named, width=facts.width, height=facts.height, bytes=len(data)),
        )

    everywhere(picture_file.copy_picture, copy)


class _Anything:
    """Equal to whatever it is compared with."""

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0
