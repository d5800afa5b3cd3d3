"""An authority's system as it uses the API: with a token that it got for its id and secret."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

API = "/api/v1"
TOKEN = f"{API}/token"


@dataclass
class SystemClient:
    """Asks in the name of one system."""

    app: Flask
    client: str
    secret: str
    _token: str = field(default="")

    def ask_token(self, **form: str) -> TestResponse:
        wanted = {"grant_type": "client_credentials", **form}
        return self.app.test_client().post(TOKEN, data=wanted, auth=(self.client, self.secret))

    @property
    def bearer(self) -> str:
        if not self._token:
            self._token = self.ask_token().get_json()["access_token"]
        return f"Bearer {self._token}"

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._open("GET", path, options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self._open("POST", path, options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self._open("DELETE", path, options)

    def _open(self, method: str, path: str, options: dict[str, Any]) -> TestResponse:
        headers = {"Authorization": self.bearer, **options.pop("headers", {})}
        return self.app.test_client().open(
            f"{API}{path}", method=method, headers=headers, **options
        )
