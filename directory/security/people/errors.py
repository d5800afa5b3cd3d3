"""Why something about an account was not done. Each message is fit to be shown."""

from directory.errors import DirectoryError


class PeopleError(DirectoryError):
    """Base of this package's errors. Names no other person."""


class SignInRefused(PeopleError):
    """Email address or password is wrong. Does not say which, nor whether there is an account."""


class CodeRefused(PeopleError):
    """The code is wrong, too old, or was used before."""


class Paused(PeopleError):
    """Too many attempts failed; says how long to wait. The same whether there is an account."""


class OutsideRefused(PeopleError):
    """An authority's own provider did not vouch for who came, or not in a way that counts."""


class LinkUnusable(PeopleError):
    """The link was used, replaced or is too old, or never was one."""


class PasswordUnfit(PeopleError):
    """The password is too short, too long, or easy to guess."""


class NoSuchPerson(PeopleError):
    """There is no such account, or none that has to do with this authority."""


class NotAnEmail(PeopleError):
    """What should be an email address has not the form of one."""


class AlreadyGranted(PeopleError):
    """The person holds the role already."""


class OtherSide(PeopleError):
    """Nobody works for an authority and for a provider with one account."""


class NotGranted(PeopleError):
    """The person does not hold the role."""


class OwnRoles(PeopleError):
    """Nobody changes their own roles or disables their own account."""


class WorksElsewhere(PeopleError):
    """The account opens more than the one who asks may manage."""


class LastAdministrator(PeopleError):
    """Nobody would be left to look after an authority's people, or the node."""
