"""A placement of nobody, which waits for its approval."""

from datetime import timedelta

from directory.country.reference.working_days import london_day
from directory.country.rules.relation import relation_of
from directory.demo.notices import fictional_notice
from directory.demo.places import Place
from directory.placing.register.service import add_placement, keep_child
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.security.rights.roles import Role
from federation import writing

_AHEAD = timedelta(days=7)


def plan_placement(placing: Place, area: Place) -> None:
    """Plan a placement in another authority's area, as its commissioner types it."""
    node, who, told = placing.node, placing.people[Role.COMMISSIONER], fictional_notice()
    child = ChildFacts(
        told.child.identifier, told.child.given_name, told.child.family_name, told.child.born_on
    )
    facts = PlacementFacts(
        told.placement.setting,
        told.placement.address,
        social_worker=told.social_worker,
        out_of_hours=told.out_of_hours,
        reviewing_officer=told.reviewing_officer,
        why_most_suitable=told.why_most_suitable,
        care_plan=told.care_plan,
    )
    course = Course(
        london_day(node.now()) + _AHEAD,
        "planned",
        area=area.gss,
        relation=relation_of(node.folder, placing.gss, area.gss),
    )
    with writing(node.node_db) as connection:
        of = keep_child(connection, node, who, placing.gss, child)
        add_placement(connection, node, who, placing.gss, of, course, facts)
