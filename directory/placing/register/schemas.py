"""The forms of the register: what is typed, checked, or answered with what to change.

Fields that a notice has too have the same names, so that what is kept fills in the notice's form.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema
from msgspec import convert

from directory.country.authorities.service import all_authorities
from directory.country.rules.days import misfits
from directory.country.rules.relation import Relation
from directory.country.rules.table import Rules
from directory.notices.fields import LONGEST_DOCUMENT, LineField, email_field, telephone_field
from directory.notices.labels import CONTACTS, DOCUMENTS, LEGAL_STATUSES, SETTINGS
from directory.placing.register.values import ChildFacts, PlacementFacts, Whole
from directory.web.forms import DayField, Form, ProseField
from protocols.notices import Contact
from protocols.publication import Publication

SEXES = {"female": "Female", "male": "Male"}
RELATIONS: Mapping[Relation, str] = {
    "in area": "In our own area",
    "out of area": "Out of area: in an adjoining authority",
    "at a distance": "At a distance: outside our area and every adjoining one",
}
YES_OR_NO = {"yes": True, "no": False}
_CHILD, _AUTHORITY = Publication.CHILD, Publication.AUTHORITY
_OF_CHILD = ("identifier", "given_name", "family_name", "born_on", "sex", "legal_status")
_OF_PLACEMENT = ("setting", "urn", "address", "expected_end", "correction", *DOCUMENTS)


def _maybe(name: str, publication: Publication = _CHILD, **known: Any) -> LineField:
    return LineField("", name, publication, required=False, **known)


def _one_of(known: Collection[str], wrong: str, *, required: bool = False) -> fields.String:
    return fields.String(
        required=required,
        validate=validate.OneOf(known, error=wrong),
        error_messages={"required": wrong},
        metadata={"publication": _CHILD},
    )


def _document(name: str) -> ProseField:
    long = f"{name} must be {LONGEST_DOCUMENT:,} characters or fewer"
    return ProseField(
        validate=validate.Length(max=LONGEST_DOCUMENT, error=long),
        metadata={"publication": _CHILD},
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What the form says. `area` and `relation` are what a person says instead of the address."""

    child: ChildFacts
    facts: PlacementFacts
    starts_on: date
    emergency: bool
    short_breaks: bool
    area: str | None
    relation: Relation | None


class PlacementForm(Form):
    """A child and a placement, as far as they are known. Loads a `Said`."""

    identifier = LineField("Enter your identifier for the child", "Identifier", _CHILD)
    given_name = _maybe("Given name")
    family_name = _maybe("Family name")
    born_on = DayField("", "Date of birth", _CHILD, required=False)
    sex = _one_of(SEXES, "Choose a sex from the list")
    legal_status = _one_of(LEGAL_STATUSES, "Choose the child’s legal status")
    setting = _one_of(SETTINGS, "Choose the kind of placement", required=True)
    urn = _maybe(
        "URN",
        validate=[
            validate.Regexp(
                r"[A-Za-z0-9-]{1,20}\Z", error="URN must be letters and numbers, like SC123456"
            )
        ],
    )
    address = _maybe("Address")
    area = fields.String(metadata={"publication": _AUTHORITY})
    relation = _one_of(RELATIONS, "Choose how the placement lies")
    correction = _maybe("The reason")
    starts_on = DayField("Enter the day on which the placement starts", "Start of it", _CHILD)
    expected_end = DayField("", "Expected end", _CHILD, required=False)
    emergency = _one_of(YES_OR_NO, "Say whether this is an emergency placement", required=True)
    short_breaks = _one_of(YES_OR_NO, "Say whether it is a series of short breaks", required=True)
    social_worker_name = _maybe("Name", _AUTHORITY)
    social_worker_telephone = telephone_field("the social worker’s", required=False)
    social_worker_email = email_field()
    out_of_hours_name = _maybe("Name", _AUTHORITY)
    out_of_hours_telephone = telephone_field("the out-of-hours", required=False)
    out_of_hours_email = email_field()
    reviewing_officer_name = _maybe("Name", _AUTHORITY)
    reviewing_officer_telephone = telephone_field("the reviewing officer’s", required=False)
    reviewing_officer_email = email_field()
    assessment_of_needs = _document("Assessment of needs")
    why_most_suitable = _document("Why this placement is the most suitable")
    care_plan = _document("Care plan")

    def __init__(self, today: date, rules: Rules) -> None:
        """`rules` are those of the placing authority's nation."""
        super().__init__()
        self._today, self._rules = today, rules

    def read(self, typed: Mapping[str, str]) -> Said:
        """What was typed; raises ValidationError."""
        said: Said = self.load(typed)
        return said

    @validates_schema(skip_on_field_errors=False)
    def _fits_together(self, said: dict[str, Any], **_: Any) -> None:
        days = {name: said.get(name) for name in ("born_on", "starts_on", "expected_end")}
        found = misfits(self._rules, self._today, **days)
        wrong = {name: one.why for name, one in found.items()}
        if said.get("area", "") not in {"", *(one.gss for one in all_authorities())}:
            wrong["area"] = "Choose an authority from the list"
        for name, role in CONTACTS.items():
            called, number = said.get(f"{name}_name"), said.get(f"{name}_telephone")
            if number and not called:
                wrong[f"{name}_name"] = f"{role}: enter whose number that is"
            if called and not number:
                wrong[f"{name}_telephone"] = f"{role}: enter the telephone number"
        if wrong:
            raise ValidationError({name: [why] for name, why in wrong.items()})

    @post_load
    def _said(self, said: dict[str, Any], **_: Any) -> Said:
        contacts = {
            name: Contact(
                said[f"{name}_name"], role, said[f"{name}_telephone"], said.get(f"{name}_email")
            )
            for name, role in CONTACTS.items()
            if f"{name}_name" in said
        }
        told = {name: said[name] for name in (*_OF_CHILD, *_OF_PLACEMENT) if name in said}
        if "urn" in told:
            told["urn"] = told["urn"].upper()
        return Said(
            child=convert({name: told[name] for name in _OF_CHILD if name in told}, ChildFacts),
            facts=convert(
                contacts | {name: told[name] for name in _OF_PLACEMENT if name in told},
                PlacementFacts,
            ),
            starts_on=said["starts_on"],
            emergency=YES_OR_NO[said["emergency"]],
            short_breaks=YES_OR_NO[said["short_breaks"]],
            area=said.get("area"),
            relation=said.get("relation"),
        )


