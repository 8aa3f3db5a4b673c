"""Which addresses are connected to: every special network, at its ends and in many spellings."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.net.addresses import (
    SPECIAL_IPV4,
    SPECIAL_IPV6,
    Zone,
    may_connect,
)

ENDS = [
    (str(end), f"{network} is {why}")
    for network, why in (SPECIAL_IPV4 | SPECIAL_IPV6).items()
    for end in (ipaddress.ip_network(network)[0], ipaddress.ip_network(network)[-1])
]

# Address, and what it is. The first block are the classics of server-side request forgery.
FORBIDDEN = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback, the far end"),
    ("0.0.0.0", "this host: Linux connects to itself"),  # noqa: S104
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private, the far end"),
    ("192.168.1.1", "private: the router"),
    ("169.254.169.254", "metadata of most clouds"),
    ("169.254.170.2", "credentials of containers in a cloud"),
    ("100.100.100.200", "metadata of a cloud in carrier space"),
    ("192.0.0.192", "metadata of a cloud"),
    ("192.0.0.9", "PCP anycast: the nearest router"),
    ("192.0.0.170", "NAT64 discovery"),
    ("255.255.255.255", "broadcast"),
    ("224.0.0.1", "multicast: all hosts"),
    ("239.255.255.250", "multicast: UPnP"),
    ("240.0.0.1", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("0:0:0:0:0:0:0:1", "loopback in full"),
    ("0000:0000:0000:0000:0000:0000:0000:0001", "loopback with zeros"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("::10.0.0.1", "IPv4-compatible"),
    ("::ffff:127.0.0.1", "IPv4-mapped loopback"),
    ("::ffff:7f00:1", "the same in hexadecimal"),
    ("::ffff:10.0.0.1", "IPv4-mapped private"),
    ("::ffff:169.254.169.254", "IPv4-mapped metadata"),
    ("::ffff:a9fe:a9fe", "the same in hexadecimal"),
    ("::ffff:8.8.8.8", "IPv4-mapped, even of a public address"),
    ("::ffff:0:127.0.0.1", "IPv4-translated (SIIT)"),
    ("64:ff9b::127.0.0.1", "NAT64 of loopback"),
    ("64:ff9b::a00:1", "NAT64 of 10.0.0.1"),
    ("64:ff9b::a9fe:a9fe", "NAT64 of metadata"),
    ("64:ff9b::8.8.8.8", "NAT64, even of a public address"),
    ("64:ff9b:1::a00:1", "local NAT64 (RFC 8215)"),
    ("100::1", "discard only"),
    ("100:0:0:1::1", "dummy prefix (RFC 9780)"),
    ("2001::1", "Teredo"),
    ("2001:0:7f00:1::", "Teredo with loopback as its server"),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", "Teredo of 127.0.0.1, obfuscated"),
    ("2001:1::1", "PCP anycast"),
    ("2001:2::1", "benchmarking"),
    ("2001:3::1", "AMT"),
    ("2001:4:112::1", "AS112"),
    ("2001:5::1", "LISP"),
    ("2001:10::1", "ORCHID"),
    ("2001:20::1", "ORCHIDv2"),
    ("2001:2f:ffff::1", "ORCHIDv2, the far end"),
    ("2001:30::1", "DRIP"),
    ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "the last of the protocol assignments"),
    ("2001:db8::1", "documentation"),
    ("2001:0DB8::1", "documentation in capitals"),
    ("2002:7f00:1::", "6to4 of loopback"),
    ("2002:7f00:0001::1", "6to4 of loopback"),
    ("2002:a00:1::1", "6to4 of 10.0.0.1"),
    ("2002:c0a8:101::1", "6to4 of 192.168.1.1"),
    ("2002:a9fe:a9fe::1", "6to4 of metadata"),
    ("2002:808:808::1", "6to4, even of a public address"),
    ("3ffe::1", "the returned 6bone"),
    ("3fff::1", "documentation (RFC 9637)"),
    ("3fff:fff:ffff::1", "documentation, the far end"),
    ("4000::1", "outside global unicast"),
    ("5f00::1", "segment routing"),
    ("1fff:ffff::1", "just below global unicast"),
    ("fc00::1", "unique local"),
    ("fd00:ec2::254", "metadata of a cloud over IPv6"),
    ("fd20:ce::254", "metadata of another"),
    ("fdff:ffff::1", "unique local, the far end"),
    ("fe80::1", "link local"),
    ("febf::1", "link local, the far end"),
    ("fec0::1", "site local, deprecated"),
    ("ff02::1", "multicast: all nodes"),
    ("ff05::c", "multicast: UPnP"),
    ("ff0e::1", "multicast, global scope"),
    ("fe80::1%eth0", "with a zone"),
    ("fe80::1%25eth0", "with an escaped zone"),
    ("::1%lo", "loopback with a zone"),
    ("2a00:1450:4009::1%eth0", "a public address with a zone is a local one"),
]

NOT_ADDRESSES = [
    "",
    " ",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "127.0.0.01",
    "127.0.0.1 ",
    " 127.0.0.1",
    "127.0.0.1\n",
    "127.0.0.1\x00",
    "127。0。0。1",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "8.8.8.8/32",
    "8.8.8.8:443",
    "[::1]",
    "[2a00:1450:4009::1]",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "08.8.8.8",
    "8.8.8.010",
    "::ffff:127.0.0.01",
    ":::1",
    "2a00:1450:4009::1::2",
    "2a00:1450:4009:0:0:0:0:0:1",
    "g::1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "93.184.216.34",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2400:cb00::1",
    "2606:4700:4700::1111",
    "2620:fe::fe",
    "2620:4f:7fff::1",
    "2620:4f:8001::1",
    "2800::1",
    "2a00:1450:4009:81f::200e",
    "2A00:1450:4009:81F::200E",
    "2c0f:f248::1",
    "2cff:ffff::1",
]

LOOPBACK = ["127.0.0.1", "127.0.1.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1"]


@pytest.mark.parametrize("address, why", ENDS)
def test_both_ends_of_every_special_network_are_forbidden(address, why):
    assert not may_connect(address, Zone.PUBLIC), why


@pytest.mark.parametrize("address, why", FORBIDDEN)
def test_a_special_address_is_forbidden_however_written(address, why):
    assert not may_connect(address, Zone.PUBLIC), why


@pytest.mark.parametrize("text", NOT_ADDRESSES)
@pytest.mark.parametrize("zone", Zone)
def test_what_is_no_plain_address_is_forbidden_in_every_zone(text, zone):
    assert not may_connect(text, zone)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_allowed(address):
    assert may_connect(address, Zone.PUBLIC)
    assert not may_connect(address, Zone.LOOPBACK), "a request to this machine stays here"


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_is_allowed_to_development_alone(address):
    assert may_connect(address, Zone.LOOPBACK)
    assert not may_connect(address, Zone.PUBLIC)


@pytest.mark.parametrize(
    "address", [address for address, why in FORBIDDEN if address not in {*LOOPBACK}]
)
def test_development_opens_no_other_special_address(address):
    may = may_connect(address, Zone.LOOPBACK)

    assert may == (address in {"127.255.255.254", "0000:0000:0000:0000:0000:0000:0000:0001"})


@given(st.ip_addresses())
def test_nothing_is_allowed_that_the_standard_library_calls_private(address):
    """Ours is narrower than `ipaddress` everywhere; the other way round it is not."""
    if may_connect(str(address), Zone.PUBLIC):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved
        assert getattr(address, "ipv4_mapped", None) is None
        assert getattr(address, "sixtofour", None) is None
        assert getattr(address, "teredo", None) is None


@given(st.text(max_size=60))
def test_any_text_at_all_gives_yes_or_no(text):
    assert may_connect(text, Zone.PUBLIC) in {True, False}
