"""What providers' staff hand in, as their pages show it: each state in words, with a colour."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.country.authorities.service import authority_name
from directory.providers.handins.own import Begun, OwnHandIn
from directory.providers.handins.versions import PublishedVersion
from directory.web.wording import at
from federation import DEAD, Dispatch

TITLES = {"profile": "What the home offers", "statement": "Statement of purpose"}
OUTCOMES = {
    "published": ("Published", "green"),
    "returned": ("Returned", "red"),
    "refused": ("Not taken", "red"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one kind of record of a home. `reason` is the authority's own."""

    kind: str
    title: str
    state: str
    colour: str
    when: str = ""
    reason: str = ""
    unsent: str = ""
    """That a draft is newer than what was handed in."""

    @property
    def sentence(self) -> str:
        """It as text; nothing where nobody has begun."""
        said = f"{self.state}: {self.reason}" if self.reason else f"{self.state}. {self.when}."
        return " ".join(filter(None, (said if self.when else "", self.unsent)))


def standing(
    kind: str,
    authority: str,
    draft: Begun | None,
    handed_in: Sequence[OwnHandIn],
    dispatch: Dispatch | None,
) -> Standing:
    """How it stands. `dispatch` is of the latest message, where one was needed."""
    latest = handed_in[0] if handed_in else None
    newer = draft and (latest is None or draft.changed_at > latest.handed_in_at)
    unsent = f"Draft saved by {draft.changed_by}, {at(draft.changed_at)}" if draft and newer else ""
    if latest is None:
        state, colour = ("Draft", "blue") if draft else ("Nothing handed in by you", "grey")
        return Standing(kind, TITLES[kind], state, colour, unsent=unsent)
    state, colour, when = _state(latest, authority_name(authority), dispatch)
    return Standing(kind, TITLES[kind], state, colour, when, latest.reason, unsent)


def _state(one: OwnHandIn, area: str, dispatch: Dispatch | None) -> tuple[str, str, str]:
    by = f"Handed in by {one.handed_in_by}, {at(one.handed_in_at)}"
    if one.outcome and one.answered_at:
        state, colour = OUTCOMES[one.outcome]
        return state, colour, f"{by}; answered {at(one.answered_at)}"
    if dispatch is None or dispatch.state == "stored":
        return "Waits for release", "yellow", f"{by}. Somebody of {area} reads it"
    if dispatch.state not in DEAD:
        return f"On its way to {area}", "yellow", by
    if dispatch.problem == "unknown-schema":
        return f"The node of {area} cannot take this yet: ask them", "red", by
    return f"It did not reach {area}: hand it in again", "red", by


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something that was handed in, what became of it, and which version it is."""

    title: str
    handed_in: str
    state: str
    reason: str
    version: str


def every(
    handed_in: Sequence[OwnHandIn],
    authority: str,
    messages: dict[str, Dispatch],
    versions: dict[str, list[PublishedVersion]],
    digests: dict[str, bytes],
) -> list[Earlier]:
    """Everything that was handed in of a home, the latest first."""
    latest: set[str] = set()
    rows = []
    for one in sorted(handed_in, key=lambda one: one.seq, reverse=True):
        state, _, _ = _state(one, authority_name(authority), messages.get(one.id))
        if one.outcome is None and one.kind in latest:
            state = "A later one took its place"
        latest.add(one.kind)
        rows.append(
            Earlier(
                title=TITLES[one.kind],
                handed_in=f"{one.handed_in_by}, {at(one.handed_in_at)}",
                state=state,
                reason=one.reason,
                version=version_of(one, digests.get(one.id), versions[one.kind]),
            )
        )
    return rows


def version_of(one: OwnHandIn, digest: bytes | None, versions: Sequence[PublishedVersion]) -> str:
    """Which version became of it, in words."""
    if one.outcome != "published":
        return ""
    same = [each for each in versions if each.digest == digest]
    if not same:
        return "Not in this node’s copy of the log yet"
    when = one.answered_at or one.handed_in_at
    which = min(same, key=lambda each: abs(each.published_at - when))
    now = ", what members read now" if which.is_current else ", an earlier one now"
    return f"Version {which.number} of {which.node}, {at(which.published_at)}{now}"
