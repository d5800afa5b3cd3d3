"""The two addresses of signing in through an authority's own provider: there, and back."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.security.people.errors import OutsideRefused
from directory.security.people.oidc import Client
from directory.security.people.oidc_settings import OutsideProvider
from directory.security.people.outside import begin, come_back, let_in
from directory.security.people.visiting import browser, safe_path
from directory.web.reached import page_address
from directory.web.visit import visit
from federation import Node, writing


def outside_blueprint(node: Node, providers: Mapping[str, OutsideProvider]) -> Blueprint:
    """The pages of a node on which people come through their authority's provider."""
    pages = Blueprint("outside", __name__, template_folder="../templates")

    @pages.get("/sign-in/with/<authority>")
    def there(authority: str) -> ResponseReturnValue:
        provider = providers.get(authority) or abort(HTTPStatus.NOT_FOUND)
        visit().renew(secrets.token_urlsafe(32))
        onwards = safe_path(request.args.get("next"))
        with writing(node.node_db) as connection:
            asked = begin(connection, node, visit().token, authority, onwards)
        return redirect(_client(node, provider).where_to_ask(asked))

    @pages.get("/sign-in/back")
    def back() -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            authority, asked, onwards = come_back(
                connection, node, visit().token, request.args.get("state", "")
            )
        provider = providers.get(authority) or abort(HTTPStatus.NOT_FOUND)
        if "code" not in request.args:
            raise OutsideRefused("Your authority’s sign-in service did not let you in")
        claims = _client(node, provider).claims(request.args["code"], asked, node.now())
        with writing(node.node_db) as connection:
            outcome = let_in(connection, node, authority, provider, claims, browser().named)
        if isinstance(outcome, OutsideRefused):
            raise outcome
        visit().renew(outcome)
        return redirect(onwards or url_for("start.page"))

    @pages.errorhandler(OutsideRefused)
    def _refused(error: OutsideRefused) -> ResponseReturnValue:
        page = render_template("people/outside_refused.html", reason=error)
        return page, HTTPStatus.BAD_REQUEST

    return pages


def _client(node: Node, provider: OutsideProvider) -> Client:
    return Client(provider, page_address(url_for("outside.back")), node.ca_bundle)
