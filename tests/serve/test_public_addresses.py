"""Which addresses belong to the public internet."""

from __future__ import annotations

import pytest

from yolo_fer.serve.public_addresses import is_elsewhere, is_own, is_public


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep the passwords of their machines
        "168.63.129.16",  # Azure's own
        "100.100.100.200",  # Alibaba's own
        "100.64.0.1",  # behind a carrier's NAT
        "192.0.0.192",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",  # 127.0.0.1 through NAT64
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",  # 127.0.0.1 through 6to4
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "fc00::1",
        "fd00:ec2::254",  # Amazon's own
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "0x7f.1",
        "localhost",
        "",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


def test_an_address_of_this_computer_is_not_elsewhere() -> None:
    """Whatever the internet calls it: behind it may be what a firewall hides from others."""
    assert is_own("127.0.0.1")
    assert is_own("127.0.0.2")
    assert not is_own("8.8.8.8")
    assert not is_own("2606:4700:4700::1111")
    assert is_elsewhere("8.8.8.8")
    assert not is_elsewhere("127.0.0.1")
