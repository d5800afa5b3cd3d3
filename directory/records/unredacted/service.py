"""The unredacted list: brought into the node, looked up by URN, and never published.

It says where children live, so it goes into a table of its own, from which no record is made, and
all of it is sealed there. The newest list takes the place of the one before as a whole; the data
key of a home that has left is destroyed. Every look says why, and is in the audit.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, insert, select

from directory.country.authorities.service import find_english
from directory.records.ofsted.cells import Row
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.heading import Heading
from directory.records.ofsted.reading import Reading
from directory.records.ofsted.registrations import Problem
from directory.records.ofsted.service import Tally
from directory.records.ofsted.workbooks import Rows
from directory.records.unredacted.errors import NotOnTheList
from directory.records.unredacted.models import unredacted
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, hold

LONGEST_CELL = 5_000  # characters: conditions of registration are long
_URN = re.compile(r"(?:SC)?[0-9]{1,8}")
_UNSAID = "not said"
_facts: Decoder[dict[str, str]] = Decoder(dict[str, str])


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


@dataclass(frozen=True, slots=True)
class UnredactedHome:
    """What the list says of one registration: the provider's type, the authority today, and all of
    it as JSON, text by heading.
    """

    provider_type: str | None
    authority_gss: str | None
    facts: bytes


@dataclass(frozen=True, slots=True)
class UnredactedList:
    """A list that was read to its end: by URN, with how many rows it has and what is wrong."""

    homes: Mapping[str, UnredactedHome]
    read: int
    problems: tuple[Problem, ...]


def read_unredacted(listed: Reading) -> UnredactedList:
    """Read a workbook's sheet of providers, and then the others, such as the settings of supported
    accommodation, which have a row for each address: those of one URN are kept together, what
    differs under the heading with a number. Raises UnreadableList when no row can be used.
    """
    problems: list[Problem] = []
    found: dict[str, dict[str, str]] = {}
    kinds: dict[str, tuple[str | None, str | None]] = {}
    for urn, facts, kind in _rows_of("", listed.heading, listed.rows(), found, problems):
        found[urn], kinds[urn] = facts, kind
    for name, heading, rows in listed.further:
        for urn, facts, kind in _rows_of(name, heading, rows, None, problems):
            kinds.setdefault(urn, kind)
            _add(found.setdefault(urn, {}), facts)
    if not found:
        raise UnreadableList(
            "The file has the header of Ofsted's unredacted list, but no row of it can be used. "
            "Nothing was changed; import the list as Ofsted sent it."
        )
    homes = {
        urn: UnredactedHome(*kinds[urn], msgspec.json.encode(facts, order="sorted"))
        for urn, facts in found.items()
    }
    return UnredactedList(homes, listed.read, tuple(problems))


def keep_unredacted(
    connection: Connection, node: Node, who: Principal, listed: UnredactedList, now: datetime
) -> UnredactedImport:
    """Put this list in the place of the one before, within the caller's transaction.

    Raises NotAllowed. After the commit, `federation.forget_deleted`.
    """
    require(who, Action.RUN_NODE)
    hold(connection, "unredacted list")
    vault = Vault(connection, node)
    rows = connection.execute(select(unredacted)).all()
    before = vault.open_all("unredacted", "facts", {row.urn: row.facts for row in rows})
    held = {row.urn: (before.get(row.urn, b""), row.provider_type or _UNSAID) for row in rows}
    tallies: dict[str, Tally] = defaultdict(Tally)
    for urn, one in listed.homes.items():
        _count(tallies[one.provider_type or _UNSAID], held.get(urn), one.facts)
    for urn in held.keys() - listed.homes.keys():
        tallies[held[urn][1]].left += 1
    sealed = vault.seal_all(
        "unredacted", "facts", {urn: one.facts for urn, one in listed.homes.items()}
    )
    connection.execute(delete(unredacted))
    connection.execute(
        insert(unredacted),
        [
            {
                "urn": urn,
                "provider_type": one.provider_type,
                "authority_gss": one.authority_gss,
                "facts": sealed[urn],
                "imported_at": now,
            }
            for urn, one in listed.homes.items()
        ],
    )
    detail = f"{len(listed.homes)} homes"
    note(connection, node, who, "import the unredacted list", detail=detail)
    vault.destroy("unredacted", held.keys() - listed.homes.keys())
    return UnredactedImport(
        read=listed.read,
        usable=len(listed.homes),
        joined=sum(one.joined for one in tallies.values()),
        changed=sum(one.changed for one in tallies.values()),
        unchanged=sum(one.unchanged for one in tallies.values()),
        left=sum(one.left for one in tallies.values()),
        problems=listed.problems,
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
    return _facts.decode(facts)


def listed_emails(
    connection: Connection, node: Node, authority: str, urns: Collection[str]
) -> dict[str, str]:
    """The providers' email addresses that the list says of registrations in an authority, by URN:
    for the node to write to, and to show to nobody.
    """
    theirs = select(unredacted.c.urn, unredacted.c.facts).where(
        unredacted.c.authority_gss == authority
    )
    sealed = {row.urn: row.facts for row in connection.execute(theirs) if row.urn in urns}
    found = {}
    for urn, facts in Vault(connection, node).open_all("unredacted", "facts", sealed).items():
        said = {title.casefold(): text for title, text in _facts.decode(facts).items()}
        if email := said.get("provider email address"):
            found[urn] = email
    return found


def _rows_of(
    sheet: str,
    heading: Heading,
    rows: Rows,
    once: Collection[str] | None,
    problems: list[Problem],
) -> Iterator[tuple[str, dict[str, str], tuple[str | None, str | None]]]:
    """Of each row that can be used: URN, text by heading, and the provider's type and authority.
    With `once`, a URN that is in it already is a problem.
    """
    columns = {title: place for place, title in enumerate(heading.titles) if title}
    titles = {name: heading.titles[place] for name, place in heading.columns.items()}
    for line, cells in rows:
        row = Row(Heading(heading.titles, columns), cells, line, longest=LONGEST_CELL)
        facts = {title: text for title in columns if (text := row.text(title)) is not None}
        urn = facts.get(titles["urn"], "").upper()
        if not _URN.fullmatch(urn):
            row.refuse(titles["urn"], "This is no URN. URNs look like 2590934 or SC469688.")
        elif once is not None and urn in once:
            row.refuse(titles["urn"], "The URN stands on an earlier line too. Keep one of them.")
        problems += [
            replace(one, column=f"{sheet}: {one.column}") if sheet else one for one in row.problems
        ]
        if not row.problems:
            authority = find_english(facts.get(titles["authority_as_written"], ""))
            kind = facts.get(titles["provision_type"])
            yield urn, facts, (kind, authority.gss if authority else None)


def _add(held: dict[str, str], more: Mapping[str, str]) -> None:
    """Add what another row of the same registration says, nothing twice."""
    for title, text in more.items():
        names = chain([title], (f"{title} ({number})" for number in count(2)))
        name = next(one for one in names if held.get(one, text) == text)
        held[name] = text


def _count(tally: Tally, held: tuple[bytes, str] | None, facts: bytes) -> None:
    tally.read += 1
    if held is None:
        tally.joined += 1
    elif held[0] == facts:
        tally.unchanged += 1
    else:
        tally.changed += 1
