"""From the register to records, and from records to the log.

A home is published by the node of the authority where it stands; so is, by its name, the
organisation that runs it; whoever has left is retired. The same register again publishes nothing.
A home of which no list has said since when it is registered is not published, nor is what a person
has retired or erased.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as changed
from hashlib import sha256
from typing import TypeAlias, get_args

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, delete, select

from directory.records.ofsted.service import ListedHome, count_undated, gone, listed_homes
from directory.records.publishing.errors import Unpublishable
from directory.records.publishing.models import published, withheld
from federation import (
    Node,
    erased_references,
    hold,
    latest_records,
    stage,
    stage_retirement,
    upsert,
)
from protocols.commissioning import Commissioning
from protocols.diligence import Check
from protocols.profiles import Profile
from protocols.records import Description, Home, Provider, decode_record, encode_record
from protocols.statements import Statement

Published: TypeAlias = Home | Profile | Provider | Commissioning | Statement | Check

_HOME, _PROFILE, _PROVIDER = "home/", "profile/", "provider/"
_STATEMENT = "statement/"
LIST_NAME = "Ofsted, Children's social care data in England"
PROFILE_SOURCE = "The home, as its authority wrote it down"
PROVIDER_SOURCE = "The home, in its provider’s own words"


@dataclass(frozen=True, slots=True)
class Publication:
    """What went to the log, of everything that this node vouches for. `undated` homes did not: no
    list has said since when they are registered. Nor did those `withheld`: somebody retired or
    erased them.
    """

    homes: int
    providers: int
    unchanged: int
    retired: int = 0
    undated: int = 0
    withheld: int = 0
    commissioning: int = 0
    statements: int = 0
    profiles: int = 0


def publish_register(connection: Connection, node: Node) -> Publication:
    """Stage a record of every home in this node's area, and of every provider, that is new or
    changed, and retire those that have left, in the caller's transaction on `node.db`. Raises
    Unpublishable.
    """
    hold(connection, "register")
    listed = listed_homes(connection, node.member.area)
    said = _descriptions(connection)
    homes = [
        replace(home_record(one), description=said.get(one.registration.urn))
        for one in listed
        if one.registration.registered_on
    ]
    providers = _providers(homes)
    done = publish(connection, node, [*homes, *providers])
    return changed(
        done,
        retired=_retire(connection, node, homes, providers),
        undated=count_undated(connection, node.member.area),
    )


def publish(connection: Connection, node: Node, records: Iterable[Published]) -> Publication:
    """Stage those of the records that are neither published just so already nor withheld.

    Their words are a list's, made up by this software, or released
    (`directory.records.release`): what somebody has written goes there first.
    """
    hold(connection, "register")
    kept_back = set(connection.scalars(select(withheld.c.reference)))
    # As with what somebody here erased, the register waits for a person.
    kept_back |= erased_references(connection)
    rows = connection.execute(select(published))
    before: dict[str, bytes] = {row.reference: row.digest for row in rows}
    fresh: dict[str, bytes] = {}
    counts: dict[type[Published], int] = dict.fromkeys(get_args(Published), 0)
    unchanged = held_back = 0
    for record in records:
        data, reference = encode_record(record), reference_of(record)
        if reference in kept_back:
            held_back += 1
        elif before.get(reference) == sha256(data).digest():
            unchanged += 1
        else:
            fresh[reference] = data
            counts[type(record)] += 1
    stage(connection, node, fresh.items())
    if fresh:
        statement = upsert(connection, published)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["reference"], set_={"digest": statement.excluded.digest}
            ),
            [{"reference": ref, "digest": sha256(data).digest()} for ref, data in fresh.items()],
        )
    return Publication(
        counts[Home],
        counts[Provider],
        unchanged,
        withheld=held_back,
        commissioning=counts[Commissioning],
        statements=counts[Statement],
        profiles=counts[Profile],
    )


def _descriptions(connection: Connection) -> dict[str, Description]:
    """What is said of homes in the latest version of their records, by URN: no list knows it, and
    a list takes none of it away.
    """
    described = (
        decode_record(data)
        for data in latest_records(connection).values()
        if b'"description":{' in data
    )
    return {
        home.urn: home.description
        for home in described
        if isinstance(home, Home) and home.description
    }


def _retire(
    connection: Connection, node: Node, homes: list[Home], providers: list[Provider]
) -> int:
    """Stage the retirement of published homes that a list says are gone, and of the providers that
    run none here any more. An empty register says nothing, and retires nothing.
    """
    if not homes:
        return 0
    held = set(connection.scalars(select(published.c.reference)))
    of_homes = {one.removeprefix(_HOME) for one in held if one.startswith(_HOME)}
    current = {reference_of(one) for one in providers}
    urns = sorted(gone(connection, of_homes, node.member.area))
    leaving = [_HOME + urn for urn in urns]
    leaving += [profile_of(urn) for urn in urns if profile_of(urn) in held]
    leaving += sorted(one for one in held - current if one.startswith(_PROVIDER))
    stage_retirement(connection, node, leaving)
    for reference in leaving:
        connection.execute(delete(published).where(published.c.reference == reference))
    return len(leaving)


def of_home(urn: str) -> str:
    """What the record of a home is a version of."""
    return _HOME + urn


def profile_of(urn: str) -> str:
    """What the profile of a home is a version of."""
    return _PROFILE + urn


def statement_of(urn: str) -> str:
    """What the statement of purpose of a home is a version of."""
    return _STATEMENT + urn


def reference_of(record: Published) -> str:
    """What a record is a version of: `home/<URN>`, `profile/<URN>`, `commissioning/<GSS code>`,
    `check/<GSS code>/<item>`, or `provider/` and a digest of the name.
    """
    if isinstance(record, Home):
        return of_home(record.urn)
    if isinstance(record, Profile):
        return profile_of(record.urn)
    if isinstance(record, Statement):
        return statement_of(record.urn)
    if isinstance(record, Commissioning):
        return f"commissioning/{record.authority}"
    if isinstance(record, Check):
        return f"check/{record.authority}/{record.item}"
    return _PROVIDER + sha256(record.name.encode()).hexdigest()


def home_record(listed: ListedHome) -> Home:
    """The record of a listed home. Raises Unpublishable where the list's words have no code."""
    one = listed.registration
    facts: dict[str, object] = {
        "schema": "home/1",
        "urn": one.urn,
        "authority": one.authority_gss,
        "provision": one.provision_type,
        "sector": one.sector,
        "status": one.status,
        "registered_on": one.registered_on,
        "source": {"name": LIST_NAME, "as_at": listed.as_at},
        "name": one.name,
        "provider": one.owner,
        "places": one.places,
        "short_breaks_only": one.short_breaks_only,
        "multi_building": one.multi_building,
    }
    if one.overall and one.inspected_on:
        facts["judgement"] = {
            "inspected_on": one.inspected_on,
            "overall": one.overall,
            "protection": one.protection,
            "leadership": one.leadership,
        }
    try:
        return msgspec.convert(facts, Home)
    except msgspec.ValidationError as error:
        raise Unpublishable(
            f"The home {one.urn} cannot be published: {error}. Nothing was published; correct the "
            "list and import it again."
        ) from error


def _providers(homes: Iterable[Home]) -> list[Provider]:
    """Each organisation once, with the sector and source of the first of its homes."""
    found: dict[str, Provider] = {}
    for home in homes:
        if home.provider and home.provider not in found:
            found[home.provider] = Provider(home.provider, home.sector, home.source)
    return list(found.values())
