"""Which addresses belong to the public internet, so that a caller may have something fetched from there."""

from __future__ import annotations

import ipaddress

# All that IANA has given out of version 6. Within it and within version 4, addresses that lead elsewhere than they say,
# though Python calls many of them global: translations (RFC 3056, 7526), documentation, groups (RFC 5771), assignments
# of protocols (RFC 6890), and the address at which Azure answers its own virtual machines.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        *("2001::/23", "2002::/16", "3fff::/20", "224.0.0.0/3", "192.0.0.0/24", "192.88.99.0/24"),
        "168.63.129.16/32",
    )
]


def is_public(address: str) -> bool:
    """Whether an IP address, as a resolver gives it, belongs to the public internet, so that it may be fetched from."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    is_given_out = found.version == 4 or found in _GIVEN_OUT
    return found.is_global and is_given_out and not any(found in network for network in _NOT_PUBLIC)