class CourseForm(Form):
    """What became of a placement: it began, never began, or ended. Or of the child, who died."""

    became = _one_of(
        ("began", "never began", "ended", "died", "died by mistake"),
        "Say what became of it",
        required=True,
    )
    ends_on = DayField("", "The last day", _CHILD, required=False)
    ending = _maybe("Why it ended")
    died_on = DayField("", "Day of the death", _CHILD, required=False)

    @validates_schema
    def _has_a_day(self, said: dict[str, Any], **_: Any) -> None:
        if said["became"] == "ended" and "ends_on" not in said:
            raise ValidationError("Enter the day on which the placement ended", "ends_on")
        if said["became"] == "died" and "died_on" not in said:
            raise ValidationError("Enter the day on which the child died", "died_on")


class FindForm(Form):
    """Whom somebody looks for among the children."""

    words = LineField(
        "Enter your identifier for the child, or a part of the name",
        "What you look for",
        _CHILD,
        validate=[validate.Length(min=2, error="Enter 2 letters or figures at least")],
    )


def typed_of(whole: Whole) -> dict[str, str]:
    """What is kept, as it would stand in the fields of this form and of a notice's; a corrected
    relation too, and the area unless the address tells it.
    """
    course, facts, child = whole.kept.course, whole.facts, whole.child
    typed = {
        "emergency": "yes" if course.emergency else "no",
        "short_breaks": "yes" if course.short_breaks else "no",
        "area": course.area or "",
        "relation": course.relation or "" if course.relation_corrected else "",
        **_day("starts_on", course.starts_on),
        **_day("born_on", child.born_on),
        **_day("expected_end", facts.expected_end),
    }
    days = ("born_on", "expected_end")
    typed |= {name: getattr(child, name) or "" for name in _OF_CHILD if name not in days}
    typed |= {name: getattr(facts, name) or "" for name in _OF_PLACEMENT if name not in days}
    for name in CONTACTS:
        one: Contact | None = getattr(facts, name)
        for part in ("name", "telephone", "email"):
            typed[f"{name}_{part}"] = (getattr(one, part) if one else None) or ""
    return typed


def _day(name: str, when: date | None) -> dict[str, str]:
    if when is None:
        return {}
    return {
        f"{name}-day": str(when.day),
        f"{name}-month": str(when.month),
        f"{name}-year": str(when.year),
    }
