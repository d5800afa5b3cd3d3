"""Founding a consortium on this machine: a folder, keys, databases and an address for each node."""

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from directory.country.authorities.service import REGIONS, Authority, by_gss, in_region
from directory.database import migrate
from directory.nodes import opened
from federation import (
    Node,
    adopt_charter,
    found_charter,
    initialise,
    keep_database,
    new_charter_key,
)
from protocols.members import Member
from protocols.policy import Group, Policy, Witness

LOOPBACK = "127.0.0.1"
# Leeds, Norfolk and Devon: far apart, and of different kinds.
THREE = ("E08000035", "E10000020", "E10000008")


@dataclass(frozen=True, slots=True)
class Site:
    """A node of the demonstration: where it is, whom it serves."""

    name: str
    folder: Path
    port: int
    authorities: tuple[Authority, ...]

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://{LOOPBACK}:{self.port}"


def three_authorities() -> dict[str, tuple[Authority, ...]]:
    """A node for each of three authorities."""
    return {by_gss(gss).name.lower(): (by_gss(gss),) for gss in THREE}


def nine_regions() -> dict[str, tuple[Authority, ...]]:
    """A caretaker node for each region's authorities."""
    return {region.lower().replace(" ", "-"): in_region(region) for region in REGIONS}


def found(
    folder: Path,
    served: Mapping[str, tuple[Authority, ...]],
    ports: Sequence[int],
    databases: Mapping[str, str | None] = MappingProxyType({}),
    witnesses: int = 0,
) -> list[Site]:
    """Make every node, put them under one charter, and have each adopt it.

    So many of them are its witnesses, of which more than half have to cosign.

    Each keeps its databases in its folder, or in the PostgreSQL database that is given for it.
    HEARTH_DATABASE is one node's, so it is forgotten.
    """
    os.environ.pop("HEARTH_DATABASE", None)
    sites = [
        Site(name, folder / name, port, authorities)
        for (name, authorities), port in zip(served.items(), ports, strict=True)
    ]
    members = [
        initialise(
            site.folder, site.name, site.url, {one.gss: one.name for one in site.authorities}
        )
        for site in sites
    ]
    now = datetime.now(UTC)
    groups: dict[str, list[str]] = {}
    for one in (one for site in sites for one in site.authorities):
        groups.setdefault(one.region, []).append(one.gss)
    signers = [new_charter_key(f"{site.name}/charter") for site in sites]
    policy = _majority_of(members[:witnesses])
    note = found_charter("Demonstration", members, groups, signers, now, policy)
    for site in sites:
        adopt_charter(site.folder, note, now)
        if database := databases.get(site.name):
            keep_database(site.folder, database)
        migrate(site.folder)
    return sites


def _majority_of(members: Sequence[Member]) -> str:
    """The policy of a committee of these members; empty where there are none."""
    if not members:
        return ""
    asked = tuple(Witness(one.node, one.cosigners[0], one.url) for one in members)
    names = tuple(one.name for one in asked)
    quorum = Group("quorum", len(names) // 2 + 1, names)
    return Policy((), asked, (quorum,), quorum.name).encode().decode()


def open_all(stack: ExitStack, sites: Sequence[Site]) -> dict[str, Node]:
    """Every node by name, open until the stack is left."""
    return {site.name: stack.enter_context(opened(site.folder)) for site in sites}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment."""
    with ExitStack() as stack:
        taken = [stack.enter_context(closing(socket.socket())) for _ in range(count)]
        for one in taken:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in taken]
