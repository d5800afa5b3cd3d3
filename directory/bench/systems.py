"""Who asks a node over HTTP: a system with its tokens, a commissioner with a cookie."""

import requests

from directory.demo.consortium import Site
from directory.security.people.accounts import invite
from directory.security.people.grants import Held
from directory.security.people.sessions import Stage, start
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role, Scope
from directory.security.systems.service import register
from directory.web.visit import VisitCookie
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


def commissioners_cookie(site: Site, node: Node) -> dict[str, str]:
    """What every request of a commissioner of a site's first authority carries, signed in."""
    held = Held(Role.COMMISSIONER, site.authorities[0].gss)
    with writing(node.node_db) as connection:
        account, _ = invite(
            connection, node, operator("benchmark"), "c@bench.example", "Benchmark", held
        )
        token = start(connection, account.id, Stage.IN, "Benchmark", node.now())
    return {"Cookie": f"{VisitCookie(node.name, secure=False).name}={token}"}
