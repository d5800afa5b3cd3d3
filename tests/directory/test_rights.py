"""The table of who may do what: roles hold for the authority that they were granted for."""

import pytest

from directory.security.rights.errors import NotAllowed, ReasonWanted
from directory.security.rights.principal import NOBODY, Grant, Principal, operator
from directory.security.rights.roles import WHOLE_NODE, Role, Scope
from directory.security.rights.service import authorities_for, may, require
from directory.security.rights.table import RIGHTS, Action, Whose

KENT, MEDWAY = "E10000016", "E06000035"
CASEWORK = (
    Action.SEND_NOTICES,
    Action.READ_SENT_NOTICES,
    Action.READ_RECEIVED_NOTICES,
    Action.ACKNOWLEDGE_NOTICES,
    Action.READ_UNREDACTED_LIST,
)


def holding(holder: Role | Scope, authority: str | None = KENT) -> Principal:
    if holder in WHOLE_NODE or holder is Role.NOBODY:
        authority = None
    return Principal("person:1", "Sam", frozenset({Grant(holder, authority)}))


def test_every_action_has_a_row() -> None:
    assert set(RIGHTS) == set(Action)


@pytest.mark.parametrize("holder", [*Role, *Scope])
@pytest.mark.parametrize("action", Action)
def test_a_role_of_one_authority_opens_no_record_of_another(
    holder: Role | Scope, action: Action
) -> None:
    who, row = holding(holder), RIGHTS[action]
    allowed = holder in row.holders
    assert may(who, action, KENT) is allowed
    elsewhere = allowed and (row.whose is not Whose.AUTHORITY or holder in WHOLE_NODE)
    assert may(who, action, MEDWAY) is elsewhere


@pytest.mark.parametrize("action", CASEWORK)
def test_those_who_look_after_accounts_read_no_casework(action: Action) -> None:
    for role in (Role.NODE_ADMINISTRATOR, Role.AUTHORITY_ADMINISTRATOR, Role.NOBODY):
        assert not may(holding(role), action, KENT)


@pytest.mark.parametrize("action", [a for a in Action if RIGHTS[a].whose is Whose.AUTHORITY])
def test_without_naming_an_authority_nothing_of_one_is_allowed(action: Action) -> None:
    assert not may(operator("root"), action)


def test_a_stranger_may_only_enter() -> None:
    assert [action for action in Action if may(NOBODY, action, KENT)] == [Action.ENTER]


def test_a_childs_record_is_opened_for_a_reason_only() -> None:
    duty = holding(Role.DUTY_OFFICER)
    with pytest.raises(ReasonWanted, match="say why"):
        require(duty, Action.READ_RECEIVED_NOTICES, KENT, "    x ")
    with pytest.raises(ReasonWanted):
        require(duty, Action.READ_RECEIVED_NOTICES, KENT, "x" * 401)
    require(duty, Action.READ_RECEIVED_NOTICES, KENT, "The child has gone missing")


def test_who_may_not_is_told_so_before_being_asked_why() -> None:
    with pytest.raises(NotAllowed):
        require(holding(Role.DUTY_OFFICER), Action.READ_RECEIVED_NOTICES, MEDWAY, "")


def test_a_team_that_works_for_two_authorities_has_the_rights_of_each_apart() -> None:
    team = Principal(
        "person:1",
        "Sam",
        frozenset({Grant(Role.DUTY_OFFICER, KENT), Grant(Role.COMMISSIONER, MEDWAY)}),
    )
    served = frozenset({KENT, MEDWAY})
    assert authorities_for(team, Action.READ_RECEIVED_NOTICES, served) == {KENT}
    assert authorities_for(team, Action.SEND_NOTICES, served) == {MEDWAY}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.NOBODY}))
def test_a_role_is_granted_for_an_authority_or_for_the_node_as_it_says(role: Role) -> None:
    wrong = KENT if role in WHOLE_NODE else None
    with pytest.raises(ValueError, match="a role of the node"):
        Grant(role, wrong)
