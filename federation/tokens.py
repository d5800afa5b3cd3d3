"""OAuth 2.0 for members: client credentials, authenticated by `private_key_jwt` (RFC 7523).

A client is a member of the charter; its key is its access key. An assertion is for our token
endpoint alone, lives minutes, and works once. A token is opaque, lives minutes, and is kept only as
a digest.
"""

import os
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import Flask
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Meta, Struct
from msgspec.json import Decoder
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from federation import tables
from federation.charter.warnings import why_suspended
from federation.database import reading, writing
from federation.node import Node
from protocols.charter import Member
from protocols.keys import Purpose
from protocols.messages import Kid

TOKEN_LIFE = timedelta(minutes=10)
ASSERTION_LIFE = timedelta(minutes=5)
LEEWAY_S = 60
METHOD = "private_key_jwt"


class _Client(ClientMixin):
    """A member of the charter as Authlib sees it."""

    def __init__(self, member: Member) -> None:
        self.member = member

    def get_client_id(self) -> str:
        return self.member.node

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:
        return ""

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == METHOD and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class _Header(Struct, forbid_unknown_fields=True):
    """The closed header of an assertion."""

    alg: Literal["Ed25519"]
    typ: Literal["JWT"]
    kid: Kid


class _Claims(Struct, forbid_unknown_fields=True):
    """The closed claims of an assertion. `aud` is one string: a list could name other nodes."""

    iss: str
    sub: str
    aud: str
    iat: int
    exp: int
    jti: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]


for _closed in (_Header, _Claims):
    Decoder(_closed)  # msgspec works each out before there are threads


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: Collection[str] = (METHOD,)


class _Assertion(JWTBearerClientAssertion):
    """Checks who a token is for."""

    CLIENT_AUTH_METHOD = METHOD  # type: ignore[misc]  # Authlib means it to be overridden

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._node = node

    def resolve_client_public_key(self, client: _Client) -> KeySet:
        return KeySet([key.jwk for key in client.member.keys_for(Purpose.ACCESS)])

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> dict[str, Any]:
        """As Authlib does it, but with our one algorithm."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=["Ed25519"])
            msgspec.convert(token.header, _Header)
            claims = msgspec.structs.asdict(msgspec.convert(token.claims, _Claims))
        except (JoseError, ValueError, msgspec.ValidationError) as error:
            raise InvalidClientError(description="The assertion does not verify.") from error
        self.verify_claims(claims)
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Who, for whom, until when, and not twice: by this node's clock."""
        node, now = self._node, self._node.now()
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": claims["sub"]},
            sub={"essential": True},
            aud={"essential": True, "value": f"{node.member.url}/token"},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise InvalidClientError(description="The assertion is not for this.") from error
        if claims["exp"] > (now + ASSERTION_LIFE).timestamp():
            raise InvalidClientError(description="The assertion lives too long.")
        if not self._is_first(claims["sub"], claims["jti"], now):
            raise InvalidClientError(description="The assertion was used before.")
        member = node.charter.member(claims["sub"])
        if member and (reason := why_suspended(node, member)):
            raise InvalidClientError(description=reason)

    def _is_first(self, name: str, jti: str, now: datetime) -> bool:
        """Take note of an assertion for as long as it could be used again."""
        until = now + ASSERTION_LIFE + timedelta(seconds=LEEWAY_S)
        try:
            with writing(self._node.node_db) as connection:
                connection.execute(delete(tables.assertion).where(tables.assertion.c.expires < now))
                connection.execute(
                    insert(tables.assertion).values(node=name, jti=jti, expires=until)
                )
        except IntegrityError:
            return False
        return True


def token_server(node: Node, app: Flask) -> AuthorizationServer:
    """The token endpoint's logic, for an application that serves this node."""

    def query_client(name: str) -> _Client | None:
        member = node.charter.member(name)
        return _Client(member) if member else None

    def save_token(token: dict[str, Any], request: Any) -> None:
        now = node.now()
        with writing(node.node_db) as connection:
            connection.execute(delete(tables.token).where(tables.token.c.expires < now))
            connection.execute(
                insert(tables.token).values(
                    digest=_digest(token["access_token"]),
                    node=request.client.get_client_id(),
                    expires=now + TOKEN_LIFE,
                )
            )

    # TLS ends at the proxy in front of a node, so Authlib sees plain HTTP here. That peers use
    # https outside the machine is held by `client.PeerClient` and the charter's addresses.
    os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")
    server = AuthorizationServer(query_client=query_client, save_token=save_token)
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": int(TOKEN_LIFE.total_seconds())}
    app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = lambda **_: secrets.token_urlsafe(32)
    server.init_app(app, query_client=query_client, save_token=save_token)
    server.register_grant(_Grant)
    server.register_client_auth_method(METHOD, _Assertion(node))
    return server


def member_of(node: Node, token: str) -> Member | None:
    """The member that holds a token, also one suspended since; None if the token is none of ours,
    or too old.
    """
    with reading(node.node_db) as connection:
        name = connection.scalar(
            select(tables.token.c.node).where(
                tables.token.c.digest == _digest(token), tables.token.c.expires > node.now()
            )
        )
    return node.charter.member(name) if name else None


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
