"""The homes of the directory as services, for members: each as its record says it.

Where a home stands is its authority, and never more closely. A home that two nodes claim stands
there once, as the first of them says it, and says that it is contested.
"""

import threading

from pyroaring import BitMap
from sqlalchemy import Connection, select

from directory.choosing.commissioning.labels import NEEDS
from directory.homes.addresses import ofsted_address
from directory.homes.index import NONE, Field, HomeIndex, home_index, index_state
from directory.homes.labels import NAME_UNKNOWN, NOT_DESCRIBED
from directory.homes.models import home
from directory.homes.query import NOT_INSPECTED
from directory.homes.service import FoundHome, found_homes
from directory.homes.text import rows_with
from directory.homes.words import read_terms
from directory.oruk.identifiers import identifier
from directory.oruk.public import provider_organisation
from directory.oruk.services import Organisation, Place, Service
from directory.oruk.taxonomies import TAXONOMIES, Term, term

_FIELDS: dict[str, Field] = {"provision": "provision", "judgement": "judgement"}
"""The index's field for the terms of a taxonomy."""
_NOBODY = Organisation("provider/", "Provider not known", "Who runs the home is not published.")
_lock = threading.Lock()
_known: dict[int, dict[str, int]] = {}


def matching_homes(
    connection: Connection, words: str, taxonomy: str | None, chosen: Term | None
) -> BitMap:
    """The homes, as numbers of the index, that have all the words and the term, or any of the
    taxonomy. Raises WordsTooLong.
    """
    index = home_index(connection)
    found = index.everything - _second_claims(index)
    if terms := read_terms(words):
        found &= index.with_ids(rows_with(connection, terms))
    if chosen:
        found &= _having(index, chosen)
    if taxonomy:
        codes = TAXONOMIES[taxonomy].terms
        found &= BitMap().union(*(_having(index, one) for one in codes))
    return found


def home_services(connection: Connection, numbers: list[int]) -> list[Service]:
    """The services of some homes, by their numbers in the index, in this order."""
    return [_service(one) for one in found_homes(connection, home_index(connection), numbers)]


def home_with(connection: Connection, wanted: str) -> Service | None:
    """The home whose service has an identifier; None if no home's has."""
    number = _numbers(connection).get(wanted)
    return home_services(connection, [number])[0] if number is not None else None


def _having(index: HomeIndex, one: Term) -> BitMap:
    if one.taxonomy == "kind":
        return index.everything if one.code == "home" else NONE
    if one.taxonomy == "need":  # in part is not enough: a term cannot say so
        return index.answers["yes"].get(one.code, NONE)
    field = _FIELDS.get(one.taxonomy)
    return index.having(field, one.code) if field else NONE


def _second_claims(index: HomeIndex) -> BitMap:
    """Of each contested home, all claims but the first."""
    return BitMap(n for n in index.contested if index.urns.get(n - 1) == index.urns[n])


def _numbers(connection: Connection) -> dict[str, int]:
    """The number of each home by its service's identifier; made once for a state of the index."""
    state, index = index_state(connection), home_index(connection)
    with _lock:
        if state in _known:
            return _known[state]
        rows = connection.execute(select(home.c.id, home.c.urn)).all()
        first = index.everything - _second_claims(index)
        made = {
            identifier(f"home/{row.urn}"): number
            for row in rows
            if (number := index.numbers[row.id]) in first
        }
        _known.clear()
        _known[state] = made
        return made


def _service(found: FoundHome) -> Service:
    record = found.record
    said = found.said
    judged = record.judgement.overall if record.judgement else NOT_INSPECTED
    return Service(
        key=f"home/{record.urn}",
        name=record.name or f"{NAME_UNKNOWN}, URN {record.urn}",
        description=said.summary or said.words if said else NOT_DESCRIBED,
        organisation=provider_organisation(record.provider) if record.provider else _NOBODY,
        terms=(
            term("kind", "home"),
            term("provision", record.provision),
            term("judgement", judged),
            *(term("need", need) for need in (said.codes("yes") if said else ()) if need in NEEDS),
        ),
        changed_at=found.published_at,
        assured_on=record.source.as_at,
        status="active" if record.status == "Active" else "temporarily closed",
        url=ofsted_address(record) or "",
        alert=_alert(found),
        ages=(said.youngest, said.oldest) if said else (None, None),
        place=Place(record.authority, found.authority_name, visited=True),
    )


def _alert(found: FoundHome) -> str:
    said = []
    if found.contested:
        said.append("Contested: another node says something of this home, too.")
    if found.record.status == "Suspended":
        said.append("Ofsted has suspended its registration.")
    if found.record.short_breaks_only:
        said.append("Short breaks only.")
    return " ".join(said)
