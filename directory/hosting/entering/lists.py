"""A list that an authority has kept until now of the children placed in its area, row by row.

The columns are read as those of a list of placements are (`directory.placing.importing`), and what
they mean is remembered with them. Who is in the register already is not entered twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from directory.country.rules.days import misfits
from directory.country.rules.table import rules_for
from directory.hosting.entering.service import Came
from directory.hosting.register.listing import opened
from directory.hosting.register.words import plain
from directory.notices.entered import Entered, EnteredChild
from directory.notices.labels import CONTACTS
from directory.notices.models import received_notice
from directory.placing.importing import columns as of_sheets
from directory.placing.importing.cells import READ, an_area
from directory.placing.importing.values import Trouble
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.web.wording import counted
from federation import Node
from protocols.notices import Contact, Placement

_NOT_HERE = ("area", "identifier", "sex", "emergency", "short_breaks")
FIELDS: Mapping[str, str] = {
    "placing": "Placing authority",
    "identifier": "The placing authority’s identifier",
    **{name: label for name, label in of_sheets.FIELDS.items() if name not in _NOT_HERE},
}
NEEDED = ("placing", "given_name", "family_name", "starts_on")
_PLACING = ("placing authority", "placing la", "responsible authority", "home authority", "la")
_UNKNOWN = "Not known"


@dataclass(frozen=True, slots=True)
class ReadList:
    """What a list says, and what could not be read of it."""

    came: Sequence[Came]
    troubles: Sequence[Trouble]


def as_list(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings, told apart from the same ones above a list of one's own placements."""
    return ("register", *headings)


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Which column is which field, by what columns are often called."""
    found = {name: at for name, at in of_sheets.guessed(headings).items() if name in FIELDS}
    called = [" ".join(one.casefold().replace("_", " ").split()) for one in headings]
    placing = next((called.index(one) for one in _PLACING if one in called), None)
    return found if placing is None else {"placing": placing, **found}


def said_columns(form: Mapping[str, str], width: int) -> dict[str, int]:
    """The columns that were chosen, by field."""
    known = {str(at): at for at in range(width)}
    return {name: known[form[name]] for name in FIELDS if form.get(name) in known}


def read_list(
    rows: Sequence[Sequence[str]], columns: Mapping[str, int], area: str, today: date
) -> ReadList:
    """What the rows below the headings say. One of which nothing can be made is left out, and each
    cell that cannot be read is named, never quoted.
    """
    came: list[Came] = []
    troubles: list[Trouble] = []
    for number, row in enumerate(rows[1:], start=2):
        said: dict[str, Any] = {}
        for name, column in columns.items():
            if text := (row[column].strip() if column < len(row) else ""):
                said[name] = an_area(text) if name == "placing" else READ[name](text)
                if said[name] is None:
                    what = f"This is no {FIELDS[name].lower()}."
                    troubles.append(Trouble(number, FIELDS[name], what))
        wrong = [FIELDS[name] for name in NEEDED if said.get(name) is None]
        reason = "The row is left out: nothing that can be read stands here."
        if not wrong and said["placing"] == area:
            wrong, reason = [FIELDS["placing"]], "The row is left out: it is your own authority."
        if not wrong:
            days = {name: said.get(name) for name in ("born_on", "starts_on", "ends_on")}
            unfit = misfits(rules_for(said["placing"]), today, **days)
            wrong = [FIELDS[name] for name in unfit]
            said_why = " ".join(one.in_full for one in unfit.values())
            reason = f"The row is left out. {said_why}"
        if wrong:
            troubles.append(Trouble(number, wrong[0], reason))
        else:
            came.append(_came(said, today))
    return ReadList(came, troubles)


def not_yet_known(
    connection: Connection, node: Node, who: Principal, area: str, came: Sequence[Came]
) -> list[Came]:
    """Of what a list says, what the register does not have: nobody of that name, placed by that
    authority from that day. That it was compared is in the audit. Raises NotAllowed.
    """
    require(who, Action.ENTER_NOTICES, area)
    keys = connection.execute(
        select(received_notice.c.placing_authority, received_notice.c.id).where(
            received_notice.c.area_authority == area, received_notice.c.withdrawn_at.is_(None)
        )
    )
    pairs = [(row.placing_authority, row.id) for row in keys]
    known = {_same(one.placing_authority, one.says) for one in opened(connection, node, pairs)}
    new: dict[tuple[str, str, date], Came] = {}
    for one in came:
        if (key := _same(one.placing_authority, one.says)) not in known:
            new.setdefault(key, one)
    note(
        connection,
        node,
        who,
        Action.ENTER_NOTICES,
        authority=area,
        record="register",
        detail=f"compared with a list of {counted(len(came), 'row')}",
    )
    return list(new.values())


def _same(placing: str, says: Any) -> tuple[str, str, date]:
    child = says.child
    return placing, plain(f"{child.given_name} {child.family_name}"), says.placement.starts_on


def _came(said: Mapping[str, Any], today: date) -> Came:
    contacts: dict[str, Any] = {
        name: Contact(
            said[f"{name}_name"], role, said[f"{name}_telephone"], said.get(f"{name}_email")
        )
        for name, role in CONTACTS.items()
        if said.get(f"{name}_name") and said.get(f"{name}_telephone")
    }
    where = [said[name] for name in ("address", "postcode") if said.get(name)]
    child = EnteredChild(
        said["given_name"], said["family_name"], said.get("born_on"), said.get("identifier")
    )
    placed = Placement(
        setting=said.get("setting") or "other",
        address=", ".join(where)[:300] or _UNKNOWN,
        starts_on=said["starts_on"],
        urn=said.get("urn"),
    )
    entered = Entered(
        child=child,
        placement=placed,
        legal_status=said.get("legal_status"),
        expected_end=said.get("expected_end"),
        **contacts,
    )
    return Came(said["placing"], "list", today, entered, said.get("ends_on"))
