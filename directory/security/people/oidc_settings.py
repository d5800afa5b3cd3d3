"""Which authorities sign their people in themselves: `oidc.toml` in the data directory.

[E10000016]                      # the authority's GSS code
issuer = "https://login.kent.example"
client_id = "commonhearth"
secret_file = "/etc/commonhearth/oidc-kent"
role_claim = "roles"
amr = ["mfa"]                    # if given, one of these has to be among the token's `amr`

[E10000016.roles]                # a value of the claim, and the role that it gives
"Placements" = "commissioner"
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from directory.errors import DirectoryError
from directory.security.people.accounts import GRANTABLE
from directory.security.rights.roles import Role
from federation import is_loopback

FILE = "oidc.toml"


class UnusableProviders(DirectoryError):
    """`oidc.toml` cannot be used; says what is wrong in it."""


class OutsideProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The OpenID provider of one authority, and what its claims mean here."""

    issuer: str
    client_id: str
    secret_file: str
    roles: dict[str, Role]
    role_claim: str = "roles"
    amr: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()


def read_providers(folder: Path, served: frozenset[str]) -> Mapping[str, OutsideProvider]:
    """The providers by authority (GSS code); none where there is no file.

    Raises UnusableProviders.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, OutsideProvider])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UnusableProviders(f"{path} cannot be read: {error}.") from error
    for authority, one in found.items():
        if authority not in served:
            raise UnusableProviders(f"{path}: this node does not serve {authority}.")
        if not (one.issuer.startswith("https://") or is_loopback(one.issuer)):
            raise UnusableProviders(f"{path}: the issuer of {authority} is no https address.")
        if not set(one.roles.values()) <= set(GRANTABLE):
            raise UnusableProviders(
                f"{path}: claims give roles for {authority} alone: {', '.join(GRANTABLE)}."
            )
        if not Path(one.secret_file).is_file():
            raise UnusableProviders(f"{path}: there is no file {one.secret_file}.")
    return found
