"""Who has to be told of a placement or its end: the rules, held against what is known of it.

Care Planning, Placement and Case Review (England) Regulations 2010, regulations 13, 14 and 48: see
`directory/country/rules/nations`. Nothing here reads a database.
"""

from collections.abc import Sequence
from datetime import date

from directory.country.authorities.service import authority_name
from directory.country.rules.deadlines import Due, due
from directory.country.rules.table import Recipient, rules_for
from directory.placing.register.values import Course, Whole
from directory.placing.telling.values import Event, Reach
from protocols.charter import Rules as CharterRules
from protocols.commissioning import Office

AREA = "area authority"


def events(course: Course) -> Sequence[Event]:
    """Of what there is to tell: that a child is placed, and from the day that one is known, of the
    end. Of a placement that never began, nothing.
    """
    if course.state == "ended" and course.ends_on is None:
        return ()
    return ("placement",) if course.ends_on is None else ("placement", "ending")


def who_is_told(authority: str, event: Event, course: Course) -> list[Recipient]:
    """The recipients that the rules name, for an authority's placement that runs so."""
    rules = rules_for(authority)
    if course.short_breaks and event in rules.exemption("short breaks").exempt_from:
        return []
    return [
        one
        for one in rules.recipients
        if event in one.of
        and (one.where == "any" or course.relation != "in area")
        and not (course.short_breaks and _had_notice(one))
    ]


def due_for(
    authority: str, event: Event, course: Course, charter: CharterRules, today: date
) -> Due:
    """By when they are told. Of an end: before it; and where that was not done, in the days that
    the rules leave.
    """
    if event == "placement" or course.ends_on is None:
        return due("placement", authority, course.starts_on, charter, late=course.emergency)
    return due("ending", authority, course.ends_on, charter, late=today >= course.ends_on)


def reaches(rule: Recipient, whole: Whole, office: Office | None) -> list[tuple[int, Reach]]:
    """Whom a rule means for this placement, each with its number among those of the kind: everybody
    of that kind in the register, or one of whom nothing is known yet. `office` is the desk that the
    area authority has published for notices.
    """
    of_kind = [one for one in whole.child.recipients if one.kind == rule.code]
    named = [
        (number, Reach(one.name, one.address, one.email, one.telephone))
        for number, one in enumerate(of_kind)
        if not one.gone
    ]
    return named or [(len(of_kind), _otherwise(rule.code, whole, office))]


def _otherwise(code: str, whole: Whole, office: Office | None) -> Reach:
    child, facts, area = whole.child, whole.facts, whole.kept.course.area
    if code == "child":
        name = " ".join(filter(None, (child.given_name, child.family_name)))
        return Reach(name or None, facts.address)
    if code == "reviewing officer" and (officer := facts.reviewing_officer):
        return Reach(officer.name, None, officer.email, officer.telephone)
    if code == AREA and area:
        name = authority_name(area)
        if office is None:
            return Reach(name)
        return Reach(f"{name}, {office.name}", None, office.email, office.telephone)
    return Reach()


def _had_notice(one: Recipient) -> bool:
    """Whether somebody is told of an end only as one who had notice of the placement, which nobody
    has of short breaks (regulation 14(2)(c)(i)).
    """
    return "placement" in one.of and one.where == "any"
