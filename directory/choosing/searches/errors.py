"""Why a search cannot be kept so."""

from directory.errors import DirectoryError


class SearchesError(DirectoryError):
    """Something about a saved search that a person can put right."""


class NoSuchSearch(SearchesError):
    """Nobody has one of that id, or somebody else has it."""


class NotSaved(SearchesError):
    """A search that cannot be kept now: there are too many, or it finds too many homes. The message
    says why, and what to do.
    """


class WordsUnfit(NotSaved):
    """Its words could name a child, or where one lives."""
