"""The pages on which an authority invites providers' staff and says which homes they run."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.errors import DirectoryError
from directory.providers.vouching import claims, presenters
from directory.providers.vouching.errors import OtherOwner, ProvidersError, UnknownHome
from directory.providers.vouching.register import KnownHome, known_homes
from directory.providers.vouching.schemas import StaffForm
from directory.providers.vouching.staff import Workplace, as_known, invite_staff, staff
from directory.providers.vouching.workplace import all_homes, ask_for
from directory.security.mail.emails import Mailer
from directory.security.people.accounts import Account
from directory.security.people.errors import PeopleError
from directory.security.people.link_mail import About
from directory.security.people.views.changing import hand_over
from directory.security.rights.errors import ReasonWanted
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "invited": "They have the role. Wherever they were signed in, they sign in again.",
    "confirmed": "Confirmed. The provider looks after this home from now on.",
    "refused": "Refused, with your reason. The provider’s staff are told.",
    "ended": "Ended, with your reason. The provider’s staff are told.",
}


def providers_pages(node: Node, mailer: Mailer | None) -> Blueprint:
    """The pages of one authority's providers."""
    pages = Blueprint(
        "providers",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/providers",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def everyone(authority: str) -> ResponseReturnValue:
        return _page(node, authority)

    @pages.route("/invite", methods=("GET", "POST"))
    def invitation(authority: str) -> ResponseReturnValue:
        return _invitation(node, mailer, authority)

    @pages.post("/claims/<number>/confirm")
    def confirm_one(authority: str, number: str) -> ResponseReturnValue:
        looked_into = request.form.get("looked_into") == "yes"
        try:
            with writing(node.node_db) as connection, reading(node.replica) as replica:
                asked = {
                    one.number: one.urn for one in claims.claims_of(connection, g.who, authority)
                }
                home = known_homes(replica, [asked.get(number, "")]).get(asked.get(number, ""))
                claims.confirm(
                    connection, node, g.who, authority, number, home, looked_into=looked_into
                )
        except ProvidersError as error:
            return _page(node, authority, number, error)
        return _back(authority, "confirmed")

    @pages.post("/claims/<number>/refuse")
    def refuse_one(authority: str, number: str) -> ResponseReturnValue:
        reason = request.form.get("reason", "")
        try:
            with writing(node.node_db) as connection:
                before = claims.refuse(connection, node, g.who, authority, number, reason)
        except (ProvidersError, ReasonWanted) as error:
            return _page(node, authority, number, error)
        return _back(authority, "refused" if before.state == "asked" else "ended")

    @pages.context_processor
    def _whose() -> dict[str, object]:
        authority = (request.view_args or {})["authority"]
        back = {
            "text": f"Providers of {authority_name(authority)}",
            "href": url_for("providers.everyone", authority=authority),
        }
        return {"authority": authority, "authority_is": authority_name(authority), "back": back}

    return pages


def _page(
    node: Node, authority: str, number: str = "", error: DirectoryError | None = None
) -> ResponseReturnValue:
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        claimed = claims.claims_of(connection, g.who, authority)
        known = known_homes(replica, [one.urn for one in claimed])
        ours = presenters.of_providers(
            staff(connection, g.who, authority), all_homes(connection, g.who, authority)
        )
    cards = [presenters.card(one, known.get(one.urn), authority) for one in claimed]
    where = presenters.beside(error, number, {card.number for card in cards})
    page = render_template(
        "providers/everyone.html",
        waiting=[card for card in cards if card.is_asked],
        running=[card for card in cards if not card.is_asked],
        ours=ours,
        problems={where: str(error)} if error else {},
        typed={number: request.form},
        done=_DONE.get(request.args.get("done", "")),
    )
    if error is None:
        return page, HTTPStatus.OK
    known_mistake = isinstance(error, ReasonWanted | OtherOwner)
    return page, HTTPStatus.BAD_REQUEST if known_mistake else HTTPStatus.CONFLICT


def _back(authority: str, done: str) -> ResponseReturnValue:
    there = url_for("providers.everyone", authority=authority, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _invitation(node: Node, mailer: Mailer | None, authority: str) -> ResponseReturnValue:
    form = StaffForm()
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            said = form.load(request.form)
            homes = _standing_here(node, authority, said["urns"])
            account, token = _invite(node, authority, said, homes)
        except ValidationError as error:
            problems = form.problems(error)
        except PeopleError as error:
            problems = {"email": str(error)}
        except ProvidersError as error:
            problems = {"urns": str(error)}
        else:
            if token:
                return hand_over(mailer, account, token, About.INVITATION)
            return _back(authority, "invited")
    page = render_template(
        "providers/invite.html", frame={"typed": form.typed(request.form), "problems": problems}
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _standing_here(node: Node, authority: str, urns: list[str]) -> list[KnownHome]:
    """The homes of these URNs. Raises UnknownHome unless all stand in the authority's area."""
    with reading(node.replica) as replica:
        known = known_homes(replica, urns)
    wrong = [urn for urn in urns if urn not in known or known[urn].authority != authority]
    if wrong:
        raise UnknownHome(
            f"The directory has no home in {authority_name(authority)} with the URN "
            f"{' or '.join(wrong[:5])}. For homes elsewhere the provider’s staff ask, once they "
            "have signed in"
        )
    return [known[urn] for urn in urns]


def _invite(
    node: Node, authority: str, said: dict[str, str], homes: list[KnownHome]
) -> tuple[Account, str | None]:
    with writing(node.node_db) as connection:
        workplace = Workplace(authority, as_known(connection, authority, said["provider"]))
        before = {
            urn
            for provider, urn, state in all_homes(connection, g.who, authority)
            if provider == workplace.provider and state in ("asked", "confirmed")
        }
        made = invite_staff(connection, node, g.who, workplace, said["email"], said["name"])
        for home in homes:
            if home.urn not in before:
                ask_for(connection, node, g.who, workplace, home)
        return made
