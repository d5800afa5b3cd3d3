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
