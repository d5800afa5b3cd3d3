"""What the pages of placements do alike: ids in addresses, reasons, and what is gone."""

import re
from http import HTTPStatus

from flask import Blueprint, abort, g, request

from directory.country.authorities.service import all_authorities
from directory.country.reference.working_days import london_day
from directory.country.rules.table import rules_for
from directory.notices.fields import LONGEST_DOCUMENT
from directory.notices.labels import CONTACTS, DOCUMENTS, LEGAL_STATUSES, SETTINGS
from directory.notices.schemas import OTHER_REASON
from directory.notices.sending import why_closed
from directory.notices.views.common import read_reason
from directory.placing.register.errors import NoSuchPlacement
from directory.placing.register.schemas import RELATIONS, SEXES, PlacementForm, Said
from directory.placing.register.values import Course, State, Whole
from directory.placing.register.where import area_told_by, where_is
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.web.error_pages import not_found
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, reading

PAGE_SIZE = 25
MOST_TYPED = 2 * 1024 * 1024
"""Bytes of the form: three documents of the greatest length, in letters that take nine bytes."""
REASONS = (
    "To keep the record of this placement right",
    "To tell those who have to be told of it",
    "To approve it, or to see whether it was approved",
    "The child is missing, or may be at risk",
)
_ID = re.compile("[0-9a-f]{32}")


def placement_pages(name: str, import_name: str, address: str = "") -> Blueprint:
    """A blueprint under the address of one authority's placements, kept out of every cache."""
    pages = Blueprint(
        name,
        import_name,
        template_folder="../templates",
        url_prefix=f"/authorities/<authority>/placements{address}",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchPlacement, not_found)

    return pages


def placement_id(text: str) -> str:
    """An id from an address; there is no page for what cannot be one."""
    return text if _ID.fullmatch(text) else abort(HTTPStatus.NOT_FOUND)


def read_why() -> tuple[str, dict[str, str]]:
    """Why the one who asks opens what names a child, or else what to change."""
    reason, problems = read_reason(REASONS)
    if "reason" in problems:
        problems["reason"] = "Choose why you open this record"
    return reason, problems


def asking_why() -> dict[str, object]:
    """What the question why needs on a page."""
    return {"reasons": REASONS, "other": OTHER_REASON, "typed_reason": request.form}


def kept_reason(reason: str) -> dict[str, str]:
    """A reason that was given, as the fields of the next form carry it on."""
    common = reason in REASONS
    return {
        "reason": reason if common else OTHER_REASON,
        "reason_other": "" if common else reason,
    }


def form_of(node: Node, authority: str) -> PlacementForm:
    """The form of a placement, as its nation's rules have it."""
    return PlacementForm(london_day(node.now()), rules_for(authority))


def form_frame(authority: str) -> dict[str, object]:
    """What the form of a placement needs on a page, beside what was typed."""
    return {
        "authorities": {
            one.gss: one.name for one in sorted(all_authorities(), key=lambda one: one.name)
        },
        "relations": RELATIONS,
        "sexes": SEXES,
        "settings": SETTINGS,
        "legal_statuses": LEGAL_STATUSES,
        "contacts": CONTACTS,
        "documents": DOCUMENTS,
        "longest": LONGEST_DOCUMENT,
        "first_parts": {
            name: f"{name}-{PARTS[0]}" for name in ("born_on", "starts_on", "expected_end")
        },
    }


def course_of(
    node: Node, authority: str, said: Said, state: State, before: Whole | None = None
) -> tuple[Course | None, dict[str, str]]:
    """The course that a form tells; or else what to change."""
    urn = said.facts.urn
    told = area_told_by(node, said.facts.address, urn)
    where = where_is(node, authority, told=told, area=said.area, relation=said.relation)
    if where.corrected and not said.facts.correction:
        return None, {"correction": "Say why it is not as the address tells"}
    if where.area and (where.area == authority) != (where.relation == "in area"):
        return None, {"relation": "In your own area is what is in the area of your own authority"}
    if urn and not (before and before.facts.urn == urn):
        with reading(node.replica) as replica:
            if closed := why_closed(replica, urn):
                return None, {"urn": closed}
    return (
        Course(
            said.starts_on,
            state,
            area=where.area,
            relation=where.relation,
            relation_corrected=where.corrected,
            ends_on=before.kept.course.ends_on if before else None,
            emergency=said.emergency,
            short_breaks=said.short_breaks,
        ),
        {},
    )


def may_keep(authority: str) -> bool:
    """Whether the one who asks may change what they read."""
    return may(g.who, Action.KEEP_PLACEMENTS, authority)
