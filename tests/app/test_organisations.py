"""Beginning to host an organisation, and which one a command means."""

from __future__ import annotations

import msgspec
import pytest

from app.makers import host_another
from localfed.app import organisations
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import (
    AlreadyInitialised,
    BadFile,
    BadUrl,
    LoopbackNotAllowed,
    UnknownOrganisation,
    WhichOrganisation,
)
from localfed.protocol.identity import read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit


async def test_a_new_organisation_is_complete_at_once(federation):
    """LF-WRITE-3: log, own record, page and head appear together."""
    grocer = await federation.node("grocer")

    publisher = grocer.publisher(grocer)

    record = parse_object(grocer.file("/org.json"))
    assert publisher.is_hosted
    assert not publisher.is_followed
    assert (publisher.base, publisher.host) == ("https://grocer.example/", "grocer.example")
    assert (record["name"], record["url"]) == ({"en": "Grocer"}, "https://grocer.example/")
    identity = read_identity(publisher.log, now=federation.clock.now())
    assert identity.did == publisher.did
    assert [method.partition("#")[2] for method in identity.keys] == [grocer.key.multikey]


async def test_without_a_key_on_disk_nothing_is_hosted(federation):
    grocer = await federation.node("grocer")
    kit, key = Kit(b"k" * 32), SigningKey(b"s" * 32)
    new = organisations.new_identity(
        kit, key, url="https://grocer.example/two/", now=grocer.clock.now(), allow_loopback=False
    )

    with pytest.raises(BadFile):
        await organisations.host(
            grocer.ports, new, name="Two", language="en", url=new.base, allow_loopback=False
        )

    assert len(grocer.store.publishers()) == 1


@pytest.mark.parametrize("url", ["http://x.example", "x.example", "https://10.0.0.1/", ""])
def test_a_url_that_cannot_be_a_home_is_refused(url):
    from federation import START

    with pytest.raises(BadUrl):
        organisations.new_identity(
            Kit(b"k" * 32), SigningKey(b"s" * 32), url=url, now=START, allow_loopback=True
        )


def test_a_home_on_this_machine_needs_the_operators_word():
    from federation import START

    with pytest.raises(LoopbackNotAllowed):
        organisations.new_identity(
            Kit(b"k" * 32),
            SigningKey(b"s" * 32),
            url="http://localhost:8001",
            now=START,
            allow_loopback=False,
        )


async def test_the_only_organisation_is_meant_without_being_named(federation):
    grocer = await federation.node("grocer")

    assert organisations.the_hosted(grocer.store).did == grocer.did
    for name in (grocer.did, grocer.host, grocer.base):
        assert organisations.the_hosted(grocer.store, name).did == grocer.did


async def test_of_several_one_has_to_be_named(federation):
    grocer = await federation.node("grocer")
    second = await host_another(grocer, "https://grocer.example/second/")

    with pytest.raises(WhichOrganisation, match="say which"):
        organisations.the_hosted(grocer.store)
    with pytest.raises(WhichOrganisation, match="several"):
        organisations.the_hosted(grocer.store, "grocer.example")

    for name in (
        second,
        "https://grocer.example/second/",
        "https://grocer.example/second",
        "grocer.example/second",
        "grocer.example/second/",
        " second ",
        "SECOND",
    ):
        assert organisations.the_hosted(grocer.store, name).did == second
    for name in ("Grocer", "https://grocer.example", grocer.did):
        assert organisations.the_hosted(grocer.store, name).did == grocer.did
    with pytest.raises(UnknownOrganisation, match="no such"):
        organisations.the_hosted(grocer.store, "baker.example")


async def test_whom_one_follows_is_not_whom_one_hosts(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)

    assert organisations.the_hosted(reader.store).did == reader.did
    with pytest.raises(UnknownOrganisation):
        organisations.the_hosted(reader.store, grocer.host)


async def test_two_organisations_of_one_node_have_feeds_of_their_own(federation):
    """LF-SERVE-6: each its own DID, key and BASE."""
    grocer = await federation.node("grocer")
    second = await host_another(grocer, "https://grocer.example/second/")
    before = grocer.store.publisher(second)

    await grocer.publish({"type": "Offer", "name": "Veg box"})

    assert grocer.store.publisher(second) == before
    assert [one.path for one in grocer.store.documents(second)] == ["org.json"]
    record = parse_object(grocer.store.document(second, "org.json").body)
    assert record["name"] == {"cy": "Second"}
    assert msgspec.json.decode(before.head)["seq"] == before.state.seq


async def test_two_of_one_name_have_to_be_told_apart_by_their_addresses(federation):
    grocer = await federation.node("grocer")
    await host_another(grocer, "https://grocer.example/one/")
    second = await host_another(grocer, "https://grocer.example/two/")

    with pytest.raises(WhichOrganisation, match="called so"):
        organisations.the_hosted(grocer.store, "Second")

    assert organisations.the_hosted(grocer.store, "grocer.example/two").did == second


@pytest.mark.parametrize("base", ["https://grocer.example/", "https://grocer.example/second/"])
async def test_nobody_is_hosted_where_another_one_lives(federation, base):
    """LF-SERVE-6."""
    grocer = await federation.node("grocer")
    await host_another(grocer, "https://grocer.example/second/")
    before = [(one.did, one.head) for one in grocer.store.publishers()]

    with pytest.raises(AlreadyInitialised):
        await host_another(grocer, base, "Third")

    assert [(one.did, one.head) for one in grocer.store.publishers()] == before


@pytest.mark.parametrize(
    "path", [".well-known", "api", "api/v1", "static", "mirror", "chapel/mirror", "mirror/chapel"]
)
async def test_nobody_is_hosted_where_the_node_itself_answers(federation, path):
    grocer = await federation.node("grocer")

    with pytest.raises(BadUrl):
        await host_another(grocer, f"https://grocer.example/{path}/")

    assert len(grocer.store.publishers()) == 1


async def test_the_language_of_plain_strings_is_each_ones_own(federation):
    grocer = await federation.node("grocer")
    second = await host_another(grocer, "https://grocer.example/second/")

    first, other = grocer.publisher(grocer), grocer.store.publisher(second)

    assert organisations.language_of(grocer.store, first, "en") == "en"
    assert organisations.language_of(grocer.store, other, "en") == "cy"
    assert organisations.name_of(grocer.store, other) == "Second"
