"""An authority's system that asks a node's API over HTTP, with the tokens that it needs for it."""

import requests

from directory.demo.consortium import Site
from directory.security.rights.principal import operator
from directory.security.rights.roles import Scope
from directory.security.systems.service import register
from federation import Node, writing

API = "/api/v1"


class Caller:
    """A registered system of the first authority of a site."""

    def __init__(self, site: Site, node: Node, scopes: tuple[Scope, ...]) -> None:
        self.site = site
        with writing(node.node_db) as connection:
            self._secret = register(
                connection,
                node,
                operator("benchmark"),
                authority=site.authorities[0].gss,
                name="Benchmark",
                scopes=scopes,
            )

    def headers(self) -> dict[str, str]:
        """What every request carries: a new token, since they live for minutes."""
        answer = requests.post(
            f"{self.site.url}{API}/token",
            data={"grant_type": "client_credentials"},
            auth=self._secret,
            timeout=60,
        )
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}
