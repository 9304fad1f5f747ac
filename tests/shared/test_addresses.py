"""Which addresses are public: known ones by a table, whole ranges by property."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.addresses import is_public

INTERNAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


@given(st.data(), st.sampled_from([ipaddress.ip_network(network) for network in INTERNAL]))
def test_no_address_of_an_internal_network_is_public(
    data: st.DataObject, network: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> None:
    assert not is_public(data.draw(st.ip_addresses(network=network)))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_never_public(inside: ipaddress.IPv4Address) -> None:
    number = int(inside)
    carriers = [number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]

    assert not any(is_public(ipaddress.IPv6Address(carrier)) for carrier in carriers)


@given(st.ip_addresses())
def test_public_is_never_wider_than_the_registries_say(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert address.is_global or not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1"]
)
def test_a_public_site_may_be_opened(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["168.63.129.16", "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::1%eth0"]
)
def test_metadata_services_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
