"""Which network addresses belong to the public internet: the only ones that URLs may lead to.

A client that may have a URL fetched could otherwise reach what only this computer reaches: its own
other services, those of the network around it, and the cloud's, which hands out passwords.
"""

from __future__ import annotations

import ipaddress
import socket

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_OTHERS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # in Azure, a server of its own for each machine
        "192.0.0.0/24",  # special purposes, among them Oracle's cloud
        "192.88.99.0/24",  # the way into 6to4
        "64:ff9b:1::/48",  # NAT64 within a network
        "2001::/23",  # Teredo and other special purposes
        "2002::/16",  # 6to4: it holds an IPv4 address, and a gateway decides where it leads
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # sites
    )
)
"""Not of the public internet, whatever Python's version knows of them."""


def is_public(address: str) -> bool:
    """Return whether an address, as numbers, is one of the public internet.

    >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    try:
        number = ipaddress.ip_address(address)
    except ValueError:  # an IPv6 address of a named interface, for example
        return False
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped is not None:
            number = number.ipv4_mapped
        elif number in _NAT64:
            number = ipaddress.IPv4Address(int(number) & 0xFFFF_FFFF)
        elif number.scope_id is not None:
            return False
    return (
        number.is_global
        and not number.is_multicast
        and not number.is_reserved
        and not any(number in network for network in _OTHERS)
    )


def is_elsewhere(address: str) -> bool:
    """Return whether an address is public and none of this computer's own."""
    return is_public(address) and not is_own(address)


def is_own(address: str) -> bool:
    """Return whether an address, as numbers, is one of this computer: only then it can be taken."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
