"""Peers whose certificates are by a private authority: accepted when told to, never otherwise."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from federation.client import PeerClient
from federation.errors import PeerUnreachable
from tests.deploy.private_ca import PrivateAuthority, make_authority


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"here\n")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that does not trust us breaks off, which is no news."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def address(authority: PrivateAuthority) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    with _Server(("127.0.0.1", 0), _Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_peer_with_a_certificate_by_the_private_authority_is_reached(
    authority: PrivateAuthority, address: str
) -> None:
    client = PeerClient(address, ca_bundle=authority.bundle)
    assert client.get("log/checkpoint", limit=100) == b"here\n"
    client.close()


def test_without_the_setting_it_is_refused_and_the_certificate_is_named(address: str) -> None:
    client = PeerClient(address)
    with pytest.raises(PeerUnreachable, match="certificate is not accepted"):
        client.get("log/checkpoint", limit=100)
    client.close()


def test_another_private_authority_does_not_vouch_for_it(address: str, tmp_path: Path) -> None:
    client = PeerClient(address, ca_bundle=make_authority(tmp_path).bundle)
    with pytest.raises(PeerUnreachable, match="certificate is not accepted"):
        client.get("log/checkpoint", limit=100)
    client.close()


def test_the_environment_does_not_name_authorities_behind_the_setting_s_back(
    authority: PrivateAuthority, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    client = PeerClient(address)
    with pytest.raises(PeerUnreachable, match="certificate is not accepted"):
        client.get("log/checkpoint", limit=100)
    client.close()
