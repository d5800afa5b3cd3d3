"""The table: for each action, whose records it is done to, and which roles and scopes may.

What is not in it is refused. A look at or change of a personal or confidential record is `audited`;
one that needs a `reason` is refused without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from directory.security.rights.roles import Role, Scope
from protocols.publication import Publication

Holder: TypeAlias = Role | Scope


class Whose(StrEnum):
    """Whose record an action is done to."""

    SHARED = "what all members share"
    AUTHORITY = "one authority's, and the role must be granted for it"
    SELF = "one's own"
    NODE = "the node's"
    SERVED = "one of any authority's that the node serves, whichever the role was granted for"


class Action(StrEnum):
    """What can be done."""

    ENTER = "read what everyone may, and sign in"
    MANAGE_OWN_ACCOUNT = "see and change one's own account"
    GO_ON = "go on with a form that one typed before signing in again"
    FIND_HOMES = "search the directory and read its homes"
    MATCH_HOMES = "hold every home against what a child needs"
    SAVE_SEARCHES = "keep searches of one's own"
    LIST_PLACEMENTS = "list an authority's placements, without the child"
    READ_PLACEMENTS = "read a placement"
    KEEP_PLACEMENTS = "keep the register of placements"
    SEE_COMPLIANCE = "see how an authority's notices are kept to"
    TELL_COMPLIANCE = "tell others what was counted of notices"
    RECONCILE_RETURNS = "hold a return against the notices sent"
    TELL_OF_PLACEMENTS = "tell people of a placement"
    APPROVE_WITHHOLDING = "approve that somebody is not told of a placement"
    APPROVE_PLACEMENTS = "approve a placement out of area"
    APPROVE_AT_A_DISTANCE = "approve a placement at a distance"
    SEND_NOTICES = "send a notice of a placement"
    LIST_SENT_NOTICES = "list the notices sent, without the child"
    READ_SENT_NOTICES = "read a notice that was sent"
    LIST_RECEIVED_NOTICES = "list the notices received, without the child"
    READ_RECEIVED_NOTICES = "read a notice that was received"
    ACKNOWLEDGE_NOTICES = "acknowledge a notice"
    KEEP_PARTNERS = "keep the partners who are told of notices"
    TELL_PARTNERS = "tell partners of a notice again"
    LIST_TOLD_TO_US = "list what we were told as a partner, without the child"
    READ_TOLD_TO_US = "read what we were told as a partner"
    ASSIGN_NOTICES = "say who answers for a notice that was received"
    SAVE_NOTICE_LISTS = "save a list of notices received, without the child"
    READ_REGISTER = "read the register of who lives in the area"
    READ_REGISTERS = "read the registers of all areas that one works for"
    ENTER_NOTICES = "enter a notice that came otherwise than from a node"
    HOLD_CENSUS = "ask homes how many live there, and see what they answer"
    MATCH_NOTICES = "match what homes say with notices, and ask where one is missing"
    CHANGE_NOTICES = "say what follows a notice"
    ASK_ABOUT_NOTICES = "ask back about a notice, or answer for a withdrawn one"
    SHOW_EVIDENCE = "show evidence that a notice was delivered"
    SEE_BREACHES = "see notices that went astray, and what is done about them"
    SETTLE_BREACHES = "decide and close what is done about a notice that went astray"
    BREAK_GLASS = "open a record in an emergency"
    REVIEW_EMERGENCIES = "review what was opened in an emergency"
    SEE_RESTRICTIONS = "see which records are restricted, and whom to ask"
    RESTRICT_RECORDS = "restrict a record to named people"
    ERASE_NOTICES = "destroy a notice for good"
    SEE_RETENTION = "see what is kept how long, and what is due"
    HOLD_RECORDS = "set or lift a legal hold"
    DESTROY_DUE = "destroy what is due"
    EXPORT_SUBJECT = "export all that is held about one child"
    READ_UNREDACTED_LIST = "read Ofsted's unredacted list"
    MANAGE_PEOPLE = "see, invite and change an authority's people"
    MANAGE_PROVIDERS = "invite providers' staff and confirm the homes that they run"
    WORK_FOR_PROVIDER = "look after a provider's own homes"
    SAY_VACANCIES = "say which of a provider's own homes have a vacancy"
    WRITE_OF_OWN_HOMES = "write what a provider's own homes publish"
    LOOK_AFTER_RESIDENTS = "see and say who lives in a provider's own homes"
    SEE_VACANCIES = "see which homes have a vacancy"
    GIVE_DILIGENCE = "give what authorities check of a provider once"
    CHECK_DILIGENCE = "check what a provider has given, for all authorities"
    SEE_DILIGENCE = "see what authorities have checked of providers"
    MANAGE_SYSTEMS = "register an authority's systems and revoke them"
    READ_AUDIT = "read the audit of an authority's records"
    LIST_SHORTLISTS = "list an authority's shortlists"
    WEIGH_HOMES = "weigh homes for a placement"
    REOPEN_DECISIONS = "take back a decision between homes"
    LIST_CHANGES = "see what lists have changed about homes"
    MARK_CHANGES = "mark changes of homes as seen"
    SEE_CHANGES_WHERE_PLACED = "see what changed about homes where an authority's children live"
    SEE_CHANGES_WHERE_TOLD = "see what changed about homes of the area where children live"
    FOLLOW_AUTHORITIES = "follow what authorities want"
    HAND_IN_RECORDS = "hand in a record for publication"
    LIST_RELEASES = "see what waits for release"
    WRITE_STATEMENTS = "write the statement of purpose of a home"
    ASK_FOR_DOCUMENTS = "ask for the full document of a home"
    LIST_DOCUMENTS_ASKED = "see which full documents were asked for"
    READ_DOCUMENTS = "read a full document that was given"
    KEEP_DOCUMENTS = "keep the full documents of homes and give them out"
    RELEASE_RECORDS = "release a record that somebody else wrote"
    RETURN_RECORDS = "return a record to who wrote it"
    RETIRE_RECORDS = "retire a published record"
    ERASE_RECORDS = "destroy a published record everywhere"
    SEE_NODE = "see how the node and its peers are"
    RUN_NODE = "publish, import, back up and restore"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. What an answer to the action shows is of the class `shows` at most."""

    whose: Whose
    holders: frozenset[Holder]
    shows: Publication
    audited: bool = False
    reason: bool = False


