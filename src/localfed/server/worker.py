"""The worker: what a running node does by itself.

Here: when things are done: polling, indexing, renewing, writing bundles. Not here: how (the use cases
of `app`). Each loop outlives every error: one bad peer or a full disk must not end the node.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from localfed.app import (
    claim_notices,
    delivery,
    exchange_notices,
    exchanges,
    indexing,
    lapses,
    mailing,
    match_notices,
    organisations,
    partnerships,
    passing_on,
    picture_fetching,
    pictures,
    reading,
    renewals,
    sightings,
    sync,
    tidying,
    vouching,
)
from localfed.app.enquiry_port import Desk
from localfed.app.message_values import MessageState, Peer
from localfed.app.ports import Ports
from localfed.app.publishing import write_bundle
from localfed.app.values import Publisher
from localfed.protocol.errors import LocalFedError
from localfed.protocol.times import write_time
from localfed.server.console import counted

_log = logging.getLogger("localfed.worker")

LOG_SECONDS = 0.2
"""How often the store's log is looked at: what a command writes is found within half a second."""

INDEX_SECONDS = 2.0
"""How often the index is written while others are being read."""

FOLD_SECONDS = 1.0
"""How often it is asked whether entries about one organisation are to be folded anew."""

FOLD_SHARE = 20
"""How many times as long as that took it is left alone afterwards: over thousands of organisations it takes seconds."""

POLL_SECONDS = 1.0
"""How often it is asked who is due: a new follow is read at once."""

RENEW_SECONDS = 600.0
"""How often it is asked what has to be signed again."""

TIDY_SECONDS = 60.0
"""How often it is asked what is over."""

DELIVER_SECONDS = 1.0
"""How often it is asked what is to be posted."""

VOUCHING_SECONDS = 5.0
"""How often it is asked whether a half of a partnership has changed."""

PARTNERS_SECONDS = 10.0
"""How often it is asked whether what we proposed was accepted."""

MAIL_SECONDS = 5.0
"""How often it is asked what visitors wrote."""

READ_SECONDS = 2.0  # how often it is seen whether offers and needs are to be read
MATCHES_SECONDS = 300.0
"""How often operators are told of new matches."""

EXCHANGES_SECONDS = 10.0
"""How often it is asked whether an exchange waits for a word of ours."""

CLAIMS_SECONDS = 30.0
"""How often listers are told which of their records were claimed."""

LAPSES_SECONDS = 2.0
"""How often it is asked whether what held between organisations holds no longer."""

PICTURE_USES_SECONDS = 1.0
"""How often it is seen which pictures documents name: one read where nothing changed."""

PICTURES_SECONDS = 2.0
"""How often pictures are asked for whose time has come, a few of each publisher."""

OWN_HEADS_SECONDS = 86_400.0
"""How often it is asked whether a public head of ours goes further than what is stored here."""

LOOK_SECONDS = 60.0
"""How long the first renewal waits for that, should nobody answer."""

REST_SECONDS = 60.0
"""How long a publisher is left alone after a poll that failed on this side, as on a full disk: nothing could be written."""

_POLLS_AT_ONCE = 4

HOSTS_AT_ONCE = 8
"""Hosts that are posted to at one time."""

DOUBTFUL_HOSTS_AT_ONCE = 4
"""Those among them that did not answer last time: however many are dead, who answers has not to wait for them."""

_WAITING = frozenset({"mail", "own heads", "pictures", "vouching"})
"""Loops that wait for other machines."""

_PAUSE_SECONDS = 5.0
"""After an error: a full disk is not asked five times a second."""


