"""Which network addresses belong to the public internet: the only ones that URLs may lead to.

Whoever may have a URL fetched could otherwise reach what only this computer reaches: its own other
services, those of the network around it, and the cloud's, which hands out passwords.
"""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TUNNELS = (
    ipaddress.IPv6Network("2002::/16"),  # 6to4
    ipaddress.IPv6Network("2001::/32"),  # Teredo
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # NAT64 within a network
)
"""They hold an IPv4 address, and a gateway decides where it leads."""
_OF_CLOUDS = frozenset({ipaddress.IPv4Address("168.63.129.16")})
"""Public by its number, and yet Azure's own server for each of its machines."""


def is_public(address: str) -> bool:
    """Tell whether an address, as numbers, is one of the public internet.

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
        elif number.scope_id or number.is_site_local or any(number in net for net in _TUNNELS):
            return False
    return (
        number.is_global
        and not number.is_multicast
        and not number.is_reserved
        and number not in _OF_CLOUDS
    )
