"""What goes wrong with a notice: each says what to do."""

from directory.errors import DirectoryError


class NoticeError(DirectoryError):
    """Base of this package's errors. Never quotes anything about a child."""


class UnreadableNotice(NoticeError):
    """What should be a notice has not the form of one."""


class NoSuchNotice(NoticeError):
    """There is no such notice among those received by this authority."""


class AlreadyAcknowledged(NoticeError):
    """The notice was acknowledged before; the first acknowledgement stands."""


class AlreadySent(NoticeError):
    """The same form was sent before, and said something else then."""


class NotThereYet(NoticeError):
    """The notice itself was refused, or nobody took it, so nothing can follow it."""


class AlreadyWithdrawn(NoticeError):
    """The notice was withdrawn; nothing more is said of it."""


class NothingChanged(NoticeError):
    """What is said to be different is what the notice says."""


class EndsBeforeStart(NoticeError):
    """A placement would end before the day on which it starts."""


class DiesAhead(NoticeError):
    """The day on which a child died is said to lie ahead."""


class DiedBeforeBirth(NoticeError):
    """The day on which a child died is before the birth."""


class InAnotherArea(NoticeError):
    """A child would move into another authority's area, which gets a notice of its own."""


class NoFilesThere(NoticeError):
    """The other node is of a release that takes no files."""


class NotFromANode(NoticeError):
    """The notice was entered here, so there is no node to write to."""


class NoSuchBreach(NoticeError):
    """There is no such breach among those of this authority."""


class BreachOpen(NoticeError):
    """A breach cannot be closed before it is contained and reported, or said why not."""


class NotDatedYet(NoticeError):
    """There is no receipt of the notice yet that an anchor in the log dates."""
