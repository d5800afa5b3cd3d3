"""Services in the shape of Open Referral UK 3.0 (HSDS-UK): what is empty is left out.

A list has what stands once in a service; the whole of one has its lists, too. A service is at one
location at most, so a service at its location has the identifier of the service.
https://openreferraluk.org/developers/schemata
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from directory.homes.labels import day
from directory.oruk.identifiers import identifier
from directory.oruk.services import Organisation, Place, Service
from directory.oruk.taxonomies import TAXONOMIES, Taxonomy, Term

Shape: TypeAlias = dict[str, Any]
_GSS = "https://statistics.data.gov.uk/id/statistical-geography/"
_NEVER_CLOSER = "Where a home stands is published by authority, and never more closely."


def in_list(one: Service) -> Shape:
    """A service as a list has it."""
    return _once(whole(one))


def whole(one: Service) -> Shape:
    """A service with everything."""
    return _said(
        id=one.id,
        name=one.name,
        description=one.description,
        url=one.url,
        email=one.office.email if one.office else "",
        status=one.status,
        minimum_age=one.ages[0],
        maximum_age=one.ages[1],
        assured_date=one.assured_on.isoformat() if one.assured_on else "",
        alert=one.alert,
        last_modified=one.changed_at.isoformat() if one.changed_at else "",
        organization=_organization(one.organisation),
        schedules=_schedules(one),
        service_areas=_areas(one),
        service_at_locations=[_said(id=one.id, location=_location(one.place))] if one.place else [],
        contacts=_contacts(one),
        attributes=[_attribute(one, each) for each in one.terms],
    )


def located_in_list(one: Service) -> Shape:
    """A service at its location as a list has it."""
    return _said(id=one.id, location=_location(one.place), service=in_list(one))


def located(one: Service) -> Shape:
    """A service at its location with everything. It bears the service's name and status, too: the
    published API has this endpoint answer with a service.
    """
    service = {name: part for name, part in whole(one).items() if name != "service_at_locations"}
    return _said(
        id=one.id,
        name=one.name,
        status=one.status,
        location=_location(one.place),
        service=service,
    )


def taxonomy(one: Taxonomy, *, terms: bool) -> Shape:
    """A code list, with its terms or without."""
    listed = [taxonomy_term(each) for each in one.terms] if terms else []
    return _said(id=one.id, name=one.name, description=one.description, taxonomy_terms=listed)


def taxonomy_term(one: Term) -> Shape:
    """A code of a list."""
    known = TAXONOMIES[one.taxonomy]
    return {
        "id": one.id,
        "name": one.name,
        "description": f"{known.name}: {one.name}",
        "taxonomy": known.name,
        "taxonomy_id": known.id,
        "term": one.code,
    }


def page(contents: Sequence[Shape], total: int, number: int, size: int) -> Shape:
    """A page of a list of `total`, `size` to a page; one beyond the last is empty."""
    pages = max(1, -(-total // size))
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "contents": list(contents),
    }


def _organization(one: Organisation) -> Shape:
    codes = [
        {
            "id": identifier(f"{one.key}/gss"),
            "identifier_scheme": "GB-GSS",
            "identifier_type": "GSS code of the Office for National Statistics",
            "identifier": one.gss,
        }
    ]
    return _said(
        id=identifier(one.key),
        name=one.name,
        description=one.description,
        organization_identifiers=codes if one.gss else [],
    )


def _location(one: Place | None) -> Shape | None:
    if one is None:
        return None
    return _said(
        id=identifier(f"{'area' if one.visited else 'office'}/{one.gss}"),
        location_type="physical" if one.visited else "virtual",
        name=f"Somewhere in {one.name}" if one.visited else f"{one.name}, by email or telephone",
        description=_NEVER_CLOSER if one.visited else "",
        external_identifier=one.gss,
        external_identifier_type="GSS code",
    )


def _schedules(one: Service) -> list[Shape]:
    if not (one.opens or one.closes):
        return []
    said = [f"opens on {day(one.opens)}"] if one.opens else []
    said += [f"closes on {day(one.closes)}"] if one.closes else []
    return [
        _said(
            id=identifier(f"{one.key}/schedule"),
            valid_from=one.opens.isoformat() if one.opens else "",
            valid_to=one.closes.isoformat() if one.closes else "",
            description=" and ".join(said).capitalize(),
        )
    ]


def _areas(one: Service) -> list[Shape]:
    """An authority's services are for its area. Which children a home takes in, nobody says so."""
    if one.place is None or one.place.visited:
        return []
    return [
        {
            "id": identifier(f"{one.key}/area"),
            "name": one.place.name,
            "uri": _GSS + one.place.gss,
            "service_area": one.place.name,
        }
    ]


def _contacts(one: Service) -> list[Shape]:
    if one.office is None:
        return []
    key = f"{one.key}/contact"
    phone = [{"id": identifier(f"{key}/telephone"), "number": one.office.telephone}]
    return [
        _said(
            id=identifier(key),
            name=one.office.name,
            email=one.office.email,
            phones=phone if one.office.telephone else [],
        )
    ]


def _attribute(one: Service, each: Term) -> Shape:
    return {
        "id": identifier(f"{one.key}/attribute/{each.taxonomy}/{each.code}"),
        "link_id": one.id,
        "taxonomy_term_id": each.id,
        "taxonomy_term": taxonomy_term(each),
    }


def _said(**members: Any) -> Shape:
    """What has a value."""
    return {name: value for name, value in members.items() if value not in ("", None, [])}


def _once(shape: Shape) -> Shape:
    """What stands once in a shape, and in those within it."""
    return {
        name: _once(value) if isinstance(value, dict) else value
        for name, value in shape.items()
        if not isinstance(value, list)
    }
