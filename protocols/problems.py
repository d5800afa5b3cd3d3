"""Every kind of problem that a node answers with over HTTP, as problem details (RFC 9457).

The type of a kind never changes once it was released: software acts upon it. What each means and
what to do about it stands in docs/problems.md.
"""

from enum import Enum

PREFIX = "urn:commonhearth:problem:"
MEDIA_TYPE = "application/problem+json"


class Problem(Enum):
    """A kind: status, title. Its name is the end of its type."""

    BAD_REQUEST = (400, "The request could not be read")
    IDEMPOTENCY_KEY_WANTED = (400, "A request that changes something needs an Idempotency-Key")
    REASON_WANTED = (400, "A reason is needed")
    UNAUTHORIZED = (401, "A valid token is needed")
    FORBIDDEN = (403, "This is not allowed")
    NOT_FOUND = (404, "There is nothing here")
    METHOD_NOT_ALLOWED = (405, "This address does not take that method")
    CONFLICT = (409, "This contradicts what is there already")
    NOT_A_MEMBER = (409, "No member of the charter serves that authority")
    CHUNKS_MISSING = (409, "Attachments of the message have not come yet")
    GONE = (410, "This was erased")
    CONTENT_TOO_LARGE = (413, "The request is too large")
    UNSUPPORTED_MEDIA_TYPE = (415, "The content type is not one that is read here")
    INVALID = (422, "Some of what was sent has not the form that it must have")
    IDEMPOTENCY_KEY_REUSED = (422, "The Idempotency-Key belongs to another request")
    TOO_MANY_REQUESTS = (429, "Too many requests")
    INTERNAL_ERROR = (500, "Something went wrong on this node")
    UNAVAILABLE = (503, "This node cannot answer at the moment")

    def __init__(self, status: int, title: str) -> None:
        self.status = status
        self.title = title

    @property
    def type(self) -> str:
        """The URI by which software tells it from others."""
        return PREFIX + self.name.lower().replace("_", "-")


def problem_of(status: int) -> Problem:
    """The kind that says no more than a status does; for one without a kind, that of its class."""
    plain = {kind.status: kind for kind in reversed(Problem)}
    return plain.get(status) or (Problem.INTERNAL_ERROR if status >= 500 else Problem.BAD_REQUEST)
