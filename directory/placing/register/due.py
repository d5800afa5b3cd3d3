"""What is still to be done about each placement, and by when: the worklist. Without the child."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.country.rules.deadlines import due
from directory.country.rules.table import Approval, rules_for
from directory.placing.register.values import Kept
from protocols.charter import Rules


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something to be done about a placement by a day, or `before` it."""

    placement: Kept
    what: str
    by: date
    is_late: bool
    before: bool = False


def to_do(
    every: Iterable[Kept],
    charter: Rules,
    today: date,
    outcomes: Mapping[str, str],
    told: Collection[str],
) -> list[ToDo]:
    """What is to be done about placements, what is due first coming first. `outcomes` is what was
    decided of their approval, by their ids; `told` are those of which the area authority was told
    without a sealed notice.
    """
    found = [
        one
        for kept in every
        for one in _about(kept, charter, today, outcomes.get(kept.id), kept.id in told)
    ]
    return sorted(found, key=lambda one: (one.by, one.placement.id))


def wants_notice(kept: Kept, told: bool) -> bool:
    """Whether the area authority has to be told of it (regulation 13(4)), and was not; `told`: it
    was without a sealed notice.
    """
    course = kept.course
    elsewhere = course.relation in ("out of area", "at a distance")
    return (
        elsewhere
        and not course.short_breaks  # regulation 48
        and course.state != "ended"
        and kept.notice is None
        and not told
    )


def wants_approval(kept: Kept, outcome: str | None) -> Approval | None:
    """Who has to approve a placement and has not; None where nobody has to. One that came by import
    when it had begun was approved elsewhere.
    """
    course = kept.course
    ours = course.state == "planned" or (course.state == "live" and kept.source == "typed")
    if not ours or course.relation is None or outcome in ("approved", "exempt"):
        return None
    return rules_for(kept.authority).approval(course.relation)


def _about(
    kept: Kept, charter: Rules, today: date, outcome: str | None, told: bool
) -> Iterable[ToDo]:
    course = kept.course
    if course.state == "ended":
        return
    if course.state == "planned" and course.starts_on <= today:
        yield ToDo(kept, "Say whether it began", course.starts_on, course.starts_on < today)
    if rule := wants_approval(kept, outcome):
        what = f"Approval by the {rule.by}"
        yield ToDo(kept, what, course.starts_on, course.starts_on <= today, before=True)
    if course.relation is None:
        yield ToDo(kept, "Say in whose area it is", course.starts_on, course.starts_on < today)
    elif wants_notice(kept, told):
        time = due("placement", kept.authority, course.starts_on, charter, late=course.emergency)
        what = f"Tell {authority_name(course.area)}" if course.area else "Tell the area authority"
        yield ToDo(kept, what, time.day, time.is_late(today), time.before)
