"""Which network addresses are public: the rule that keeps downloads away from everything internal.

It lists what is allowed and refuses the rest. An IPv6 address that carries an IPv4 one inside (mapped, compatible,
NAT64, 6to4, Teredo) is refused whatever it carries: no public site needs to be reached that way.
"""

import ipaddress

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

# Inside the globally routable space, and still not a place of public sites (IANA special-purpose registries, 2025-10).
_REFUSED = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments, partly marked global
    ipaddress.IPv4Network("192.31.196.0/24"),  # AS112: answers for private reverse zones
    ipaddress.IPv4Network("192.52.193.0/24"),  # automatic multicast tunnelling
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.IPv4Network("192.175.48.0/24"),  # AS112
    ipaddress.IPv4Network("168.63.129.16/32"),  # a cloud platform's own services, on an address of the public space
    ipaddress.IPv6Network("2001::/23"),  # protocol assignments: Teredo, benchmarking, ORCHID
    ipaddress.IPv6Network("2001:db8::/32"),  # documentation
    ipaddress.IPv6Network("2002::/16"),  # 6to4
    ipaddress.IPv6Network("2620:4f:8000::/48"),  # AS112
    ipaddress.IPv6Network("3fff::/20"),  # documentation
)


def is_public(address: Address) -> bool:
    """Whether a public site may live at `address`."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address not in _GLOBAL_UNICAST):
        return False
    return not any(address in network for network in _REFUSED if network.version == address.version)
