"""Ports for programs that are started again: nothing listens there, and no outgoing connection may take them meanwhile."""

from __future__ import annotations

import socket
from itertools import pairwise
from pathlib import Path

from growline.demo import Ports
from growline.free_ports import MOST_OF_A_KIND, free_ports


def test_each_port_has_room_behind_it_for_further_programs_of_its_kind() -> None:
    ports = sorted(free_ports(20))
    assert all(later - earlier >= MOST_OF_A_KIND for earlier, later in pairwise(ports))


def test_no_port_is_one_that_the_kernel_gives_to_outgoing_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(free_ports(50)) + MOST_OF_A_KIND <= first


def test_a_port_that_is_taken_is_not_given() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_ports(1)[0]))
        number = taken.getsockname()[1]
        assert not any(port <= number < port + MOST_OF_A_KIND for port in free_ports(2000))


def test_a_system_beside_others_has_a_port_for_every_program() -> None:
    ports = list(vars(Ports.free()).values())
    assert len(set(ports)) == len(Ports.__dataclass_fields__)