class Worker:
    """The background work of one running node."""

    def __init__(self, ports: Ports, *, via_steps: int = 1, desk: Desk | None = None) -> None:
        self._ports = ports
        self._desk = desk or Desk(name="", url="", language="en")
        self._via_steps = via_steps
        self._tasks: list[asyncio.Task[None]] = []
        self._polling: set[str] = set()
        self._gate = asyncio.Semaphore(_POLLS_AT_ONCE)
        self._polls: set[asyncio.Task[None]] = set()
        self._delivering: set[str] = set()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._hosts_gate = asyncio.Semaphore(HOSTS_AT_ONCE)
        self._doubtful_gate = asyncio.Semaphore(DOUBTFUL_HOSTS_AT_ONCE)
        self._is_ending = asyncio.Event()
        self._has_looked = asyncio.Event()
        self._index_lock = asyncio.Lock()
        self._indexed_at = self._fold_at = 0.0
        self._matched_at, self._claims_at = (-1, 0), -1
        self._progress = reading.Progress(ports)
        self._told_at: tuple[int, list[int]] | None = None

    def start(self) -> None:
        """Begin; `stop` ends it."""
        loops: list[tuple[str, Callable[[], Awaitable[None]], float]] = [
            ("index", self._index, LOG_SECONDS),
            ("folding", self._fold, FOLD_SECONDS),
            ("poll", self._poll_due, POLL_SECONDS),
            ("renew", self._renew, RENEW_SECONDS),
            ("tidy", self._tidy, TIDY_SECONDS),
            ("deliver", self._deliver_due, DELIVER_SECONDS),
            ("mail", self._mail, MAIL_SECONDS),
            ("partners", self._keep_our_word, PARTNERS_SECONDS),
            ("vouching", self._see_who_is_vouched_for, VOUCHING_SECONDS),
            ("reading", self._read, READ_SECONDS),
            ("matches", self._tell_of_matches, MATCHES_SECONDS),
            ("exchanges", self._tell_of_exchanges, EXCHANGES_SECONDS),
            ("claims", self._tell_of_claims, CLAIMS_SECONDS),
            ("lapses", self._see_what_lapsed, LAPSES_SECONDS),
            ("picture uses", self._see_which_pictures_are_named, PICTURE_USES_SECONDS),
            ("pictures", self._fetch_pictures, PICTURES_SECONDS),
            ("own heads", self._look_for_own_heads, OWN_HEADS_SECONDS),
        ]
        self._tasks = [asyncio.create_task(self._forever(*loop), name=loop[0]) for loop in loops]
        self._tasks.append(asyncio.create_task(self._write_bundles(), name="bundles"))

    def _goes_on(self) -> bool:
        return not self._is_ending.is_set()

    async def stop(self) -> None:
        """End every loop; a commit under way is finished, nothing is half done."""
        self._is_ending.set()
        # What waits for other nodes is cut off; what commits has threads of its own, and would go on after the store is closed.
        waiting = {*self._polls, *self._deliveries}
        waiting |= {one for one in self._tasks if one.get_name() in _WAITING}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*self._tasks, *waiting, return_exceptions=True)

    async def _forever(
        self, name: str, work: Callable[[], Awaitable[None]], seconds: float
    ) -> None:
        while not self._is_ending.is_set():
            pause = seconds
            try:
                await work()
            except LocalFedError as error:
                _log.error("%s: %s: %s %s", name, error.code, error.message, error.detail)
                pause = max(seconds, _PAUSE_SECONDS)
            except Exception:  # the roof: a fault of ours in one round must not end the loop
                _log.exception("%s failed", name)
                pause = max(seconds, _PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_ending.wait(), pause)

    async def _index(self) -> None:
        if self._ports.index.position() == self._ports.store.log_position():
            return
        # While documents come in by the thousand, index and store would wait for the same disk: then less often.
        now = asyncio.get_running_loop().time()
        if self._polling and now < self._indexed_at + INDEX_SECONDS:
            return
        async with self._index_lock:
            await indexing.catch_up(self._ports, folds=False)
        self._indexed_at = asyncio.get_running_loop().time()

    async def _fold(self) -> None:
        time = asyncio.get_running_loop().time
        if time() < self._fold_at or not indexing.is_folding_due(self._ports):
            return
        began = time()
        # Beside the indexing of what comes in: only telling the index keeps that waiting.
        folds = await indexing.work_out_folds(self._ports, self._goes_on)
        if folds is not None:
            async with self._index_lock:
                await indexing.put_folds(self._ports, folds)
        self._fold_at = time() + FOLD_SHARE * (time() - began)

    async def _read(self) -> None:
        await self._progress.catch_up(self._goes_on)

    async def _poll_due(self) -> None:
        moment = write_time(self._ports.clock.now())
        for publisher in self._ports.store.due_for_poll(moment):
            if publisher.did not in self._polling:
                self._polling.add(publisher.did)
                task = asyncio.create_task(self._poll(publisher))
                self._polls.add(task)
                task.add_done_callback(self._polls.discard)

    async def _poll(self, publisher: Publisher) -> None:
        try:
            async with self._gate:
                report = await sync.poll(self._ports, publisher.did)
        except LocalFedError as error:
            _log.error("poll of %s: %s: %s", publisher.host, error.code, error.message)
            await asyncio.sleep(REST_SECONDS)
        except Exception:  # as in `_forever`: a task without an owner must not fail unseen
            _log.exception("poll of %s failed", publisher.host)
            await asyncio.sleep(REST_SECONDS)
        else:
            if report.problem:
                _log.warning("%s: %s: %s", report.host, report.problem, report.message)
            elif report.changed or report.deleted:
                _log.info(
                    "%s: %d new or changed, %d deleted",
                    report.host,
                    report.changed,
                    report.deleted,
                )
        finally:
            self._polling.discard(publisher.did)

    async def _look_for_own_heads(self) -> None:
        """See whether somebody else signs for an organisation hosted here, or did before a restore."""
        try:
            for publisher in self._ports.store.publishers(hosted=True):
                sighting = await sightings.look(self._ports, publisher.did)
                if sighting is not None:
                    _log.error(
                        "%s: public-head-ahead: %s goes further than what is stored here; nothing is"
                        " signed until you say which is right (localfed restored --help)",
                        publisher.host,
                        sighting.source,
                    )
        finally:
            self._has_looked.set()

    async def _renew(self) -> None:
        # A node put back from a backup looks around before it signs anything.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_looked.wait(), LOOK_SECONDS)
        for publisher in self._ports.store.publishers(hosted=True):
            try:
                is_done = False
                while not is_done:
                    is_done = (await renewals.renew(self._ports, publisher.did)).is_done
                await exchanges.let_go(self._ports, publisher.did)
            except LocalFedError as error:  # the key of one must not stop the others
                _log.error(
                    "renewing %s: %s: %s %s",
                    publisher.host,
                    error.code,
                    error.message,
                    error.detail,
                )

    async def _deliver_due(self) -> None:
        """Give each host whose turn it is a turn, apart from all others: who is slow holds up nobody."""
        for peer in delivery.hosts_due(self._ports):
            if peer.host not in self._delivering:
                self._delivering.add(peer.host)
                task = asyncio.create_task(self._deliver(peer))
                self._deliveries.add(task)
                task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, peer: Peer) -> None:
        try:
            async with self._doubtful_gate if peer.failures else self._hosts_gate:
                done = await delivery.deliver_to(self._ports, peer.host)
        except LocalFedError as error:
            _log.error("delivery to %s: %s: %s", peer.host, error.code, error.message)
            await asyncio.sleep(REST_SECONDS)
        except Exception:  # as in `_forever`: a task without an owner must not fail unseen
            _log.exception("delivery to %s failed", peer.host)
            await asyncio.sleep(REST_SECONDS)
        else:
            if done.failed:
                _log.warning("%s: %d given up (localfed outbox)", peer.host, done.failed)
        finally:
            self._delivering.discard(peer.host)

    async def _see_who_is_vouched_for(self) -> None:
        changes = await vouching.refresh(self._ports, steps=self._via_steps)
        if changes.begun or changes.shown or changes.hidden:
            _log.info(
                "partners of those followed: %d begun, %d shown, %d hidden",
                len(changes.begun),
                len(changes.shown),
                len(changes.hidden),
            )

    async def _see_what_lapsed(self) -> None:
        changes = await lapses.refresh(self._ports)
        for did, partner in changes.lapsed:
            _log.info("mutual promotion of %s and %s lapsed (localfed notices)", did, partner)

    async def _tell_of_exchanges(self) -> None:
        store = self._ports.store
        state = store.log_position(), [one.number for one in store.messages(MessageState.NEW)]
        if state != self._told_at:
            await exchange_notices.refresh(self._ports)
            self._told_at = state

    async def _tell_of_claims(self) -> None:
        position = self._ports.store.log_position()
        if position != self._claims_at:
            await claim_notices.refresh(self._ports)
            self._claims_at = position

    async def _tell_of_matches(self) -> None:
        if not await asyncio.to_thread(self._progress.is_current):
            return  # what is told now would be told otherwise in a moment
        state = self._ports.index.position(), self._progress.times
        if state == self._matched_at:
            return
        for publisher in self._ports.store.publishers(hosted=True):
            count = await match_notices.refresh(self._ports, publisher.did, goes_on=self._goes_on)
            if count:
                told = counted(count, "new match", "new matches")
                _log.info("%s: %s (localfed notices)", publisher.host, told)
        self._matched_at = state

    async def _keep_our_word(self) -> None:
        # It signs, as renewing does.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_looked.wait(), LOOK_SECONDS)
        if not self._ports.store.messages(MessageState.NEW):
            return
        for publisher in self._ports.store.publishers(hosted=True):
            try:
                usual = self._desk.language
                language = organisations.language_of(self._ports.store, publisher, usual)
                kept = await partnerships.settle(self._ports, publisher.did, language=language)
                counted = await exchanges.settle(self._ports, publisher.did, language=language)
            except LocalFedError as error:  # the key of one must not stop the others
                _log.error("partners of %s: %s: %s", publisher.host, error.code, error.message)
                continue
            for done in kept:
                _log.info("%s: %s with %s", publisher.host, done.mine, done.partner)
            for one in counted:
                _log.info("%s: exchange %s with %s", publisher.host, one.ref, one.partner)

    async def _mail(self) -> None:
        done = await mailing.mail_due(self._ports, self._desk)
        if done.to_tray:
            _log.warning("%d enquiries cannot be mailed (localfed enquiries)", done.to_tray)
        await passing_on.follow(self._ports, self._desk)

    async def _see_which_pictures_are_named(self) -> None:
        await pictures.follow(self._ports)

    async def _fetch_pictures(self) -> None:
        done = await picture_fetching.fetch_due(self._ports)
        if done.held or done.refused:
            _log.info("pictures: %d copied, %d refused", done.held, done.refused)

    async def _tidy(self) -> None:
        await tidying.tidy(self._ports)

    async def _write_bundles(self) -> None:
        """Write every bundle anew at the start: a command may have been cut off before it could."""
        for publisher in self._ports.store.publishers(hosted=True):
            try:
                await write_bundle(self._ports, publisher.did)
            except LocalFedError as error:
                _log.error("bundle of %s: %s: %s", publisher.host, error.code, error.message)
