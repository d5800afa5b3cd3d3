"""An approval as the page of its placement shows it, and what the area authority sees of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.country.authorities.service import authority_name
from directory.country.rules.table import rules_for
from directory.homes.labels import day
from directory.notices.labels import SETTINGS
from directory.notices.presenters import Item, Section
from directory.placing.approvals.consulting import Consulted
from directory.placing.approvals.service import Standing
from directory.placing.approvals.values import Said
from directory.web.wording import at
from protocols.consultations import Consultation, ConsultationAnswer, View
from protocols.notices import Contact

VIEWS: dict[View, str] = {
    "no concerns": "No concerns",
    "concerns": "Concerns, said below",
    "against": "Against it, for the reasons below",
}
_OUTCOMES = {
    "approved": ("Approved", "green"),
    "refused": ("Refused", "red"),
    "exempt": ("Exempt", "grey"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that comes before an approval: what it is, and what is recorded of it."""

    code: str
    label: str
    said: str
    done: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The approval of a placement, as its page shows it."""

    by: str
    source: str
    tag: str
    colour: str
    steps: Sequence[Step]
    missing: Sequence[str]
    decision: str
    without: str
    wanted: bool
    holds_up_notice: bool
    exemptions: Sequence[str]
    asked: Sequence[str]


def shown(authority: str, found: Standing, consulted: Sequence[Consulted]) -> Shown | None:
    """The approval of a placement of this authority; None where nobody has to approve it."""
    if found.rule is None:
        return None
    rules, considered = rules_for(authority), found.considered
    outcome = _OUTCOMES.get(found.outcome or "")
    tag, colour = outcome or (("Wanted", "yellow") if found.wanted else ("Not asked", "grey"))
    steps = [
        Step(
            code,
            rules.steps[code],
            _step(considered.steps.get(code), code in found.told, code in found.missing),
            code in found.told or code in considered.steps,
        )
        for code in found.rule.first
    ]
    return Shown(
        by=found.rule.by,
        source=found.rule.source,
        tag=tag,
        colour=colour,
        steps=steps,
        missing=[rules.steps[code] for code in found.missing],
        decision=_said(considered.decision) if considered.decision else "",
        without=_said(considered.without) if considered.without else "",
        wanted=found.wanted,
        holds_up_notice=found.holds_up_notice,
        exemptions=[
            f"{one.applies[0].upper()}{one.applies[1:]} ({one.source})"
            for one in rules.exemptions
            if "approval" in one.exempt_from
        ],
        asked=[_consulted(one) for one in consulted],
    )


def sections(asked: Consultation) -> list[Section]:
    """All that a consultation says."""
    child, placed = asked.child, asked.placement
    return [
        Section(
            "The child",
            "",
            [
                Item("Identifier", child.identifier),
                Item("Name", f"{child.given_name} {child.family_name}"),
                Item("Date of birth", day(child.born_on)),
            ],
        ),
        Section(
            "The placement that is planned",
            "",
            [
                Item("Kind", SETTINGS[placed.setting]),
                Item("URN", placed.urn or "None"),
                Item("Address", placed.address),
                Item("Begins", day(placed.starts_on)),
                Item("Emergency", "Yes" if placed.emergency else "No"),
                Item("Social worker", called(asked.social_worker), prose=True),
            ],
        ),
        Section(
            "Why",
            "",
            [
                Item("Why it is the most suitable", asked.why_most_suitable, prose=True),
                Item("Care plan", asked.care_plan, prose=True),
                Item("For what this is", asked.purpose),
                Item("Lawful basis", asked.lawful_basis),
            ],
        ),
    ]


def answered(answer: ConsultationAnswer) -> Section:
    """What was answered."""
    return Section(
        "The answer",
        "",
        [
            Item("View", VIEWS[answer.view]),
            Item("In words", answer.said or "Nothing more was said", prose=True),
            Item("Whom to call", called(answer.contact), prose=True),
        ],
    )


def called(one: Contact) -> str:
    """A line each: name, role, telephone, email."""
    return "\n".join(filter(None, (one.name, one.role, one.telephone, one.email)))


def _step(said: Said | None, told: bool, missing: bool) -> str:
    if said:
        return _said(said)
    if told:
        return "Done from this node"
    return "Not recorded" if missing else "Not recorded: may follow, this is an emergency"


def _said(said: Said) -> str:
    return f"{said.text} ({said.by}, {at(said.at)})"


def _consulted(one: Consulted) -> str:
    area = authority_name(one.area_authority)
    if one.answer is None:
        return f"{area} was asked on {at(one.sent_at)}, and has not answered."
    words = f": {one.answer.said}" if one.answer.said else ""
    return (
        f"{area} answered on {at(one.answer.answered_at)}: {VIEWS[one.answer.view]}{words}. Call "
        f"{one.answer.contact.name}, {one.answer.contact.telephone}."
    )
