"""The form of a nation's table of rules, and its reading: `nations/<nation>.toml` beside this file.

A nation is added by adding its file. Until it has one, its authorities keep to England's table as
what members have agreed, with that nation's own bank holidays.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from itertools import chain
from typing import Annotated, Literal, TypeAlias, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import Nation, by_gss
from directory.country.rules.errors import BrokenTable
from directory.country.rules.relation import Relation
from protocols.kinds import Line

Event: TypeAlias = Literal["placement", "ending", "consultation", "home_notice", "acknowledgement"]
"""What a time is reckoned for."""
CharterRule: TypeAlias = Literal["notice_days", "ending_days", "acknowledgement_days"]
Officer: TypeAlias = Literal["nominated officer", "director of children’s services"]

FIRST: Nation = "England"
TABLES = resources.files("directory.country.rules") / "nations"


class GrownUp(Struct, frozen=True, forbid_unknown_fields=True):
    """The age, in years, at which nobody is looked after any more."""

    age: Annotated[int, Meta(ge=16, le=25)]
    source: Line


class Deadline(Struct, frozen=True, forbid_unknown_fields=True):
    """A time: what is always asked for, and the last moment where that could not be.

    `charter` is the rule of the charter that may shorten `working_days`.
    """

    source: Line
    first: Line
    otherwise: Line
    working_days: Annotated[int, Meta(ge=1, le=60)]
    reckoned_from: Line
    charter: CharterRule | None = None


class Recipient(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who has to be told, of what, and what the telling says (codes of `says`).

    `unless` is when they need not be; `withheld`: they need not where that would harm the child.
    """

    code: Line
    name: Line
    source: Line
    of: tuple[Literal["placement", "ending"], ...]
    says: tuple[Line, ...]
    withheld: bool
    unless: Line | None = None
    where: Literal["any", "out of area"] = "any"


class Withholding(Struct, frozen=True, forbid_unknown_fields=True):
    """When somebody may be left untold, and who approves that."""

    source: Line
    where: Line
    approved_by: Officer


class Exemption(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of placement for which some rules do not hold. `where` is what has to be so; `read` is
    what a lawyer has still to confirm of our reading.
    """

    code: Line
    applies: Line
    exempt_from: tuple[Literal["placement", "ending", "approval"], ...] = msgspec.field(name="from")
    source: Line
    where: Line
    read: Line | None = None


class Approval(Struct, frozen=True, forbid_unknown_fields=True):
    """Who approves a placement, and which `steps` come first; `deferred` may follow in an
    emergency.
    """

    relation: Relation
    by: Officer
    source: Line
    first: tuple[Line, ...]
    deferred: tuple[Line, ...]


class HomeNotice(Struct, frozen=True, forbid_unknown_fields=True):
    """What a home tells the authority of its area."""

    source: Line
    not_where: Line
    states: tuple[Line, ...]


class Retention(Struct, frozen=True, forbid_unknown_fields=True):
    """For how long a kind of record is kept: whole years after `starts`."""

    code: Line
    of: Line
    starts: Literal["birth", "sent"] = msgspec.field(name="from")
    years: Annotated[int, Meta(ge=1, le=125)]
    source: Line
    years_after_death: Annotated[int, Meta(ge=1, le=125)] | None = None


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a message is sent, and the code of its lawful basis."""

    purpose: Line
    basis: Line


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of a nation. `read_on` is the day on which they were held against their sources."""

    nation: Nation
    read_on: date
    titles: Mapping[str, Line]
    grown_up: GrownUp
    deadlines: Mapping[Event, Deadline]
    recipients: tuple[Recipient, ...]
    says: Mapping[str, Line]
    withholding: Withholding
    exemptions: tuple[Exemption, ...]
    approvals: tuple[Approval, ...]
    steps: Mapping[str, Line]
    home_notice: HomeNotice
    retention: tuple[Retention, ...]
    bases: Mapping[str, Line]
    messages: Mapping[str, Message]

    def in_full(self, source: str) -> str:
        """A source for somebody who has no table: "2010, regulation 14" with the title in full."""
        short, comma, rest = source.partition(", ")
        return f"{self.titles.get(short, short)}{comma}{rest}"

    def recipient(self, code: str) -> Recipient:
        """The recipient of this code; raises LookupError."""
        return _of(self.recipients, code)

    def exemption(self, code: str) -> Exemption:
        """The exemption of this code; raises LookupError."""
        return _of(self.exemptions, code)

    def kept(self, code: str) -> Retention:
        """For how long records of this code are kept; raises LookupError."""
        return _of(self.retention, code)

    def approval(self, relation: Relation) -> Approval | None:
        """Who approves a placement that lies so; None where nobody has to."""
        return next((one for one in self.approvals if one.relation == relation), None)


Row = TypeVar("Row", Recipient, Exemption, Retention)


@cache
def rules_in(nation: Nation) -> Rules:
    """The rules of a nation; England's where it has no table of its own."""
    own = TABLES / f"{nation.lower().replace(' ', '_')}.toml"
    table = own if own.is_file() else TABLES / f"{FIRST.lower()}.toml"
    return read_rules(table.read_text("utf-8"))


def rules_for(gss: str) -> Rules:
    """The rules that an authority keeps to."""
    return rules_in(nation_of(gss))


def nation_of(gss: str) -> Nation:
    """The nation of an authority; England for a code that is nobody's today."""
    try:
        return by_gss(gss).nation
    except UnknownAuthority:
        return FIRST


def read_rules(text: str) -> Rules:
    """A nation's table, checked for what it refers to. Raises BrokenTable."""
    try:
        rules = msgspec.convert(tomllib.loads(text), Rules)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BrokenTable(f"The table of rules cannot be read: {error}. Correct it.") from None
    _check(rules)
    return rules


def _check(rules: Rules) -> None:
    """That every code in the table stands for something in it."""
    said = chain.from_iterable(one.says for one in rules.recipients)
    steps = chain.from_iterable((*one.first, *one.deferred) for one in rules.approvals)
    for what, used, known in (
        ("says", said, rules.says),
        ("steps", steps, rules.steps),
        ("bases", (one.basis for one in rules.messages.values()), rules.bases),
        ("deadlines", get_args(Event), rules.deadlines),
    ):
        if unknown := set(used) - set(known):
            raise BrokenTable(f"The table of rules has no {min(unknown)!r} in [{what}]. Add it.")
    for rows in (rules.recipients, rules.exemptions, rules.retention):
        codes = [one.code for one in rows]
        if len(set(codes)) < len(codes):
            raise BrokenTable("The table of rules has a code twice. Leave one of them out.")


def _of(rows: tuple[Row, ...], code: str) -> Row:
    try:
        return next(one for one in rows if one.code == code)
    except StopIteration:
        raise LookupError(f"there is no rule {code!r}") from None
