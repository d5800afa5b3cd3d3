"""OpenID Connect, as the side that relies on it: code flow with PKCE, state and nonce.

OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; RFC 7636; RFC 9700 section 2.1. Nothing of a
provider's answer is believed before the ID token's signature, issuer, audience, time and nonce are
verified. The access token is not used, and not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from directory.security.people.errors import OutsideRefused
from directory.security.people.oidc_settings import OutsideProvider
from federation import is_loopback

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
SCOPE = "openid email profile"
_DESCRIPTION = "/.well-known/openid-configuration"
_TIMEOUT_S = 20
_LEEWAY_S = 60
_NOT_ANSWERED = (
    "Your authority’s sign-in service could not be asked, or did not answer as it should. Try "
    "again; if it happens again, tell whoever looks after it"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a provider, and has to be in its answer."""

    state: str
    nonce: str
    verifier: str


class Client:
    """This node as a client of one authority's provider."""

    def __init__(self, provider: OutsideProvider, back: str, ca_bundle: Path | None) -> None:
        self._provider = provider
        self._session = OAuth2Session(
            provider.client_id,
            Path(provider.secret_file).read_text("utf-8").strip(),
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
        )
        self._session.trust_env = False
        self._session.verify = str(ca_bundle) if ca_bundle else True

    def where_to_ask(self, asked: Asked) -> str:
        """The provider's address to send the browser to. Raises OutsideRefused."""
        address, _ = self._session.create_authorization_url(
            self._described()["authorization_endpoint"],
            state=asked.state,
            nonce=asked.nonce,
            code_verifier=asked.verifier,
        )
        return str(address)

    def claims(self, code: str, asked: Asked, now: datetime) -> Mapping[str, Any]:
        """What the provider says of who came back with a code. Raises OutsideRefused."""
        described = self._described()
        try:
            token = self._session.fetch_token(
                described["token_endpoint"],
                code=code,
                code_verifier=asked.verifier,
                timeout=_TIMEOUT_S,
            )
            keys = KeySet.import_key_set(self._get(described["jwks_uri"]))
            signed = jwt.decode(token["id_token"], keys, algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": self._provider.issuer},
                    "aud": {"essential": True, "value": self._provider.client_id},
                    "sub": {"essential": True},
                    "exp": {"essential": True},
                    "nonce": {"essential": True, "value": asked.nonce},
                },
                {"nonce": asked.nonce, "client_id": self._provider.client_id},
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_S)
        except (
            *(requests.RequestException, AuthlibBaseError, JoseError),
            *(ValueError, KeyError, TypeError),
        ) as error:
            raise OutsideRefused(_NOT_ANSWERED) from error
        return dict(claims)

    def _described(self) -> Mapping[str, Any]:
        """The provider's description of itself (OpenID Connect Discovery 1.0, section 4)."""
        issuer = self._provider.issuer
        try:
            described: Mapping[str, Any] = self._get(f"{issuer.rstrip('/')}{_DESCRIPTION}")
            endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            fine = described["issuer"] == issuer and all(_is_safe(described[e]) for e in endpoints)
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise OutsideRefused(_NOT_ANSWERED) from error
        if not fine:
            raise OutsideRefused(_NOT_ANSWERED)
        return described

    def _get(self, url: str) -> Any:
        answer = self._session.request(
            "GET", url, withhold_token=True, timeout=_TIMEOUT_S, allow_redirects=False
        )
        answer.raise_for_status()
        return answer.json()


def _is_safe(url: str) -> bool:
    return urlsplit(url).scheme == "https" or is_loopback(url)
