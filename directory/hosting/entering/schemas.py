"""The form of a notice that came otherwise: what is known is entered, and the rest left empty."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.country.rules.days import misfits
from directory.country.rules.table import rules_for
from directory.hosting.entering.service import Came
from directory.notices.entered import Entered, EnteredChild
from directory.notices.fields import LineField
from directory.notices.labels import CONTACTS, LEGAL_STATUSES, SETTINGS
from directory.web.forms import DayField, Form
from protocols.notices import Contact, Placement
from protocols.publication import Publication

WAYS = {"email": "Email", "letter": "Letter", "telephone": "Telephone call"}
_CHILD, _AUTHORITY = Publication.CHILD, Publication.AUTHORITY
_NUMBER = validate.Regexp(
    r"(?=(?:.*[0-9]){6})[-0-9+(). ,;extEXT/]+\Z",
    error="Enter a telephone number, like 01632 960 001 or +44 808 157 0192",
)
_EMAIL = validate.Email(error="Enter an email address in the correct format, like name@example.com")


def _one_of(known: Collection[str], missing: str, *, required: bool = True) -> fields.String:
    return fields.String(
        required=required,
        validate=validate.OneOf(known, error=missing),
        error_messages={"required": missing},
        metadata={"publication": _CHILD},
    )


def _may(name: str, publication: Publication, *checks: Any) -> LineField:
    return LineField("", name, publication, required=False, validate=list(checks))


class EnteringForm(Form):
    """Loads what `Came`."""

    by = _one_of(WAYS, "Say how it came")
    on = DayField("Enter the day on which it came", "The day on which it came", _AUTHORITY)
    placing = fields.String(
        required=True,
        error_messages={"required": "Choose the authority that places the child"},
        metadata={"publication": _AUTHORITY},
    )
    given_name = LineField("Enter the child’s given name", "Given name", _CHILD)
    family_name = LineField("Enter the child’s family name", "Family name", _CHILD)
    born_on = DayField("", "Date of birth", _CHILD, required=False)
    identifier = _may("Identifier", _CHILD)
    legal_status = _one_of(LEGAL_STATUSES, "Choose the child’s legal status", required=False)
    setting = _one_of(SETTINGS, "Choose the kind of placement")
    urn = _may(
        "URN",
        _CHILD,
        validate.Regexp(
            r"[A-Za-z0-9-]{1,20}\Z", error="URN must be letters and numbers, like SC123456"
        ),
    )
    address = LineField("Enter the address of the placement", "Address", _CHILD)
    starts_on = DayField("Enter the day on which the placement starts", "Start of it", _CHILD)
    expected_end = DayField("", "Expected end", _CHILD, required=False)
    social_worker_name = _may("Name", _AUTHORITY)
    social_worker_telephone = _may("Telephone number", _AUTHORITY, _NUMBER)
    social_worker_email = _may("Email address", _AUTHORITY, _EMAIL)
    out_of_hours_name = _may("Name", _AUTHORITY)
    out_of_hours_telephone = _may("Telephone number", _AUTHORITY, _NUMBER)
    out_of_hours_email = _may("Email address", _AUTHORITY, _EMAIL)
    reviewing_officer_name = _may("Name", _AUTHORITY)
    reviewing_officer_telephone = _may("Telephone number", _AUTHORITY, _NUMBER)
    reviewing_officer_email = _may("Email address", _AUTHORITY, _EMAIL)

    def __init__(self, placing: Collection[str], today: date) -> None:
        """`placing` are the authorities that may have sent it, GSS codes."""
        super().__init__()
        self._placing, self._today = placing, today

    def read(self, typed: Mapping[str, str]) -> Came:
        """What came; raises ValidationError."""
        came: Came = self.load(typed)
        return came

    @validates_schema(skip_on_field_errors=False)
    def _fits_together(self, said: dict[str, Any], **_: Any) -> None:
        wrong: dict[str, str] = {}
        if (placing := said.get("placing")) and placing not in self._placing:
            wrong["placing"] = "Choose an authority from the list"
        if (on := said.get("on")) and on > self._today:
            wrong["on"] = "The day on which it came must be today or in the past"
        days = {name: said.get(name) for name in ("born_on", "starts_on", "expected_end")}
        found = misfits(rules_for(said.get("placing", "")), self._today, **days)
        wrong |= {name: one.why for name, one in found.items()}
        for name in CONTACTS:
            if said.get(f"{name}_telephone") and not said.get(f"{name}_name"):
                wrong[f"{name}_name"] = "Enter who answers this number"
            elif said.get(f"{name}_name") and not said.get(f"{name}_telephone"):
                wrong[f"{name}_telephone"] = "Enter the telephone number"
        if wrong:
            raise ValidationError({name: [why] for name, why in wrong.items()})

    @post_load
    def _came(self, said: dict[str, Any], **_: Any) -> Came:
        contacts: dict[str, Any] = {
            name: Contact(
                said[f"{name}_name"], role, said[f"{name}_telephone"], said.get(f"{name}_email")
            )
            for name, role in CONTACTS.items()
            if f"{name}_name" in said
        }
        entered = Entered(
            child=EnteredChild(
                said["given_name"], said["family_name"], said.get("born_on"), said.get("identifier")
            ),
            placement=Placement(
                setting=said["setting"],
                address=said["address"],
                starts_on=said["starts_on"],
                urn=said["urn"].upper() if "urn" in said else None,
            ),
            legal_status=said.get("legal_status"),
            expected_end=said.get("expected_end"),
            **contacts,
        )
        return Came(said["placing"], said["by"], said["on"], entered)
