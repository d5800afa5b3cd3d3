"""Claims, providers and their homes, as pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from directory.country.authorities.service import authority_name
from directory.errors import DirectoryError
from directory.providers.handins.presenters import Standing
from directory.providers.vouching.claims import Claim
from directory.providers.vouching.errors import OtherOwner
from directory.providers.vouching.labels import CALLED
from directory.providers.vouching.register import KnownHome
from directory.providers.vouching.staff import Colleague
from directory.providers.vouching.workplace import OwnHome
from directory.security.rights.errors import ReasonWanted
from directory.web.wording import at
from federation import DEAD, Dispatch

UNNAMED = "Name not published"


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """A claim to a home, what the register says beside it, and what stands in its way."""

    number: str
    title: str
    urn: str
    provider: str
    owner: str
    differs: bool
    run_by: str | None
    is_asked: bool
    asked: str
    decided: str


def card(claim: Claim, home: KnownHome | None, authority: str) -> ClaimCard:
    """A claim to a home in an authority's area."""
    through = "" if claim.through == authority else f", through {authority_name(claim.through)}"
    decided = f"By {claim.decided_by} on {at(claim.decided_at)}" if claim.decided_at else ""
    return ClaimCard(
        number=claim.number,
        title=(home.name if home else None) or UNNAMED,
        urn=claim.urn,
        provider=claim.provider,
        owner=(home.owner if home else None) or "Nobody",
        differs=home is None or not home.is_run_by(claim.provider),
        run_by=claim.run_by,
        is_asked=claim.state == "asked",
        asked=f"By {claim.asked_by} on {at(claim.asked_at)}{through}",
        decided=decided,
    )


def beside(error: DirectoryError | None, number: str, shown: set[str]) -> str:
    """The id of what an error is about on the page of claims."""
    if number not in shown:
        return "main-content"
    if isinstance(error, ReasonWanted):
        return f"reason-{number}"
    return f"looked-{number}" if isinstance(error, OtherOwner) else f"claim-{number}"


@dataclass(slots=True)
class ProviderLine:
    """A provider whose staff an authority vouches for."""

    name: str
    staff: list[Colleague] = field(default_factory=list)
    homes: int = 0
    confirmed: int = 0


def of_providers(
    staff: Iterable[Colleague], homes: Iterable[tuple[str, ...]]
) -> Sequence[ProviderLine]:
    """Staff and counts of homes by provider, in the order of their names."""
    found: dict[str, ProviderLine] = {}
    for one in staff:
        found.setdefault(one.provider, ProviderLine(one.provider)).staff.append(one)
    for provider, _, state in homes:
        line = found.setdefault(provider, ProviderLine(provider))
        line.homes += 1
        line.confirmed += state == "confirmed"
    return sorted(found.values(), key=lambda line: line.name.casefold())


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One of a provider's homes, and where its claim is."""

    id: str
    title: str
    urn: str
    provider: str
    area: str
    state: str
    colour: str
    when: str
    reason: str
    is_published: bool
    written: Sequence[Standing]


def home_line(own: OwnHome, home: KnownHome | None, written: Sequence[Standing]) -> HomeLine:
    """One of a provider's homes, what the directory knows of it, and how it stands with what was
    written of it; nothing is, of one that they do not run.
    """
    state, colour = CALLED[own.state]
    if own.state == "asked" and own.dispatch and own.dispatch.state != "stored":
        state, colour = _under_way(own.dispatch, authority_name(own.authority))
    answered = f", answered on {at(own.answered_at)}" if own.answered_at else ""
    return HomeLine(
        id=own.id,
        title=(home.name if home else None) or UNNAMED,
        urn=own.urn,
        provider=own.workplace.provider,
        area=authority_name(own.authority),
        state=state,
        colour=colour,
        when=f"Claimed by {own.asked_by} on {at(own.asked_at)}{answered}",
        reason=own.reason,
        is_published=home is not None,
        written=written,
    )


def _under_way(dispatch: Dispatch, area: str) -> tuple[str, str]:
    """What is said of a claim that has not arrived at another node."""
    if dispatch.state not in DEAD:
        return f"On its way to {area}", "yellow"
    if dispatch.problem == "unknown-schema":
        return f"The node of {area} cannot take claims yet: ask them", "red"
    return f"It did not reach {area}: claim it again", "red"
