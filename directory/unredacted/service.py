"""The unredacted list: brought into the node, looked up by URN, and never published.

It says where children live, so it goes into a table of its own, from which no record is made, and
all of it is sealed there. The newest list takes the place of the one before as a whole; the data
key of a home that has left is destroyed. Every look says why, and is in the audit.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from directory.audit.service import note
from directory.authorities.service import find_english
from directory.ofsted.cells import Row
from directory.ofsted.errors import UnreadableList
from directory.ofsted.heading import Heading
from directory.ofsted.reading import Reading
from directory.ofsted.registrations import Problem
from directory.ofsted.service import Tally
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from directory.unredacted.errors import NotOnTheList
from directory.unredacted.models import unredacted
from directory.vault.service import Vault
from federation import Node, hold

LONGEST_CELL = 5_000  # characters: conditions of registration are long
_URN = re.compile(r"(?:SC)?[0-9]{1,8}")
_UNSAID = "not said"


@dataclass(frozen=True, slots=True)
class UnredactedImport:
    """What an import of the unredacted list did: figures as those of an import of the public one,
    and nothing of the homes themselves.
    """

    read: int
    usable: int
    joined: int
    changed: int
    unchanged: int
    left: int
    problems: tuple[Problem, ...]
    by_provision_type: Mapping[str, Tally]


def keep_unredacted(
    connection: Connection, node: Node, who: Principal, listed: Reading, now: datetime
) -> UnredactedImport:
    """Put this list in the place of the one before, within the caller's transaction.

    Raises NotAllowed; UnreadableList when no row of it can be used. After the commit,
    `federation.forget_deleted`.
    """
    require(who, Action.RUN_NODE)
    hold(connection, "unredacted list")
    columns = {title: place for place, title in enumerate(listed.heading.titles) if title}
    heading = Heading(listed.heading.titles, columns)
    titles = {name: heading.titles[place] for name, place in listed.heading.columns.items()}
    vault = Vault(connection, node)
    rows = connection.execute(select(unredacted)).all()
    before = vault.open_all("unredacted", "facts", {row.urn: row.facts for row in rows})
    held = {row.urn: (before.get(row.urn, b""), row.provider_type or _UNSAID) for row in rows}
    problems: list[Problem] = []
    tallies: dict[str, Tally] = defaultdict(Tally)
    fresh: dict[str, dict[str, Any]] = {}
    for line, cells in listed.rows():
        row = Row(heading, cells, line, longest=LONGEST_CELL)
        facts = {title: text for title in columns if (text := row.text(title)) is not None}
        urn = facts.get(titles["urn"], "").upper()
        if not _URN.fullmatch(urn):
            row.refuse(titles["urn"], "This is no URN. URNs look like 2590934 or SC469688.")
        elif urn in fresh:
            row.refuse(titles["urn"], "The URN stands on an earlier line too. Keep one of them.")
        problems += row.problems
        if row.problems:
            continue
        authority = find_english(facts.get(titles["authority_as_written"], ""))
        kind = facts.get(titles["provision_type"])
        fresh[urn] = {
            "urn": urn,
            "provider_type": kind,
            "authority_gss": authority.gss if authority else None,
            "facts": msgspec.json.encode(facts, order="sorted"),
            "imported_at": now,
        }
        _count(tallies[kind or _UNSAID], held.get(urn), fresh[urn]["facts"])
    if not fresh:
        raise UnreadableList(
            "The file has the header of Ofsted's unredacted list, but no row of it can be used. "
            "Nothing was changed; import the list as Ofsted sent it."
        )
    for urn in held.keys() - fresh.keys():
        tallies[held[urn][1]].left += 1
    sealed = vault.seal_all(
        "unredacted", "facts", {urn: one["facts"] for urn, one in fresh.items()}
    )
    connection.execute(delete(unredacted))
    connection.execute(
        insert(unredacted), [one | {"facts": sealed[urn]} for urn, one in fresh.items()]
    )
    detail = f"{len(fresh)} homes"
    note(connection, node, who, "import the unredacted list", detail=detail)
    vault.destroy("unredacted", held.keys() - fresh.keys())
    return UnredactedImport(
        read=listed.read,
        usable=len(fresh),
        joined=sum(one.joined for one in tallies.values()),
        changed=sum(one.changed for one in tallies.values()),
        unchanged=sum(one.unchanged for one in tallies.values()),
        left=sum(one.left for one in tallies.values()),
        problems=tuple(problems),
        by_provision_type=dict(sorted(tallies.items())),
    )


def unredacted_facts(
    connection: Connection, node: Node, who: Principal, urn: str, *, authority: str, reason: str
) -> dict[str, str]:
    """What the unredacted list says of this registration, by its headings; the look is in the
    audit of `authority`, for which somebody asks.

    Raises NotAllowed, ReasonWanted, NotOnTheList, or a VaultError.
    """
    require(who, Action.READ_UNREDACTED_LIST, authority, reason)
    sealed = connection.scalar(select(unredacted.c.facts).where(unredacted.c.urn == urn))
    if sealed is None:
        raise NotOnTheList(
            f"The unredacted list that this node holds does not name {urn}. Import the newest one "
            "with 'hearth import ofsted'."
        )
    facts = Vault(connection, node).open("unredacted", "facts", urn, sealed)
    note(
        connection,
        node,
        who,
        Action.READ_UNREDACTED_LIST,
        authority=authority,
        record=f"home/{urn}",
        reason=reason,
    )
    return msgspec.json.decode(facts, type=dict[str, str])


def _count(tally: Tally, held: tuple[bytes, str] | None, facts: bytes) -> None:
    tally.read += 1
    if held is None:
        tally.joined += 1
    elif held[0] == facts:
        tally.unchanged += 1
    else:
        tally.changed += 1