_ALL = frozenset(Role)
_SIGNED_IN = _ALL - {Role.NOBODY}
_OPERATOR = Role.OPERATOR


def _row(
    whose: Whose,
    shows: Publication,
    *holders: Holder,
    audited: bool = False,
    reason: bool = False,
) -> Row:
    return Row(whose, frozenset(holders), shows, audited, reason)


_OF = Whose.AUTHORITY
_PUBLIC, _MEMBERS = Publication.PUBLIC, Publication.MEMBERS
_BUSINESS, _CONFIDENTIAL = Publication.AUTHORITY, Publication.CONFIDENTIAL
_CHILD = Publication.CHILD
_PLACING: tuple[Holder, ...] = (
    Role.COMMISSIONER,
    Role.NOMINATED_OFFICER,
    Role.DIRECTOR,
    _OPERATOR,
    Scope.PLACEMENTS_READ,
)
_RESTRICTING = (
    *(Role.COMMISSIONER, Role.DUTY_OFFICER, Role.DUTY_LEAD),
    Role.GOVERNANCE_OFFICER,
)
RIGHTS: Mapping[Action, Row] = MappingProxyType(
    {
        Action.ENTER: _row(Whose.SHARED, _PUBLIC, *_ALL),
        Action.MANAGE_OWN_ACCOUNT: _row(
            Whose.SELF, _BUSINESS, *_SIGNED_IN - {_OPERATOR}, audited=True
        ),
        Action.GO_ON: _row(Whose.SELF, _CHILD, *_SIGNED_IN - {_OPERATOR}),
        Action.FIND_HOMES: _row(Whose.SHARED, _MEMBERS, *_SIGNED_IN, Scope.HOMES_READ),
        # Who sells places does not choose between them.
        Action.MATCH_HOMES: _row(
            Whose.SHARED, _MEMBERS, *_SIGNED_IN - {Role.PROVIDER}, Scope.HOMES_READ
        ),
        Action.SAVE_SEARCHES: _row(
            Whose.SELF, _BUSINESS, *_SIGNED_IN - {Role.PROVIDER, _OPERATOR}, Scope.HOMES_READ
        ),
        Action.LIST_PLACEMENTS: _row(_OF, _BUSINESS, *_PLACING, Scope.PLACEMENTS_WRITE),
        Action.READ_PLACEMENTS: _row(_OF, _CHILD, *_PLACING, audited=True, reason=True),
        Action.KEEP_PLACEMENTS: _row(
            _OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR, Scope.PLACEMENTS_WRITE, audited=True
        ),
        Action.SEE_COMPLIANCE: _row(
            _OF,
            _BUSINESS,
            Role.COMMISSIONER,
            Role.DUTY_OFFICER,
            Role.NOMINATED_OFFICER,
            Role.DIRECTOR,
            Role.GOVERNANCE_OFFICER,
            _OPERATOR,
        ),
        Action.TELL_COMPLIANCE: _row(
            _OF, _BUSINESS, Role.COMMISSIONER, Role.DUTY_OFFICER, _OPERATOR, audited=True
        ),
        Action.RECONCILE_RETURNS: _row(
            _OF, _CHILD, Role.COMMISSIONER, _OPERATOR, audited=True, reason=True
        ),
        Action.TELL_OF_PLACEMENTS: _row(_OF, _CHILD, Role.COMMISSIONER, _OPERATOR, audited=True),
        Action.APPROVE_WITHHOLDING: _row(
            _OF, _CHILD, Role.NOMINATED_OFFICER, Role.DIRECTOR, audited=True, reason=True
        ),
        Action.APPROVE_PLACEMENTS: _row(
            _OF, _BUSINESS, Role.NOMINATED_OFFICER, Role.DIRECTOR, audited=True
        ),
        Action.APPROVE_AT_A_DISTANCE: _row(_OF, _BUSINESS, Role.DIRECTOR, audited=True),
        Action.SEND_NOTICES: _row(
            _OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR, Scope.NOTICES_SEND, audited=True
        ),
        Action.LIST_SENT_NOTICES: _row(
            _OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR, Scope.NOTICES_SEND, Scope.NOTICES_READ
        ),
        Action.READ_SENT_NOTICES: _row(
            _OF, _CHILD, Role.COMMISSIONER, _OPERATOR, Scope.NOTICES_READ, audited=True, reason=True
        ),
        Action.LIST_RECEIVED_NOTICES: _row(
            _OF,
            _BUSINESS,
            Role.DUTY_OFFICER,
            _OPERATOR,
            Scope.NOTICES_READ,
            Scope.NOTICES_ACKNOWLEDGE,
        ),
        Action.READ_RECEIVED_NOTICES: _row(
            _OF, _CHILD, Role.DUTY_OFFICER, _OPERATOR, Scope.NOTICES_READ, audited=True, reason=True
        ),
        Action.ACKNOWLEDGE_NOTICES: _row(
            _OF, _BUSINESS, Role.DUTY_OFFICER, _OPERATOR, Scope.NOTICES_ACKNOWLEDGE, audited=True
        ),
        Action.KEEP_PARTNERS: _row(
            _OF,
            _BUSINESS,
            Role.AUTHORITY_ADMINISTRATOR,
            Role.DUTY_LEAD,
            _OPERATOR,
            audited=True,
        ),
        Action.TELL_PARTNERS: _row(_OF, _BUSINESS, Role.DUTY_OFFICER, audited=True),
        Action.LIST_TOLD_TO_US: _row(_OF, _BUSINESS, Role.DUTY_OFFICER),
        Action.READ_TOLD_TO_US: _row(_OF, _CHILD, Role.DUTY_OFFICER, audited=True, reason=True),
        Action.ASSIGN_NOTICES: _row(_OF, _BUSINESS, Role.DUTY_OFFICER, _OPERATOR, audited=True),
        Action.SAVE_NOTICE_LISTS: _row(
            _OF, _BUSINESS, Role.DUTY_OFFICER, _OPERATOR, audited=True, reason=True
        ),
        Action.READ_REGISTER: _row(
            _OF, _CHILD, Role.DUTY_OFFICER, _OPERATOR, audited=True, reason=True
        ),
        # The page asks for each authority by itself whether its register may be read.
        Action.READ_REGISTERS: _row(
            Whose.SELF, _CHILD, Role.DUTY_OFFICER, audited=True, reason=True
        ),
        Action.ENTER_NOTICES: _row(_OF, _CHILD, Role.DUTY_OFFICER, _OPERATOR, audited=True),
        Action.HOLD_CENSUS: _row(
            *(_OF, _CONFIDENTIAL, Role.DUTY_OFFICER, Role.COMMISSIONER, _OPERATOR), audited=True
        ),
        Action.MATCH_NOTICES: _row(_OF, _BUSINESS, Role.DUTY_OFFICER, _OPERATOR, audited=True),
        Action.CHANGE_NOTICES: _row(
            _OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR, Scope.NOTICES_SEND, audited=True
        ),
        Action.ASK_ABOUT_NOTICES: _row(
            _OF, _BUSINESS, Role.DUTY_OFFICER, _OPERATOR, Scope.NOTICES_ACKNOWLEDGE, audited=True
        ),
        Action.SHOW_EVIDENCE: _row(
            _OF,
            _BUSINESS,
            Role.COMMISSIONER,
            Role.DUTY_OFFICER,
            Role.GOVERNANCE_OFFICER,
            _OPERATOR,
            audited=True,
        ),
        Action.SEE_BREACHES: _row(
            _OF,
            _CONFIDENTIAL,
            Role.COMMISSIONER,
            Role.DUTY_OFFICER,
            Role.GOVERNANCE_OFFICER,
            _OPERATOR,
        ),
        Action.SETTLE_BREACHES: _row(
            _OF, _CONFIDENTIAL, Role.GOVERNANCE_OFFICER, _OPERATOR, audited=True
        ),
        # At night a team works for several authorities; it is told, noted and reviewed.
        Action.BREAK_GLASS: _row(
            Whose.SERVED, _CHILD, Role.DUTY_OFFICER, audited=True, reason=True
        ),
        Action.REVIEW_EMERGENCIES: _row(
            _OF, _CONFIDENTIAL, Role.GOVERNANCE_OFFICER, Role.DUTY_LEAD, audited=True
        ),
        Action.SEE_RESTRICTIONS: _row(_OF, _CONFIDENTIAL, *_RESTRICTING),
        Action.RESTRICT_RECORDS: _row(_OF, _CONFIDENTIAL, *_RESTRICTING, audited=True, reason=True),
        Action.ERASE_NOTICES: _row(_OF, _BUSINESS, _OPERATOR, audited=True, reason=True),
        Action.SEE_RETENTION: _row(_OF, _CONFIDENTIAL, Role.GOVERNANCE_OFFICER, _OPERATOR),
        Action.HOLD_RECORDS: _row(
            _OF, _CONFIDENTIAL, Role.GOVERNANCE_OFFICER, _OPERATOR, audited=True, reason=True
        ),
        Action.DESTROY_DUE: _row(_OF, _BUSINESS, _OPERATOR, audited=True),
        Action.EXPORT_SUBJECT: _row(
            _OF, _CHILD, Role.GOVERNANCE_OFFICER, _OPERATOR, audited=True, reason=True
        ),
        Action.READ_UNREDACTED_LIST: _row(
            _OF,
            _CONFIDENTIAL,
            Role.COMMISSIONER,
            Role.DUTY_OFFICER,
            _OPERATOR,
            audited=True,
            reason=True,
        ),
        Action.MANAGE_PEOPLE: _row(
            _OF,
            _BUSINESS,
            Role.AUTHORITY_ADMINISTRATOR,
            Role.NODE_ADMINISTRATOR,
            _OPERATOR,
            audited=True,
        ),
        Action.MANAGE_PROVIDERS: _row(
            _OF,
            _BUSINESS,
            Role.COMMISSIONER,
            Role.AUTHORITY_ADMINISTRATOR,
            _OPERATOR,
            audited=True,
        ),
        Action.WORK_FOR_PROVIDER: _row(
            Whose.SELF, _BUSINESS, Role.PROVIDER, Scope.PROVIDER_WORK, audited=True
        ),
        Action.SAY_VACANCIES: _row(
            Whose.SELF, _BUSINESS, Role.PROVIDER, Scope.PROVIDER_WORK, audited=True
        ),
        Action.WRITE_OF_OWN_HOMES: _row(Whose.SELF, _BUSINESS, Role.PROVIDER, audited=True),
        # Their own residents: no reason is asked for, and each look is noted.
        Action.LOOK_AFTER_RESIDENTS: _row(Whose.SELF, _CHILD, Role.PROVIDER, audited=True),
        # Never a provider: what a rival has free is not for them, and none has another role.
        Action.SEE_VACANCIES: _row(
            Whose.SHARED, _MEMBERS, Role.COMMISSIONER, _OPERATOR, Scope.VACANCIES_READ
        ),
        Action.GIVE_DILIGENCE: _row(
            Whose.SELF, _BUSINESS, Role.PROVIDER, Scope.PROVIDER_WORK, audited=True
        ),
        Action.CHECK_DILIGENCE: _row(
            _OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR, Scope.DILIGENCE_CHECK, audited=True
        ),
        # Never a provider: what was found of a rival is not for them.
        Action.SEE_DILIGENCE: _row(
            Whose.SHARED,
            _MEMBERS,
            Role.COMMISSIONER,
            Role.DUTY_OFFICER,
            _OPERATOR,
            Scope.HOMES_READ,
            Scope.DILIGENCE_CHECK,
        ),
        Action.MANAGE_SYSTEMS: _row(
            _OF,
            _BUSINESS,
            Role.AUTHORITY_ADMINISTRATOR,
            Role.NODE_ADMINISTRATOR,
            _OPERATOR,
            audited=True,
        ),
        Action.READ_AUDIT: _row(
            _OF, _CONFIDENTIAL, Role.GOVERNANCE_OFFICER, _OPERATOR, Scope.AUDIT_READ, audited=True
        ),
        Action.LIST_SHORTLISTS: _row(
            _OF, _CONFIDENTIAL, Role.COMMISSIONER, _OPERATOR, Scope.SHORTLISTS_WEIGH
        ),
        Action.WEIGH_HOMES: _row(
            _OF,
            _CONFIDENTIAL,
            Role.COMMISSIONER,
            _OPERATOR,
            Scope.SHORTLISTS_WEIGH,
            audited=True,
        ),
        Action.REOPEN_DECISIONS: _row(
            _OF, _CONFIDENTIAL, Role.COMMISSIONER, _OPERATOR, audited=True, reason=True
        ),
        Action.LIST_CHANGES: _row(
            _OF,
            _MEMBERS,
            Role.COMMISSIONER,
            Role.DUTY_OFFICER,
            _OPERATOR,
            Scope.CHANGES_READ,
            Scope.CHANGES_MARK,
        ),
        Action.MARK_CHANGES: _row(
            _OF, _MEMBERS, Role.COMMISSIONER, Role.DUTY_OFFICER, _OPERATOR, Scope.CHANGES_MARK
        ),
        # How many children live in which home: for those who may read whose they are.
        Action.SEE_CHANGES_WHERE_PLACED: _row(
            _OF,
            _CONFIDENTIAL,
            Role.COMMISSIONER,
            Role.NOMINATED_OFFICER,
            Role.DIRECTOR,
            Scope.PLACEMENTS_READ,
            audited=True,
        ),
        Action.SEE_CHANGES_WHERE_TOLD: _row(
            _OF, _CONFIDENTIAL, Role.DUTY_OFFICER, Scope.NOTICES_READ, audited=True
        ),
        Action.FOLLOW_AUTHORITIES: _row(Whose.SELF, _PUBLIC, *_SIGNED_IN - {_OPERATOR}),
        Action.HAND_IN_RECORDS: _row(_OF, _MEMBERS, Role.COMMISSIONER, _OPERATOR, audited=True),
        Action.WRITE_STATEMENTS: _row(_OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR, audited=True),
        Action.ASK_FOR_DOCUMENTS: _row(
            _OF, _CONFIDENTIAL, Role.COMMISSIONER, audited=True, reason=True
        ),
        Action.LIST_DOCUMENTS_ASKED: _row(_OF, _CONFIDENTIAL, Role.COMMISSIONER),
        Action.READ_DOCUMENTS: _row(
            _OF, _CONFIDENTIAL, Role.COMMISSIONER, audited=True, reason=True
        ),
        Action.KEEP_DOCUMENTS: _row(_OF, _CONFIDENTIAL, Role.COMMISSIONER, _OPERATOR, audited=True),
        Action.LIST_RELEASES: _row(_OF, _BUSINESS, Role.COMMISSIONER, _OPERATOR),
        Action.RELEASE_RECORDS: _row(_OF, _MEMBERS, Role.COMMISSIONER, _OPERATOR, audited=True),
        Action.RETURN_RECORDS: _row(
            _OF, _MEMBERS, Role.COMMISSIONER, _OPERATOR, audited=True, reason=True
        ),
        Action.RETIRE_RECORDS: _row(Whose.NODE, _MEMBERS, _OPERATOR, audited=True, reason=True),
        Action.ERASE_RECORDS: _row(Whose.NODE, _MEMBERS, _OPERATOR, audited=True, reason=True),
        Action.SEE_NODE: _row(Whose.NODE, _BUSINESS, Role.NODE_ADMINISTRATOR, _OPERATOR),
        Action.RUN_NODE: _row(Whose.NODE, _MEMBERS, _OPERATOR),
    }
)
