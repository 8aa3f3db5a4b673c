"""Which IP addresses this node connects to: an allow-list, written as what is taken out of it.

Here: the special networks, each with its reason, and the question `may_connect`. Not here: URLs and
host names (`guard`), sockets (`dial`). Source: the IANA IPv4 and IPv6 Special-Purpose Address
Registries (RFC 6890, RFC 8190) and the IANA IPv6 Global Unicast Address Assignments.

`ipaddress.is_global` is not used: it lets NAT64, 6to4, IPv4-mapped and multicast addresses through,
each of which can lead to a private IPv4 address behind it.
"""

from __future__ import annotations

import functools
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final


class Zone(StrEnum):
    """Which part of the network a request may touch; one request touches only one."""

    PUBLIC = "public"
    """Addresses of the public internet."""
    LOOPBACK = "loopback"
    """This machine itself: development only, by the operator's word."""


SPECIAL_IPV4: Final[dict[str, str]] = {
    "0.0.0.0/8": "this network (RFC 791); Linux takes 0.0.0.0 for loopback",
    "10.0.0.0/8": "private use (RFC 1918)",
    "100.64.0.0/10": "shared address space of carriers (RFC 6598); some clouds' metadata",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "169.254.0.0/16": "link local (RFC 3927); the metadata service of most clouds",
    "172.16.0.0/12": "private use (RFC 1918)",
    "192.0.0.0/24": "IETF protocol assignments (RFC 6890); a cloud's metadata at 192.0.0.192",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.31.196.0/24": "AS112 (RFC 7535): anycast, whoever is nearest answers",
    "192.52.193.0/24": "AMT relays (RFC 7450): anycast",
    "192.88.99.0/24": "6to4 relays, deprecated (RFC 7526)",
    "192.168.0.0/16": "private use (RFC 1918)",
    "192.175.48.0/24": "AS112 (RFC 7534): anycast",
    "198.18.0.0/15": "benchmarking (RFC 2544); used inside tunnels",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved, and limited broadcast (RFC 1112, RFC 919); used inside clouds",
}
"""Every IPv4 network that is not the public internet, and why."""

PUBLIC_IPV6: Final = "2000::/3"
"""Global unicast. All else is out at once: loopback, mapped, NAT64, unique local, multicast, …"""

SPECIAL_IPV6: Final[dict[str, str]] = {
    "2001::/23": "IETF protocol assignments (RFC 2928): Teredo, benchmarking, AMT, ORCHID, DRIP",
    "2001:db8::/32": "documentation (RFC 3849)",
    "2002::/16": "6to4 (RFC 3056): holds an IPv4 address, which may be private",
    "2620:4f:8000::/48": "AS112 (RFC 7534): anycast",
    "2d00::/8": "reserved by IANA",
    "2e00::/7": "reserved by IANA",
    "3000::/4": "reserved by IANA; with it 3ffe::/16 (the returned 6bone) and 3fff::/20 "
    "(documentation, RFC 9637)",
}
"""What is taken out of `PUBLIC_IPV6`, and why."""

_IPV4: Final = tuple(IPv4Network(network) for network in SPECIAL_IPV4)
_IPV6: Final = tuple(IPv6Network(network) for network in SPECIAL_IPV6)
_GLOBAL_UNICAST: Final = IPv6Network(PUBLIC_IPV6)
_LOOPBACK_IPV4: Final = IPv4Network("127.0.0.0/8")
_LOOPBACK_IPV6: Final = IPv6Address("::1")


@functools.lru_cache(maxsize=4_096)
def may_connect(address: str, zone: Zone) -> bool:
    """Whether a socket of this zone may be made for an address.

    `address` is what a resolver or a socket names. What is not the plain spelling of an address is
    none: a zone index (`fe80::1%eth0`), octal or short IPv4 forms.
    """
    if "%" in address:
        return False
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if zone is Zone.LOOPBACK:
        return _is_loopback(parsed)
    return _is_public(parsed)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _IPV4)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _IPV6)


def _is_loopback(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address in _LOOPBACK_IPV4
    return address == _LOOPBACK_IPV6
