"""From which address a call comes, as far as it can be believed.

The socket's other end is sure. A header is not: everybody may write one, so it counts only from a proxy that the settings name,
and is read from its end, where our own proxies wrote, not from its beginning, where the caller may have. One household or office
of IPv6 has a /64 for itself: it is one address here.

>>> local = networks("10.0.0.0/8, ::1")
>>> of("203.0.113.9", ["10.1.1.1"], local)
'203.0.113.9'
>>> of("10.0.0.7", ["1.1.1.1, 203.0.113.9"], local)
'203.0.113.9'
>>> of("10.0.0.7", ["1.1.1.1, 203.0.113.9:4711, 10.0.0.8"], local)
'203.0.113.9'
>>> of("2001:db8:1:2:3:4:5:6", [], local)
'2001:db8:1:2::/64'
>>> of("::ffff:203.0.113.9", [], local)
'203.0.113.9'
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from backend.kit.errors import Misconfigured

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, divided by commas."""
    found: list[Network] = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ip_network(each, strict=False))
        except ValueError:
            raise Misconfigured(
                f"CREDITBRIDGE_TRUSTED_PROXIES: “{each}” is neither an address nor a network such as 10.0.0.0/8"
            ) from None
    return tuple(found)


def of(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The caller behind `peer`, with the values of its X-Forwarded-For headers in their order."""
    here = _read(peer)
    if here is None:
        return peer[:64]  # a socket of another kind: one address for all who come by it
    for hop in reversed([hop for value in forwarded for hop in value.split(",")]):
        if not any(here in network for network in trusted if network.version == here.version):
            break
        before = _read(hop)
        if before is None:
            break  # whatever stands further left, nobody vouches for it
        here = before
    return str(IPv6Network((int(here) >> 64 << 64, 64))) if isinstance(here, IPv6Address) else str(here)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port as some proxies write it: 203.0.113.9:4711, [2001:db8::1]:4711."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
