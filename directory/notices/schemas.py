"""The forms of notices: what is typed, checked, or answered with what to change.

What a form does not know is ignored. Each message is fit to be shown beside its field.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from marshmallow import (
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from directory.country.authorities.service import find
from directory.country.rules.days import misfits
from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of, rules_for
from directory.notices.fields import DocumentField, LineField, email_field, telephone_field
from directory.notices.labels import CONTACTS, LEGAL_STATUSES, SETTINGS
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import DayField, Form
from protocols.notices import Child, Contact, Notice, Placement, PlacementNotice
from protocols.publication import Publication

OTHER_REASON = "other"
_CHILD, _AUTHORITY = Publication.CHILD, Publication.AUTHORITY
_YES_OR_NO = {"yes": True, "no": False}


def one_of(known: Collection[str], missing: str, publication: Publication) -> fields.String:
    """A choice that has to be made; `missing` asks for it."""
    return fields.String(
        required=True,
        validate=validate.OneOf(known, error=missing),
        error_messages={"required": missing},
        metadata={"publication": publication},
    )


class NoticeForm(Form):
    """Loads a `Notice` and the GSS code of the authority that it is for."""

    area = fields.String(
        required=True,
        error_messages={"required": "Choose the authority where the child is placed"},
        metadata={"publication": _AUTHORITY},
    )
    identifier = LineField("Enter your identifier for the child", "Identifier", _CHILD)
    given_name = LineField("Enter the child’s given name", "Given name", _CHILD)
    family_name = LineField("Enter the child’s family name", "Family name", _CHILD)
    born_on = DayField("Enter the child’s date of birth", "Date of birth", _CHILD)
    legal_status = one_of(LEGAL_STATUSES, "Choose the child’s legal status", _CHILD)
    setting = one_of(SETTINGS, "Choose the kind of placement", _CHILD)
    urn = LineField(
        "",
        "URN",
        _CHILD,
        required=False,
        validate=[
            validate.Regexp(
                r"[A-Za-z0-9-]{1,20}\Z", error="URN must be letters and numbers, like SC123456"
            )
        ],
    )
    address = LineField("Enter the address of the placement", "Address", _CHILD)
    starts_on = DayField("Enter the day on which the placement starts", "Start of it", _CHILD)
    expected_end = DayField("", "Expected end", _CHILD, required=False)
    emergency = one_of(_YES_OR_NO, "Say whether this is an emergency placement", _CHILD)
    social_worker_name = LineField("Enter the social worker’s name", "Name", _AUTHORITY)
    social_worker_telephone = telephone_field("the social worker’s")
    social_worker_email = email_field()
    out_of_hours_name = LineField(
        "Enter the name of the person or team to call out of hours", "Name", _AUTHORITY
    )
    out_of_hours_telephone = telephone_field("the out-of-hours")
    out_of_hours_email = email_field()
    reviewing_officer_name = LineField(
        "Enter the independent reviewing officer’s name", "Name", _AUTHORITY
    )
    reviewing_officer_telephone = telephone_field("the reviewing officer’s")
    reviewing_officer_email = email_field()
    assessment_of_needs = DocumentField("Enter the assessment of needs", "Assessment of needs")
    why_most_suitable = DocumentField(
        "Say why this placement is the most suitable", "Why this placement is the most suitable"
    )
    care_plan = DocumentField("Enter the care plan", "Care plan")
    placement = LineField(
        "",
        "Placement",
        _AUTHORITY,
        required=False,
        validate=[validate.Regexp("[0-9a-f]{32}", error="Begin again from the placement’s page")],
    )

    def __init__(
        self, placing: str, areas: Collection[str], distant: Collection[str], today: date
    ) -> None:
        """`placing` is who sends it, a GSS code. `areas` can be told; of them, `distant` are those
        neither here nor adjoining.
        """
        super().__init__()
        self._placing, self._areas, self._distant, self._today = placing, areas, distant, today

    def read(self, typed: Mapping[str, str]) -> tuple[Notice, str]:
        """The notice, and whom it is for; raises ValidationError."""
        notice, area = self.load(typed)
        return notice, area

    @validates_schema(skip_on_field_errors=False)
    def _fits_together(self, said: dict[str, Any], **_: Any) -> None:
        wrong: dict[str, str] = {}
        if (area := said.get("area")) and area not in self._areas:
            wrong["area"] = self._why_not(area)
        days = {name: said.get(name) for name in ("born_on", "starts_on", "expected_end")}
        found = misfits(rules_for(self._placing), self._today, **days)
        wrong |= {name: one.why for name, one in found.items()}
        if wrong:
            raise ValidationError({name: [said] for name, said in wrong.items()})

    def _why_not(self, area: str) -> str:
        """Why an authority cannot be told in this way, and what to do."""
        if area == self._placing:
            return "This is your own area, so no notice is due. Choose where the child is placed"
        if known := find(area):
            return (
                f"{known.name} is not in the consortium, so nothing can be sealed to it. Tell it "
                "by letter: the page Still to tell has one for each placement"
            )
        return "Choose an authority from the list"

    @post_load
    def _notice(self, said: dict[str, Any], **_: Any) -> tuple[Notice, str]:
        contacts: dict[str, Any] = {
            name: Contact(
                said[f"{name}_name"], role, said[f"{name}_telephone"], said.get(f"{name}_email")
            )
            for name, role in CONTACTS.items()
        }
        reasons = why("notice/2", nation_of(self._placing))
        notice = PlacementNotice(
            child=Child(
                said["identifier"], said["given_name"], said["family_name"], said["born_on"]
            ),
            placement=Placement(
                setting=said["setting"],
                address=said["address"],
                starts_on=said["starts_on"],
                urn=said["urn"].upper() if "urn" in said else None,
                emergency=_YES_OR_NO[said["emergency"]],
                at_a_distance=said["area"] in self._distant,
            ),
            legal_status=said["legal_status"],
            assessment_of_needs=said["assessment_of_needs"],
            why_most_suitable=said["why_most_suitable"],
            care_plan=said["care_plan"],
            purpose=reasons.purpose,
            lawful_basis=reasons.lawful_basis,
            expected_end=said.get("expected_end"),
            social_worker=contacts["social_worker"],
            out_of_hours=contacts["out_of_hours"],
            reviewing_officer=contacts["reviewing_officer"],
        )
        return notice, said["area"]


class ReasonForm(Form):
    """Why somebody opens a notice: one of the common reasons, or their own words."""

    reason = fields.String(
        required=True,
        error_messages={"required": "Choose why you open this notice"},
        metadata={"publication": _AUTHORITY},
    )
    reason_other = fields.String(load_default="", metadata={"publication": _AUTHORITY})

    def __init__(self, common: Collection[str]) -> None:
        super().__init__()
        self._common = common

    @validates_schema
    def _is_said(self, said: dict[str, Any], **_: Any) -> None:
        if said["reason"] == OTHER_REASON:
            if not SHORTEST_REASON <= len(said["reason_other"]) <= LONGEST_REASON:
                raise ValidationError(
                    f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters", "reason_other"
                )
        elif said["reason"] not in self._common:
            raise ValidationError("Choose why you open this notice", "reason")

    @post_load
    def _in_words(self, said: dict[str, str], **_: Any) -> str:
        other = said["reason"] == OTHER_REASON
        return said["reason_other"] if other else said["reason"]


class AcknowledgementForm(Form):
    """Whom to call here about the child. Loads a `Contact`."""

    name = LineField("Enter the name of the person to call", "Name", _AUTHORITY)
    role = LineField("Enter what that person is, such as Duty social worker", "Role", _AUTHORITY)
    telephone = telephone_field("that person’s")
    email = email_field()

    @post_load
    def _contact(self, said: dict[str, Any], **_: Any) -> Contact:
        return Contact(said["name"], said["role"], said["telephone"], said.get("email"))
