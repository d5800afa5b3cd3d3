"""What of a placement that arrives cannot be: told row by row, with the rule, and the rest is kept.

A row is left out where its days cannot be together; otherwise the one thing is, such as the URN of
a home that has closed. What only wants somebody's eye is told, and kept.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.former import former_authorities
from directory.country.authorities.service import by_gss
from directory.country.rules.days import grown_up_on, misfits
from directory.country.rules.table import Rules
from directory.placing.importing.values import Incoming, Trouble
from directory.placing.register.values import ChildFacts

_CALLED = {
    "born_on": "Date of birth",
    "starts_on": "Starts on",
    "ends_on": "Ended on",
    "expected_end": "Expected end",
    "urn": "URN",
    "area": "Authority of the area",
    "recipients": "Who else is told",
}
_NO_KIND = "They are left out. There is nobody of this kind in the nation’s table of rules."
_CLOSED = (
    "It is left out: the home was taken out of the directory, so it has closed, or has another URN "
    "now. Check it with the home."
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A placement as far as it can be; None where the row is left out. And what is wrong with it,
    or wants a look.
    """

    placed: Incoming | None
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Fitting:
    """Asks it of one placement after another, for the authority `placing`. `is_closed` says whether
    the home of a URN has closed; `members` are the authorities that have a node.
    """

    placing: str
    rules: Rules
    today: date
    is_closed: Callable[[str], bool]
    members: Collection[str]

    def __call__(self, child: ChildFacts, one: Incoming) -> Fitted:
        """What fits of a placement of this child, who is as far known as the register knows."""
        days = misfits(
            self.rules,
            self.today,
            born_on=child.born_on,
            starts_on=one.starts_on,
            expected_end=one.facts.expected_end,
            ends_on=one.ends_on,
        )
        fatal = {name: said for name, said in days.items() if name != "expected_end"}
        if fatal:
            return Fitted(
                None,
                tuple(
                    _trouble(one, name, f"The row is left out. {said.in_full}")
                    for name, said in fatal.items()
                ),
            )
        troubles = list(self._worth_a_look(child, one))
        if said := days.get("expected_end"):
            troubles.append(_trouble(one, "expected_end", f"It is left out. {said.in_full}"))
            one = replace(one, facts=replace(one.facts, expected_end=None))
        urn = one.facts.urn
        if urn and one.ends_on is None and self.is_closed(urn):
            troubles.append(_trouble(one, "urn", _CLOSED))
            one = replace(one, facts=replace(one.facts, urn=None))
        if one.area and not _is_authority(one.area):
            reason = "It is left out: there is no authority of this code. Look it up by its name."
            troubles.append(_trouble(one, "area", reason))
            one = replace(one, area=None)
        if unknown := {who.kind for who in one.child.recipients} - self._kinds():
            troubles.append(_trouble(one, "recipients", _NO_KIND))
            known = tuple(who for who in one.child.recipients if who.kind not in unknown)
            one = replace(one, child=replace(one.child, recipients=known))
        return Fitted(one, tuple(troubles))

    def _kinds(self) -> set[str]:
        return {rule.code for rule in self.rules.recipients}

    def _worth_a_look(self, child: ChildFacts, one: Incoming) -> Iterator[Trouble]:
        if one.ends_on is not None:
            return
        grown_up = self.rules.grown_up
        if child.born_on and grown_up_on(self.rules, child.born_on) <= self.today:
            yield _trouble(
                one,
                "born_on",
                f"It is kept. {grown_up.age} or older by now, and no longer looked after, but the "
                f"placement has no end: say when it ended. Rule: {grown_up.source}.",
            )
        if one.area and one.area != self.placing and one.area not in self.members:
            yield _trouble(
                one,
                "area",
                "It is kept. That authority is not in the consortium, so nothing can be sealed to "
                "it: tell it by letter, from the page Still to tell.",
            )


def _is_authority(gss: str) -> bool:
    try:
        by_gss(gss)
    except UnknownAuthority:
        return any(one.gss == gss for one in former_authorities())
    return True


def _trouble(one: Incoming, name: str, reason: str) -> Trouble:
    return Trouble(one.row, _CALLED[name], reason, name)
