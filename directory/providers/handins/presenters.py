"""What providers' staff hand in, as their pages show it: each state in words, with a colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.country.authorities.service import authority_name
from directory.providers.handins.own import KINDS, Begun, OwnHandIn, can_withdraw
from directory.providers.handins.versions import PublishedVersion
from directory.web.wording import at
from federation import DEAD, Dispatch

TITLES = {
    "profile": "What the home offers",
    "statement": "Statement of purpose",
    "guide": "Children’s guide",
    "document": "Full document",
    "diligence": "Due diligence",
}
OUTCOMES = {
    "published": ("Published", "green"),
    "returned": ("Returned", "red"),
    "refused": ("Not taken", "red"),
    "withdrawn": ("Withdrawn", "grey"),
}
_OF_KIND = {
    ("guide", "published"): ("Accepted", "green"),
    ("document", "published"): ("Accepted", "green"),
    ("diligence", "published"): ("In order", "green"),
    ("diligence", "returned"): ("Not in order", "red"),
}
"""Where it is called otherwise than in OUTCOMES."""
_WAITS = {"profile": "release", "statement": "release", "diligence": "a check"}


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
    to_withdraw: str = ""
    """What was handed in and can be taken back, by its id."""

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
    messages: Mapping[str, Dispatch],
) -> Standing:
    """How it stands. `messages` are those that carried or take back what was handed in, by id."""
    latest = handed_in[0] if handed_in else None
    newer = draft and (latest is None or draft.changed_at > latest.handed_in_at)
    unsent = f"Draft saved by {draft.changed_by}, {at(draft.changed_at)}" if draft and newer else ""
    if latest is None:
        state, colour = ("Draft", "blue") if draft else ("Nothing handed in by you", "grey")
        return Standing(kind, TITLES[kind], state, colour, unsent=unsent)
    state, colour, when = _state(latest, authority_name(authority), messages)
    to_withdraw = latest.id if can_withdraw(latest, messages.get(latest.id)) else ""
    return Standing(kind, TITLES[kind], state, colour, when, latest.reason, unsent, to_withdraw)


def _state(one: OwnHandIn, area: str, messages: Mapping[str, Dispatch]) -> tuple[str, str, str]:
    by = f"Handed in by {one.handed_in_by}, {at(one.handed_in_at)}"
    if one.outcome and one.answered_at:
        state, colour = _OF_KIND.get((one.kind, one.outcome), OUTCOMES[one.outcome])
        late = one.withdrawn_by and one.outcome != "withdrawn"
        said = "; it was answered before your withdrawal came" if late else ""
        return state, colour, f"{by}; answered {at(one.answered_at)}{said}"
    if one.withdrawn_by:
        return *_withdrawn(area, messages.get(one.withdrawal or "")), by
    dispatch = messages.get(one.id)
    if dispatch is None or dispatch.state == "stored":
        waits = f"Waits for {_WAITS.get(one.kind, 'an officer')}"
        return waits, "yellow", f"{by}. Somebody of {area} reads it"
    if dispatch.state not in DEAD:
        slow = "" if one.kind in KINDS or not dispatch.problem else f". {_NO_FILES.format(area)}"
        return f"On its way to {area}", "yellow", f"{by}{slow}"
    if dispatch.problem == "unknown-schema":
        return f"The node of {area} cannot take this yet: ask them", "red", by
    return f"It did not reach {area}: hand it in again", "red", by


_NO_FILES = (
    "It could not be delivered yet, and is tried again by itself. Where the node of {} is older "
    "than this and takes no files, withdraw it, and send it to them by secure email"
)


def _withdrawn(area: str, dispatch: Dispatch | None) -> tuple[str, str]:
    """What is said while the other node has not answered."""
    if dispatch is None or dispatch.state not in DEAD:
        return f"Withdrawn: {area} is being told", "yellow"
    if dispatch.problem == "unknown-schema":
        return f"The node of {area} cannot take it back yet: ask them to return it", "red"
    return f"The withdrawal did not reach {area}: ask them to return it", "red"


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something that was handed in, what became of it, and which version it is."""

    title: str
    handed_in: str
    state: str
    reason: str
    version: str
    to_withdraw: str


def every(
    handed_in: Sequence[OwnHandIn],
    authority: str,
    messages: Mapping[str, Dispatch],
    versions: dict[str, list[PublishedVersion]],
    digests: dict[str, bytes],
    items: Mapping[str, str],
) -> list[Earlier]:
    """Everything that was handed in of a home, the latest first. `items` are of due diligence."""
    latest: set[tuple[str, str | None]] = set()
    rows = []
    for one in sorted(handed_in, key=lambda one: one.seq, reverse=True):
        state, _, _ = _state(one, authority_name(authority), messages)
        is_latest = one.about not in latest
        if one.outcome is None and not is_latest:
            state = "A later one took its place"
        latest.add(one.about)
        rows.append(
            Earlier(
                title=f"{TITLES[one.kind]}{items.get(one.item or '', '')}",
                handed_in=f"{one.handed_in_by}, {at(one.handed_in_at)}",
                state=state,
                reason=one.reason,
                version=version_of(one, digests.get(one.id), versions[one.kind])
                if one.kind in versions
                else "",
                to_withdraw=one.id if is_latest and can_withdraw(one, messages.get(one.id)) else "",
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
