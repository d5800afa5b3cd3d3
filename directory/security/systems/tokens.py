"""OAuth 2.0 for an authority's systems: client credentials (RFC 6749 section 4.4).

A system proves who it is by its secret, in the header Authorization and nowhere else, and gets an
opaque token that lives minutes. An unknown id, a wrong secret and a revoked system are told apart
by nothing.
"""

import secrets
from collections.abc import Collection
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, list_to_scope, scope_to_list
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import request
from werkzeug.exceptions import TooManyRequests

from directory.security.people.errors import Paused
from directory.security.people.pauses import LONGEST_PAUSE, count_attempt, of_secret
from directory.security.systems.service import (
    TOKEN_LIFE,
    System,
    keep_token,
    system_with,
)
from federation import Node, reading, writing

METHOD = "client_secret_basic"


class _Client(ClientMixin):
    """A system as Authlib sees it."""

    def __init__(self, known: System) -> None:
        self._known = known

    def get_client_id(self) -> str:
        return self._known.id

    def get_allowed_scope(  # type: ignore[override]  # Authlib refuses the scope at None
        self, scope: Collection[str] | str | None
    ) -> str | None:
        """What was asked for; all that may be had when nothing was; None for more than that."""
        may = self._known.scopes.split()
        asked = may if scope is None else scope_to_list(scope)
        right = asked and set(asked) <= set(may)
        return str(list_to_scope(sorted(set(asked)))) if right else None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: Collection[str] = (METHOD,)


def _count_wrong(node: Node) -> None:
    """Refuse one address that tries on and on; what it costs others is then little."""
    try:
        count_attempt(node.node_db, of_secret(request.remote_addr or ""), node.now())
    except Paused as paused:
        raise TooManyRequests(str(paused), retry_after=int(LONGEST_PAUSE.total_seconds())) from None


def token_server(node: Node) -> AuthorizationServer:
    """The token endpoint's logic for the systems of a node's authorities."""

    def by_secret(_query: object, _request: object) -> _Client:
        given = request.authorization
        known = None
        if given and given.type == "basic":
            with reading(node.node_db) as connection:
                known = system_with(connection, given.username or "", given.password or "")
        if known is None:
            _count_wrong(node)
            raise InvalidClientError(
                status_code=401, description="No system in use has this id and secret."
            )
        return _Client(known)

    def save_token(token: dict[str, Any], asked: Any) -> None:
        with writing(node.node_db) as connection:
            keep_token(
                connection,
                asked.client.get_client_id(),
                token["access_token"],
                token["scope"],
                node.now(),
            )

    server = AuthorizationServer(query_client=lambda _: None, save_token=save_token)
    server.register_token_generator(
        "default",
        BearerTokenGenerator(
            lambda **_: secrets.token_urlsafe(32),
            expires_generator=lambda *_: int(TOKEN_LIFE.total_seconds()),
        ),
    )
    server.register_client_auth_method(METHOD, by_secret)
    server.register_grant(_Grant)
    return server
