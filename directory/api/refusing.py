"""Which kind of problem each error of the directory is, to a system. Nothing that was sent is said
again.
"""

from collections.abc import Callable

from flask import Response

from directory.api.surface import api
from directory.errors import DirectoryError
from directory.notices.errors import AlreadyAcknowledged, NoSuchNotice
from directory.rights.errors import NotAllowed, ReasonWanted
from directory.vault.errors import Erased
from federation import FederationError, NoSuchMember, Refused, problem
from protocols.problems import Problem

_ANSWERS: dict[type[DirectoryError | FederationError], tuple[Problem, str]] = {
    AlreadyAcknowledged: (
        Problem.CONFLICT,
        "This notice was acknowledged before, and that answer stands. Nothing was sent.",
    ),
    Erased: (Problem.GONE, "What it said was erased, and nothing brings it back."),
    NoSuchMember: (
        Problem.NOT_A_MEMBER,
        "Nothing was sent: no member's node serves the area authority. See /authorities.",
    ),
    NoSuchNotice: (Problem.NOT_FOUND, "There is no such notice of this authority here."),
    NotAllowed: (Problem.FORBIDDEN, "The token has no scope for this."),
    ReasonWanted: (Problem.REASON_WANTED, "Say why, in the header Reason."),
}


def _refuse(kind: Problem, detail: str) -> Callable[[Exception], Response]:
    return lambda _: problem(Refused(kind, detail))


for _error, _kind in _ANSWERS.items():
    api.register_error_handler(_error, _refuse(*_kind))
