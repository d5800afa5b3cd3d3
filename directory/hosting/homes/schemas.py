"""The form by which a home's staff tell who came to live there: what is typed, checked, or answered
with what to change. What it asks for is what regulation 41 asks for.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema
from msgspec.structs import asdict

from directory.country.authorities.service import find
from directory.hosting.homes.saying import why
from directory.notices.fields import LineField
from directory.web.forms import PARTS, DayField, Form
from protocols.notices import Contact
from protocols.publication import Publication
from protocols.residents import HomeNotice, Mistake, Resident

OLDEST = 30
_CHILD, _OURS = Publication.CHILD, Publication.AUTHORITY
ACCOMMODATED = {
    "section 20": "Yes, under section 20: by agreement",
    "section 21": "Yes, under section 21: police protection, detention or remand",
    "neither": "Under neither",
}
ORDERS = {
    "care order": "Yes, a care order",
    "supervision order": "Yes, a supervision order",
    "neither": "Neither",
}
MISTAKES: Mapping[Mistake, str] = {
    "never came": "They never came to live here",
    "told twice": "The same stay was told of twice",
    "another home": "They live in another home",
    "another person": "It was about another person",
}
"""What was wrong about a stay that a home takes back."""
YES_OR_NO = {"yes": "Yes", "no": "No"}
_PHONE = r"(?=(?:.*[0-9]){6})[-0-9+(). ,;extEXT/]+\Z"


def _one_of(known: Iterable[str], missing: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(list(known), error=missing),
        error_messages={"required": missing},
        metadata={"publication": _CHILD},
    )


def _telephone(missing: str, *, required: bool = True) -> LineField:
    wrong = "Enter a telephone number, like 01632 960 001 or +44 808 157 0192"
    return LineField(
        missing,
        "Telephone number",
        _OURS,
        required=required,
        validate=[validate.Regexp(_PHONE, error=wrong)],
    )


def _email() -> LineField:
    wrong = "Enter an email address in the correct format, like name@example.com"
    return LineField(
        "", "Email address", _OURS, required=False, validate=[validate.Email(error=wrong)]
    )


class ResidentForm(Form):
    """Loads all members of a `HomeNotice` that people type."""

    given_name = LineField("Enter the given name", "Given name", _CHILD)
    family_name = LineField("Enter the family name", "Family name", _CHILD)
    born_on = DayField("Enter the date of birth", "Date of birth", _CHILD)
    admitted_on = DayField("Enter the day of the admission", "Day of the admission", _CHILD)
    discharged_on = DayField("", "Day of the discharge", _CHILD, required=False)
    placing_authority = LineField("Choose the placing authority", "The authority", _CHILD)
    contact_name = LineField("Enter whom to call at the placing authority", "Name", _OURS)
    contact_telephone = _telephone("Enter their telephone number")
    contact_email = _email()
    officer_name = LineField("", "Name", _OURS, required=False)
    officer_telephone = _telephone("", required=False)
    officer_email = _email()
    accommodated = _one_of(ACCOMMODATED, "Say whether the child is accommodated under a section")
    order = _one_of(ORDERS, "Say whether there is an order under section 31")
    has_plan = _one_of(YES_OR_NO, "Say whether there is an education, health and care plan")
    plan_authority = LineField("", "The authority", _CHILD, required=False)

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    @validates_schema(skip_on_field_errors=False)
    def _fits_together(self, said: dict[str, Any], **_: Any) -> None:
        wrong: dict[str, str] = {}
        born, admitted = said.get("born_on"), said.get("admitted_on")
        left = said.get("discharged_on")
        if admitted and admitted > self._today:
            wrong["admitted_on"] = "Day of the admission must be today or in the past"
        if born and born > self._today:
            wrong["born_on"] = "Date of birth must be today or in the past"
        elif born and admitted and admitted < born:
            wrong["admitted_on"] = "Day of the admission must be after the date of birth"
        elif born and admitted and admitted.year - born.year > OLDEST:
            wrong["born_on"] = f"Date of birth makes them older than {OLDEST}. Check both days"
        if left and left > self._today:
            wrong["discharged_on"] = "Day of the discharge must be today or in the past"
        elif left and admitted and left < admitted:
            wrong["discharged_on"] = "Day of the discharge must be after the admission"
        if "placing_authority" in said and not find(said["placing_authority"]):
            wrong["placing_authority"] = "Choose an authority from the list"
        if "plan_authority" in said and not find(said["plan_authority"]):
            wrong["plan_authority"] = "Choose an authority from the list"
        if ("officer_name" in said) != ("officer_telephone" in said):
            there = "officer_telephone" if "officer_name" in said else "officer_name"
            wrong[there] = "Enter both name and telephone number, or leave both empty"
        if wrong:
            raise ValidationError({name: [text] for name, text in wrong.items()})

    @post_load
    def _members(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        officer = None
        if "officer_name" in said:
            officer = Contact(
                said["officer_name"],
                "Reviewing officer",
                said["officer_telephone"],
                said.get("officer_email"),
            )
        placing = find(said["placing_authority"])
        plan = find(said.get("plan_authority", "")) or placing
        has_plan = said["has_plan"] == "yes"
        return {
            "resident": Resident(said["given_name"], said["family_name"], said["born_on"]),
            "admitted_on": said["admitted_on"],
            "discharged_on": said.get("discharged_on"),
            "placing_authority": placing.gss if placing else "",
            "placing_contact": Contact(
                said["contact_name"],
                "Placing authority",
                said["contact_telephone"],
                said.get("contact_email"),
            ),
            "accommodated": said["accommodated"],
            "order": said["order"],
            "has_plan": has_plan,
            "plan_authority": plan.gss if plan and has_plan else None,
            "reviewing_officer": officer,
        }


class TakeBackForm(Form):
    """What was wrong about a stay that is taken back."""

    mistake = _one_of(MISTAKES, "Say what was wrong")


def a_notice(
    members: Mapping[str, Any],
    *,
    sender: str,
    claim: str,
    stay: str,
    told_by: str,
    told_at: datetime,
) -> HomeNotice:
    """What the form loaded, as it is told."""
    return HomeNotice(
        claim=claim,
        stay=stay,
        told_at=told_at,
        told_by=told_by[:200],
        **members,
        **why("home-notice/1", sender),
    )


def typed_of(said: HomeNotice) -> dict[str, str]:
    """The form as it would have been typed."""
    child = asdict(said.resident)
    typed = {name: str(child[name]) for name in ("given_name", "family_name")}
    for name, day in (
        ("born_on", child["born_on"]),
        ("admitted_on", said.admitted_on),
        ("discharged_on", said.discharged_on),
    ):
        if day:
            typed |= {f"{name}-{part}": str(getattr(day, part)) for part in PARTS}
    for prefix, one in (("contact", said.placing_contact), ("officer", said.reviewing_officer)):
        if one:
            typed |= {
                f"{prefix}_name": one.name,
                f"{prefix}_telephone": one.telephone,
                f"{prefix}_email": one.email or "",
            }
    return typed | {
        "placing_authority": said.placing_authority,
        "accommodated": said.accommodated,
        "order": said.order,
        "has_plan": "yes" if said.has_plan else "no",
        "plan_authority": said.plan_authority or "",
    }
