"""Why an approval is not recorded. No error says anything of a child."""

from directory.errors import DirectoryError


class ApprovalError(DirectoryError):
    """Base of this package's errors."""


class StepsMissing(ApprovalError):
    """What has to be recorded before the approval is not."""


class NothingToApprove(ApprovalError):
    """The placement needs no approval, or it was decided."""


class NotApproved(ApprovalError):
    """The placement is not approved, and nobody has said why it goes on all the same."""


class CannotConsult(ApprovalError):
    """What a consultation has to say is not in the register, or its area has no node."""


class NoSuchConsultation(ApprovalError):
    """There is none of that id here, or not for this authority."""


class AnsweredBefore(ApprovalError):
    """The consultation was answered; the first answer stands."""
