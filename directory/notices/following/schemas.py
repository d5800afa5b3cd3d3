"""The forms of what follows a notice. What stays as it is, is left empty; none of it is shown."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates_schema

from directory.notices.fields import LineField, TextField, email_field, telephone_field
from directory.notices.following.labels import (
    ANSWERED,
    CHANGES,
    ENDED_BY,
    WHY_ENDS,
    WITHDRAWN_FOR,
    YES_OR_NO,
)
from directory.notices.following.saying import Changes
from directory.notices.labels import CONTACTS, LEGAL_STATUSES, SETTINGS
from directory.notices.schemas import one_of
from directory.web.forms import DayField, Form
from protocols.notices import Contact
from protocols.publication import Publication

_CHILD, _AUTHORITY = Publication.CHILD, Publication.AUTHORITY
_SAYS = {"yes": True, "no": False}


def _maybe(name: str) -> LineField:
    return LineField("", name, _CHILD, required=False)


class ChangeForm(Form):
    """Loads `Changes` of a notice."""

    kind = one_of(CHANGES, "Say whether it has changed or was wrong", _AUTHORITY)
    since = DayField("Enter the day from which this holds", "Day from which this holds", _CHILD)
    reason = TextField("", "Reason", _CHILD, required=False)
    setting = fields.String(load_default=None, metadata={"publication": _CHILD})
    urn = _maybe("URN")
    address = _maybe("Address")
    starts_on = DayField("", "Start of it", _CHILD, required=False)
    social_worker_name = LineField("", "Name", _AUTHORITY, required=False)
    social_worker_telephone = telephone_field("the social worker’s", required=False)
    social_worker_email = email_field()
    out_of_hours_name = LineField("", "Name", _AUTHORITY, required=False)
    out_of_hours_telephone = telephone_field("the out-of-hours", required=False)
    out_of_hours_email = email_field()
    reviewing_officer_name = LineField("", "Name", _AUTHORITY, required=False)
    reviewing_officer_telephone = telephone_field("the reviewing officer’s", required=False)
    reviewing_officer_email = email_field()
    legal_status = fields.String(load_default=None, metadata={"publication": _CHILD})
    identifier = _maybe("Identifier")
    given_name = _maybe("Given name")
    family_name = _maybe("Family name")
    born_on = DayField("", "Date of birth", _CHILD, required=False)

    @validates_schema
    def _fits_together(self, said: dict[str, Any], **_: Any) -> None:
        wrong: dict[str, str] = {}
        if "urn" in said and "address" not in said:
            wrong["address"] = "Enter the address that belongs to this URN"
        if said["setting"] and said["setting"] not in SETTINGS:
            wrong["setting"] = "Choose a kind of placement from the list"
        if said["legal_status"] and said["legal_status"] not in LEGAL_STATUSES:
            wrong["legal_status"] = "Choose a legal status from the list"
        for name, role in CONTACTS.items():
            given = {part for part in ("name", "telephone", "email") if f"{name}_{part}" in said}
            for part in ("name", "telephone"):
                if given and part not in given:
                    wrong[f"{name}_{part}"] = f"{role}: enter the {part}, too"
        if wrong:
            raise ValidationError({name: [why] for name, why in wrong.items()})

    @post_load
    def _changes(self, said: dict[str, Any], **_: Any) -> Changes:
        placed: dict[str, Any] = {
            name: said[name] for name in ("address", "starts_on") if name in said
        }
        if said["setting"]:
            placed["setting"] = said["setting"]
        if "address" in said:  # another house has another number, or none
            placed["urn"] = said["urn"].upper() if "urn" in said else None
        others: dict[str, Any] = {
            name: Contact(
                said[f"{name}_name"], role, said[f"{name}_telephone"], said.get(f"{name}_email")
            )
            for name, role in CONTACTS.items()
            if f"{name}_name" in said
        }
        if said["legal_status"]:
            others["legal_status"] = said["legal_status"]
        of_child = ("identifier", "given_name", "family_name", "born_on")
        child = {name: said[name] for name in of_child if name in said}
        return Changes(said["kind"], said["since"], child, placed, others, said.get("reason"))


class ExtensionForm(Form):
    """Loads `Changes` that say how long it goes on."""

    expected_end = DayField("Enter the day until which it goes on", "Expected end", _CHILD)
    since = DayField("Enter the day on which this was decided", "Day of the decision", _CHILD)
    reason = TextField("", "Reason", _CHILD, required=False)

    @post_load
    def _changes(self, said: dict[str, Any], **_: Any) -> Changes:
        others = {"expected_end": said["expected_end"]}
        return Changes("extension", said["since"], {}, {}, others, said.get("reason"))


class EndingForm(Form):
    """Loads the members of a PlacementEnding. Of a child who died the form asks less."""

    ended_on = DayField("Enter the day on which the placement ends", "End of it", _CHILD)
    planned = one_of(YES_OR_NO, "Say whether the ending was planned", _CHILD)
    given_by = one_of(ENDED_BY, "Say who gave notice", _CHILD)
    given_on = DayField("", "Day of the notice", _CHILD, required=False)
    why = one_of(WHY_ENDS, "Say why the placement ends", _CHILD)
    said = TextField("", "What there is to say of it", _CHILD, required=False)

    @pre_load
    def _clean(self, typed: Mapping[str, str], **_: Any) -> dict[str, Any]:
        found: dict[str, Any] = super()._clean(typed)
        if found.get("why") == "died":
            found |= {"planned": "no", "given_by": "nobody"}
        return found

    @post_load
    def _members(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        return said | {"planned": _SAYS[said["planned"]]}


class DeathForm(Form):
    """The day on which a child died."""

    died_on = DayField("Enter the day on which the child died", "Day of the death", _CHILD)


class _WithContact(Form):
    name = LineField("Enter the name of the person to call", "Name", _AUTHORITY)
    role = LineField("Enter what that person is", "Role", _AUTHORITY)
    telephone = telephone_field("that person’s")
    email = email_field()

    @staticmethod
    def _contact(said: dict[str, Any]) -> Contact:
        return Contact(said["name"], said["role"], said["telephone"], said.get("email"))


class WithdrawalForm(_WithContact):
    """Loads the members of a Withdrawal."""

    why = one_of(WITHDRAWN_FOR, "Say why the notice is withdrawn", _CHILD)
    said = TextField("", "What there is to say of it", _CHILD, required=False)

    @post_load
    def _members(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"why": said["why"], "said": said.get("said"), "contact": self._contact(said)}


class QuestionForm(_WithContact):
    """What is asked, or answered; and whom to call about it."""

    text = TextField("Enter what you want to say", "Text", _CHILD)

    @post_load
    def _members(self, said: dict[str, Any], **_: Any) -> tuple[str, Contact]:
        return said["text"], self._contact(said)


class ContainmentForm(_WithContact):
    """What became of a withdrawn notice here."""

    passed_on = one_of(YES_OR_NO, "Say whether it was passed on to anybody", _CHILD)
    contained = one_of(ANSWERED, "Say whether it is contained", _CHILD)
    said = TextField("Say what was done", "What was done", _CHILD)

    @post_load
    def _members(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            "passed_on": _SAYS[said["passed_on"]],
            "contained": _SAYS[said["contained"]],
            "said": said["said"],
            "contact": self._contact(said),
        }
