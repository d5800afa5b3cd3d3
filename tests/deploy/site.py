"""Two authorities' nodes on this machine, each behind nginx with the site that `deploy/` ships."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from directory.country.authorities.service import by_gss
from directory.database import migrate
from directory.demo.consortium import Site, free_ports
from federation import adopt_charter, found_charter, initialise, new_charter_key
from tests.deploy.private_ca import PrivateAuthority

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SERVED = {"leeds": "E08000035", "devon": "E10000008"}
READY_S = 60.0

# Debian's own nginx.conf includes a site into a frame like this one.
_FRAME = """\
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/octet-stream;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Fronted:
    """A node with nginx in front: `url` is the charter's, `direct` the web server itself."""

    site: Site
    url: str
    folder: Path

    @property
    def direct(self) -> str:
        return self.site.url


def render(text: str, changes: Mapping[str, str]) -> str:
    """The text with each change made; what is to be changed has to stand there."""
    for old, new in changes.items():
        assert old in text, f"the committed file no longer says {old!r}"
        text = text.replace(old, new)
    return text


def site_conf(folder: Path, authority: PrivateAuthority, tls: int, plain: int, web: int) -> str:
    """The committed site, with what an operator changes, and with ports and paths of a test."""
    return render(
        (DEPLOY / "nginx.conf").read_text("utf-8"),
        {
            "hearth.example.org": "localhost",
            "/etc/commonhearth/tls/fullchain.pem": str(authority.certificate),
            "/etc/commonhearth/tls/privkey.pem": str(authority.key),
            "/var/lib/nginx/commonhearth": f"{folder}/cache",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{tls} ssl http2;",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "    listen [::]:80;\n": "",
            "127.0.0.1:8400": f"127.0.0.1:{web}",
        },
    )


@contextmanager
def nginx(folder: Path, site: str) -> Iterator[None]:
    """A site, served by an nginx of its own."""
    assert NGINX
    folder.mkdir()
    (folder / "site.conf").write_text(site, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_FRAME.format(folder=folder, user=user), "utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    with _running(command, folder / "output.log"):
        yield


@contextmanager
def hearth_run(one: Fronted, authority: PrivateAuthority) -> Iterator[None]:
    """`hearth run` of a node that looks for new entries only when it is woken."""
    command = [sys.executable, "-m", "directory.cli", "run", "--data-dir", str(one.site.folder)]
    settings = {
        "HEARTH_PORT": str(one.site.port),
        "HEARTH_CA_BUNDLE": str(authority.bundle),
        "HEARTH_POLL_S": "3600",
        "HEARTH_PUBLIC_URL": one.url,
    }
    with _running(command, one.folder / "node.log", settings):
        yield


@contextmanager
def fronted(folder: Path, authority: PrivateAuthority) -> Iterator[dict[str, Fronted]]:
    """Nodes under one charter, running, each behind its nginx."""
    ports = iter(free_ports(3 * len(SERVED)))
    nodes: dict[str, Fronted] = {}
    members = []
    with ExitStack() as stack:
        for name, gss in SERVED.items():
            tls, plain, web = next(ports), next(ports), next(ports)
            home = folder / name
            home.mkdir()
            site = Site(name, home / "data", web, (by_gss(gss),))
            nodes[name] = Fronted(site, f"https://localhost:{tls}", home)
            members.append(initialise(site.folder, name, nodes[name].url, {gss: by_gss(gss).name}))
            conf = site_conf(home / "nginx", authority, tls, plain, web)
            stack.enter_context(nginx(home / "nginx", conf))
        now = datetime.now(UTC)
        note = found_charter("Behind nginx", members, {}, [new_charter_key("tests")], now)
        for one in nodes.values():
            adopt_charter(one.site.folder, note, now)
            migrate(one.site.folder)
            stack.enter_context(hearth_run(one, authority))
        for one in nodes.values():
            wait_for(f"{one.direct}/log/checkpoint")
        yield nodes


def wait_for(url: str) -> None:
    """Until something answers at a URL."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise AssertionError(f"nothing answers at {url}")


@contextmanager
def _running(
    command: list[str], log: Path, settings: Mapping[str, str] | None = None
) -> Iterator[None]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(settings or {})},
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
