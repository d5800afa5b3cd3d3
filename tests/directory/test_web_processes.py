"""A web server of two processes: what one has begun the other goes on with, also when one dies."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import update

from directory.demo.consortium import found, three_authorities
from directory.node.running.commands import web_command
from directory.nodes import opened
from directory.security.people.models import session
from directory.security.rights.roles import Role
from federation import Node, writing
from tests.directory.correspondence import ANSWERS
from tests.directory.people import make_person, session_for
from tests.federation.processes import until
from tests.federation.servers import HERE, free_ports

PATIENCE_S = 60
CHILD = "Robin Nobodyelse"


@dataclass
class Served:
    """A node, the process that started those of its web server, and somebody who uses it."""

    node: Node
    url: str
    server: psutil.Process
    log: Path
    gss: str
    who: str

    def processes(self) -> set[int]:
        return {one.pid for one in self.server.children() if one.status() != psutil.STATUS_ZOMBIE}

    def started(self) -> int:
        """How many have been, until now."""
        return self.log.read_text().count("web process ready")

    def asking(self, pid: int, browser: requests.Session) -> requests.Session:
        """A browser with the same cookies, whose connection stays with one of the processes."""
        for _ in range(100):
            other = requests.Session()
            other.cookies.update(browser.cookies)
            assert other.get(f"{self.url}/healthz", timeout=PATIENCE_S).ok
            if self._connected(pid):
                return other
            other.close()
        raise AssertionError(f"{pid} answers nobody")

    def _connected(self, pid: int) -> bool:
        ours = {one.laddr.port for one in psutil.Process().net_connections() if one.raddr}
        theirs = psutil.Process(pid).net_connections()
        return any(one.raddr and one.raddr.port in ours for one in theirs)

    def sign_in(self, browser: requests.Session) -> None:
        cookie = f"hearth-{self.node.name}"
        browser.cookies.pop(cookie, None)
        browser.cookies.set(cookie, session_for(self.node, self.who), domain=HERE, path="/")

    def end_sessions(self) -> None:
        long_ago = self.node.now() - timedelta(hours=1)
        with writing(self.node.node_db) as connection:
            connection.execute(update(session).values(used_at=long_ago))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    tmp_path = tmp_path_factory.mktemp("served")
    area, placing, _ = three_authorities().items()
    port, _ = ports = free_ports(2)
    site, _ = found(tmp_path, dict([placing, area]), ports)
    log = tmp_path / "web.log"
    with opened(site.folder) as node, log.open("ab") as written:
        gss = site.authorities[0].gss
        who = make_person(node, (Role.COMMISSIONER, gss))
        server = subprocess.Popen(
            web_command(HERE, port, 2),
            env=os.environ | {"HEARTH_DATA_DIR": str(site.folder)},
            stderr=written,
        )
        try:
            one = Served(node, site.url, psutil.Process(server.pid), log, gss, who)
            until(lambda: one.started() == 2, PATIENCE_S)
            yield one
        finally:
            server.terminate()
            server.wait()


def test_what_one_process_kept_the_other_shows_and_so_do_those_started_after_both_were_killed(
    served: Served,
) -> None:
    one, other = served.processes()
    new = f"{served.url}/authorities/{served.gss}/notices/new"
    browser = requests.Session()
    served.sign_in(browser)
    in_one = served.asking(one, browser)
    token = field(in_one.get(new, timeout=PATIENCE_S).text, "csrf_token")
    served.end_sessions()
    form = {**ANSWERS, "step": "check", "given_name": CHILD, "csrf_token": token}
    late = in_one.post(new, data=form, timeout=PATIENCE_S, allow_redirects=False)
    assert late.headers["Location"] == "/sign-in?next=/unsent"
    served.sign_in(in_one)

    in_other = served.asking(other, in_one)
    in_one.close()
    assert CHILD in in_other.get(f"{served.url}/unsent", timeout=PATIENCE_S).text
    os.kill(one, signal.SIGKILL)
    assert CHILD in in_other.get(f"{served.url}/unsent", timeout=PATIENCE_S).text, "it answers on"
    until(lambda: served.started() == 3, PATIENCE_S)
    assert "Unexpected exit from web process" in served.log.read_text()

    in_other.close()
    os.kill(other, signal.SIGKILL)
    until(lambda: served.started() == 4, PATIENCE_S)
    later = served.asking(min(served.processes()), in_other)
    page = later.get(f"{served.url}/unsent", timeout=PATIENCE_S).text
    sent = {name: unescape(text) for name, text in FIELD.findall(page)}
    checked = later.post(new, data=sent, timeout=PATIENCE_S).text
    assert "Check the notice" in checked
    assert CHILD in checked
    assert later.get(f"{served.url}/unsent", timeout=PATIENCE_S).status_code == 404
    assert len(served.processes()) == 2


def test_none_is_left_behind_when_whoever_started_them_is_killed(served: Served) -> None:
    """The last test of this module: no server is left."""
    processes = [psutil.Process(pid) for pid in served.processes()]
    served.server.kill()
    assert not psutil.wait_procs(processes, PATIENCE_S)[1]


FIELD = re.compile(r'<input[^>]* name="([^"]+)" value="([^"]*)">')


def field(page: str, name: str) -> str:
    return dict(FIELD.findall(page))[name]
