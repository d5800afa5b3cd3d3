"""Which kind of problem each error of the directory is, to a system. Nothing that was sent is said
again.
"""

from collections.abc import Callable

from flask import Response

from directory.api.surface import api
from directory.choosing.searches.errors import NoSuchSearch, NotSaved, WordsUnfit
from directory.choosing.shortlists.errors import Decided, NoSuchShortlist, NotWeighed
from directory.errors import DirectoryError
from directory.intake.screening.errors import NotFitToPublish
from directory.notices.errors import (
    AlreadyAcknowledged,
    AlreadyWithdrawn,
    EndsBeforeStart,
    InAnotherArea,
    NoSuchNotice,
    NotFromANode,
    NothingChanged,
    NotThereYet,
)
from directory.placing.register.errors import NoSuchPlacement
from directory.privacy.restricting.errors import Restricted
from directory.providers.diligence.errors import (
    ChangedMeanwhile,
    NoSuchItem,
    NotOurs,
    OutOfDate,
    TooManyItems,
)
from directory.security.rights.errors import NotAllowed, ReasonWanted
from directory.security.vault.errors import Erased
from federation import FederationError, NoSuchMember, Refused, problem
from protocols.errors import Malformed
from protocols.problems import Problem

_ANSWERS: dict[type[DirectoryError | FederationError | Malformed], tuple[Problem, str]] = {
    AlreadyAcknowledged: (
        Problem.CONFLICT,
        "This notice was acknowledged before, and that answer stands. Nothing was sent.",
    ),
    AlreadyWithdrawn: (
        Problem.CONFLICT,
        "This notice was withdrawn, so nothing more is said of it. Send a new one if the child is "
        "placed there after all.",
    ),
    ChangedMeanwhile: (
        Problem.CONFLICT,
        "The item has changed since you read it. Nothing was published; read it again.",
    ),
    Decided: (
        Problem.CONFLICT,
        "The decision was taken before. Nothing was changed; a person can open it again.",
    ),
    EndsBeforeStart: (
        Problem.CONFLICT,
        "Nothing was sent: the placement would end before the day on which it starts.",
    ),
    Erased: (Problem.GONE, "What it said was erased, and nothing brings it back."),
    InAnotherArea: (
        Problem.CONFLICT,
        "Nothing was sent: the directory has this home in another area. End the placement here, "
        "and send a notice to the authority of the new area.",
    ),
    Malformed: (
        Problem.INVALID,
        "Nothing was sent: it is too long for one message, or too much was said of this before.",
    ),
    NoSuchMember: (
        Problem.NOT_A_MEMBER,
        "Nothing was sent: no member's node serves the area authority. See /authorities.",
    ),
    NoSuchItem: (Problem.NOT_FOUND, "There is no such item here, and nobody has checked one."),
    NoSuchSearch: (Problem.NOT_FOUND, "The token's system keeps no such search."),
    NoSuchShortlist: (Problem.NOT_FOUND, "There is no such shortlist of this authority here."),
    NoSuchPlacement: (Problem.NOT_FOUND, "There is no such placement of this authority here."),
    NoSuchNotice: (Problem.NOT_FOUND, "There is no such notice of this authority here."),
    NotAllowed: (Problem.FORBIDDEN, "The token has no scope for this."),
    NotFitToPublish: (
        Problem.INVALID,
        "Nothing was published: the item says what must not be. The page of the check says where.",
    ),
    NotFromANode: (
        Problem.CONFLICT,
        "Nothing was sent: the notice was entered here by hand. Call or write to its sender.",
    ),
    NothingChanged: (
        Problem.CONFLICT,
        "Nothing was sent: the notice says all of this already, or an extension does not say until "
        "when.",
    ),
    NotOurs: (
        Problem.INVALID,
        "Nothing was saved: this is no provider or home that the token's system works for.",
    ),
    NotThereYet: (
        Problem.CONFLICT,
        "Nothing was sent: the notice itself was refused, or nobody took it. Send it again first.",
    ),
    NotSaved: (
        Problem.CONFLICT,
        "Nothing was saved: the system keeps as many searches as it can, or this one finds more "
        "than 1,000 homes.",
    ),
    NotWeighed: (
        Problem.INVALID,
        "Nothing was changed: the directory has no such home, it is not on the shortlist, or there "
        "is no room for another.",
    ),
    OutOfDate: (Problem.CONFLICT, "It has expired, so it is not in order. Nothing was published."),
    ReasonWanted: (
        Problem.REASON_WANTED,
        "Say why: in the header Reason, or where the body has a reason, there.",
    ),
    WordsUnfit: (
        Problem.INVALID,
        "Nothing was saved: the words of the search could name a child, or where one lives.",
    ),
    Restricted: (
        Problem.FORBIDDEN,
        "The record is restricted to people who are named, and a system is none of them.",
    ),
    TooManyItems: (Problem.CONFLICT, "The provider has as many items as it can have here."),
}


def _refuse(kind: Problem, detail: str) -> Callable[[Exception], Response]:
    return lambda _: problem(Refused(kind, detail))


for _error, _kind in _ANSWERS.items():
    api.register_error_handler(_error, _refuse(*_kind))
