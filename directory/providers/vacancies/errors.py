"""Why vacancies were not taken. Each message is fit to be shown."""

from directory.errors import DirectoryError


class VacanciesError(DirectoryError):
    """Base of this package's errors."""


class NotOurs(VacanciesError):
    """A home that the provider does not run, as far as its authority has confirmed."""


class UnreadableSheet(VacanciesError):
    """A file from which no vacancies can be read."""


class TooMany(VacanciesError):
    """More vacancies than one node's snapshot holds."""
