"""Why a children's guide or a picture is not kept or shown. Each message is fit to be shown."""

from directory.errors import DirectoryError


class GuideError(DirectoryError):
    """Base of this package's errors."""


class UnfitPicture(GuideError):
    """What was sent is no picture that can be shown."""


class TooManyPictures(GuideError):
    """A guide has as many pictures as it may have."""


class NotReady(GuideError):
    """The guide lacks what every child has to be told."""


class LinkOver(GuideError):
    """A link to a guide has come to its end, was ended, or never was one."""
