"""schemathesis walks the whole document: nothing that may be sent brings out what is not described.

It makes requests from `openapi.yaml`, such as fit it and such as do not, and holds every answer to
it: status, content type, schema; no error inside; what does not fit is refused, what fits is not;
no answer without a token where one is needed.
"""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from directory.api.document import document
from tests.api.systems import SystemClient
from tests.databases import Kind
from tests.directory.worlds import KENT
from tests.federation.servers import Site

EXAMPLES: dict[Kind, int] = {"sqlite": 5, "postgresql": 30}

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
    """A key is drawn for each request; schemathesis would use one for many."""
    if len((case.headers or {}).get("Idempotency-Key", "")) >= 16:
        case.headers["Idempotency-Key"] = secrets.token_hex(16)


schemathesis.openapi.format("authority", strategies.sampled_from([KENT, "Kent"]))
schemathesis.openapi.format("published", strategies.just("Written by somebody"))
schemathesis.openapi.format("place", strategies.sampled_from([KENT, "Kent", "LS6"]))


def test_every_answer_is_one_that_is_described(
    app: Flask,
    registered: Callable[..., tuple[str, str]],
    received: str,
    sent: str,
    database_kind: Kind,
) -> None:
    client = SystemClient(app, *registered())
    with Site() as site:
        site.app = app
        failures, tried = _walk(_config(site.url, client, received, sent, EXAMPLES[database_kind]))
    assert not failures, f"{len(failures)}\n" + "\n\n".join(sorted(failures)[:20])
    assert tried >= {
        f"{method.upper()} {path}"
        for path, operations in document()["paths"].items()
        for method in set(operations) & {"get", "post", "delete"}
    }


def _walk(config: SchemathesisConfig) -> tuple[list[str], set[str]]:
    schema = schemathesis.openapi.from_dict(document(), config=config)

    failures, tried = [], set()
    for event in from_schema(schema).execute():
        if isinstance(event, (FatalError, NonFatalError)):
            raise AssertionError(event)
        if isinstance(event, ScenarioFinished):
            tried.add(event.label)
            for checks in event.recorder.checks.values():
                failures += [
                    f"{event.label}: {check.name}: {check.failure_info.failure.message}\n"
                    f"{check.failure_info.code_sample}"
                    for check in checks
                    if check.failure_info
                ]
    return failures, tried


def _config(
    url: str, client: SystemClient, received: str, sent: str, examples: int
) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "base-url": url,
            "seed": 1,
            "continue-on-failure": True,
            "suppress-health-check": ["all"],
            "parameters": {"path.authority": KENT},
            "operations": [
                {"include-path-regex": "/received/", "parameters": {"path.notice": received}},
                {"include-path-regex": "/sent/", "parameters": {"path.notice": sent}},
                # Whether a value is known depends on its kind, and whether a home is the provider's
                # or on a shortlist on what is there: no schema says either.
                {
                    "include-path-regex": "/(matches|provider/.*|shortlists/.*)$",
                    "checks": {
                        "positive_data_acceptance": {
                            "expected-statuses": ["2xx", 404, 409, 422, 429]
                        }
                    },
                },
                # What is found not to be in order wants a reason besides.
                {
                    "include-path-regex": "/checks$",
                    "checks": {
                        "positive_data_acceptance": {
                            "expected-statuses": ["2xx", 400, 404, 409, 422, 429]
                        }
                    },
                },
            ],
            "auth": {
                "openapi": {
                    "secret": {"username": client.client, "password": client.secret},
                    "token": {"bearer": client.bearer.removeprefix("Bearer ")},
                }
            },
            "generation": {"max-examples": examples, "database": "none"},
        }
    )
