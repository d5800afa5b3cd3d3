"""`openapi.yaml`, from the schemas and the views: `make openapi` writes it.

What every operation shares is added here from the table of who may use each route: which scope a
token needs, and the problems that any request can be answered with.
"""

from pathlib import Path
from typing import Any

from apispec.yaml_utils import dict_to_yaml
from flask import Flask

from directory.access import API, TABLE
from directory.api.application import describe
from directory.api.surface import PREFIX
from directory.security.rights.principal import NOBODY
from directory.security.rights.roles import Scope
from directory.security.rights.service import may
from directory.security.rights.table import RIGHTS, Action
from protocols.problems import MEDIA_TYPE, Problem
from protocols.publication import Publication

_NODE = "https://hearth.example.org"
FILE = Path(__file__).parents[2] / "openapi.yaml"
_ABOUT = """\
What an authority's own systems use: the directory of homes with their vacancies, changes and due
diligence, shortlists, and the notices that authorities send each other; and, at `/provider`, what a
provider's own systems do. Register a system with `hearth systems register`, and get a token with
its id and secret. Every problem is answered as problem details (RFC 9457); docs/problems.md says
what to do about each. Every field has a class, `x-publication`: whom it is for.

The same node answers in the shape of Open Referral UK 3.0, which has a description of its own
(https://openreferraluk.org/specifications/3.0/openapi.json): at `/oruk/` for anybody, with what is
public; at `/api/v1/oruk/` with a token of scope `homes:read`, with the homes of the directory, too.
"""
_SCOPES = {
    Scope.HOMES_READ: "search the directory, keep searches, and what was checked of providers",
    Scope.VACANCIES_READ: "see which homes have a vacancy",
    Scope.CHANGES_READ: "see what lists have changed about homes",
    Scope.CHANGES_MARK: "see those changes, and mark them as seen",
    Scope.SHORTLISTS_WEIGH: "weigh homes on shortlists, and keep the decision",
    Scope.DILIGENCE_CHECK: "check what providers gave",
    Scope.PLACEMENTS_READ: "read placements, each with a reason, and what changed where they are",
    Scope.PLACEMENTS_WRITE: "give placements",
    Scope.PROVIDER_WORK: "a provider's own system: its homes, their vacancies, its due diligence",
    Scope.NOTICES_SEND: "send notices, say what follows them, and see where they are",
    Scope.NOTICES_READ: "read notices, each with a reason, and what changed where children live",
    Scope.NOTICES_ACKNOWLEDGE: "acknowledge notices, and ask back about them",
    Scope.AUDIT_READ: "read who looked at what",
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "An ETag of before: what has not changed is not sent again.",
    "schema": {"type": "string", "x-publication": str(Publication.PUBLIC)},
}
_ANYWHERE = (
    Problem.BAD_REQUEST,
    Problem.UNAUTHORIZED,
    Problem.FORBIDDEN,
    Problem.CONTENT_TOO_LARGE,
    Problem.UNSUPPORTED_MEDIA_TYPE,
    Problem.INVALID,
    Problem.INTERNAL_ERROR,
    Problem.UNAVAILABLE,
)


def document() -> dict[str, Any]:
    """The whole description, as OpenAPI 3.1 has it."""
    app = Flask("directory.web")
    spec: dict[str, Any] = describe(app).spec.to_dict()
    spec["info"]["description"] = _ABOUT
    spec["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    spec["servers"] = [{"url": _NODE, "description": "The node of your authority."}]
    spec["components"]["securitySchemes"] = {
        "token": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"{_NODE}{PREFIX}/token",
                    "scopes": {str(scope): meaning for scope, meaning in _SCOPES.items()},
                }
            },
        },
        "secret": {"type": "http", "scheme": "basic", "description": "A system's id and secret."},
    }
    spec["components"]["responses"] = {kind.name: _answer_with(kind) for kind in _ANYWHERE}
    for rule in app.url_map.iter_rules():
        action = TABLE.get(rule.endpoint)
        if isinstance(action, Action) and rule.endpoint.startswith(API):
            path = spec["paths"][rule.rule.replace("<", "{").replace(">", "}")]
            for method in set(path) & {"get", "post", "delete"}:
                _complete(path[method], rule.endpoint, method, action)
    return spec


def _complete(operation: dict[str, Any], endpoint: str, method: str, action: Action) -> None:
    operation["operationId"] = f"{method}-{endpoint.removeprefix('api.')}"
    kinds = [Problem.INTERNAL_ERROR, Problem.UNAVAILABLE]
    if not may(NOBODY, action):
        scopes = sorted(one for one in RIGHTS[action].holders if isinstance(one, Scope))
        operation["security"] = [{"token": [str(scope)]} for scope in scopes]
        kinds += [Problem.UNAUTHORIZED, Problem.FORBIDDEN]
    operation.setdefault("security", [])
    if "requestBody" in operation:
        kinds += [Problem.BAD_REQUEST, Problem.CONTENT_TOO_LARGE, Problem.UNSUPPORTED_MEDIA_TYPE]
    if operation.get("parameters") or "requestBody" in operation:
        kinds.append(Problem.INVALID)
    for kind in kinds:
        kept = operation["responses"].get(str(kind.status))
        if not kept or "content" not in kept:
            operation["responses"][str(kind.status)] = {
                "$ref": f"#/components/responses/{kind.name}"
            }
    if method == "get":
        _describe_headers(operation, action)
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _describe_headers(operation: dict[str, Any], action: Action) -> None:
    """What a look is answered with besides its body: a validator where it may be kept, links."""
    headers = operation["responses"]["200"].setdefault("headers", {})
    if RIGHTS[action].shows.within(Publication.MEMBERS):
        headers["ETag"] = {
            "description": "Of this very content; send it back as If-None-Match.",
            "schema": {"type": "string"},
        }
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "It is as you have it."}
    if any(one["name"] in ("page", "before") for one in operation.get("parameters", [])):
        headers["Link"] = {
            "description": "To the first, last and neighbouring pages (RFC 8288).",
            "schema": {"type": "string"},
        }


def _answer_with(kind: Problem) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    example = {"type": kind.type, "title": kind.title, "status": kind.status}
    return {
        "description": f"{kind.title}.",
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def as_yaml() -> str:
    """The bytes of the file."""
    text: str = dict_to_yaml(
        document(), {"sort_keys": False, "width": 100, "default_flow_style": None}
    )
    return f"# Made by `make openapi` from directory/api. Do not edit.\n{text}"


if __name__ == "__main__":
    FILE.write_text(as_yaml(), "utf-8")
