"""`hearth people`: accounts, from the node's own machine. The first administrator is made here."""

from collections.abc import Callable

import click
from sqlalchemy import Connection

from directory.cli.common import AuthorityName, Hearth, command
from directory.country.authorities.service import Authority, authority_name
from directory.security.people import accounts
from directory.security.people.accounts import Account
from directory.security.people.grants import Held
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.settings import read_settings
from federation import Node, writing

_ROLES = (*accounts.GRANTABLE, Role.PROVIDER, Role.NODE_ADMINISTRATOR)
_NEXT = (
    "Give the link to them, and to nobody else, in a way that you trust: whoever has it chooses "
    "the password. It works once."
)


@click.group()
def people() -> None:
    """Invite people, give and withdraw roles, disable accounts.

    Administrators do the same on the pages. Administrators of the node are made here alone.
    """


def _for_role(body: Callable[..., None]) -> Callable[..., None]:
    """The options that name a role."""
    for option in (
        click.option("--provider", help="For whom a provider's staff work."),
        click.option(
            "--authority", type=AuthorityName(), help="For which authority; none for the node's."
        ),
        click.option(
            "--role", required=True, type=click.Choice([str(one) for one in _ROLES]), help="Role."
        ),
    ):
        body = option(body)
    return body


@people.command()
@click.argument("email")
@click.option("--name", required=True, help="Their name.")
@_for_role
@command
def invite(
    hearth: Hearth,
    email: str,
    name: str,
    role: str,
    authority: Authority | None,
    provider: str | None,
) -> None:
    """Give somebody a role and, if need be, an account.

    Prints the link with which they choose a password.
    """
    with hearth.node() as node, writing(node.node_db) as connection:
        held = _held(node, role, authority, provider)
        account, token = accounts.invite(connection, node, hearth.who, email, name, held)
    if token:
        _answer_link(hearth, node, account, token)
    else:
        hearth.answer(_told(account), f"{account.name} had an account, and has this role now too.")


@people.command("list")
@command
def list_people(hearth: Hearth) -> None:
    """List every account, and what it opens."""
    with hearth.node() as node, writing(node.node_db) as connection:
        found = accounts.everybody(connection, node, hearth.who)
    lines = [_line(one) for one in found]
    hearth.answer(
        {"people": [_told(one) for one in found]},
        "\n".join(lines) or "Nobody has an account yet. 'hearth people invite' makes the first.",
    )


@people.command()
@click.argument("email")
@_for_role
@command
def grant(
    hearth: Hearth, email: str, role: str, authority: Authority | None, provider: str | None
) -> None:
    """Give somebody a role. They sign in again."""

    def change(connection: Connection, node: Node, who: Principal, account: Account) -> None:
        held = _held(node, role, authority, provider)
        accounts.grant(connection, node, who, account.id, held)

    _change(hearth, email, change, "has the role now.")


@people.command()
@click.argument("email")
@_for_role
@click.option("--even-last", is_flag=True, help="Even if nobody is left to administer.")
@command
def withdraw(
    hearth: Hearth,
    email: str,
    role: str,
    authority: Authority | None,
    provider: str | None,
    even_last: bool,
) -> None:
    """Take a role back, at once."""

    def change(connection: Connection, node: Node, who: Principal, account: Account) -> None:
        held = _held(node, role, authority, provider)
        accounts.withdraw(connection, node, who, account.id, held, even_last=even_last)

    _change(hearth, email, change, "has the role no longer.")


@people.command()
@click.argument("email")
@click.option("--even-last", is_flag=True, help="Even if nobody is left to administer.")
@command
def disable(hearth: Hearth, email: str, even_last: bool) -> None:
    """Shut a leaver's account.

    Wherever they are signed in, they no longer are.
    """

    def change(connection: Connection, node: Node, who: Principal, account: Account) -> None:
        accounts.disable(connection, node, who, account.id, even_last=even_last)

    _change(hearth, email, change, "is shut out.")


@people.command()
@click.argument("email")
@click.option("--afresh", is_flag=True, help="For a new second factor too; the old one ends now.")
@command
def link(hearth: Hearth, email: str, afresh: bool) -> None:
    """Make a link with which somebody chooses a new password. Opens a disabled account again."""
    with hearth.node() as node, writing(node.node_db) as connection:
        account = accounts.by_email(connection, hearth.who, email)
        if account.disabled_at:
            token = accounts.enable(connection, node, hearth.who, account.id)
        else:
            token = accounts.new_link(connection, node, hearth.who, account.id, afresh=afresh)
    _answer_link(hearth, node, account, token)


def _change(
    hearth: Hearth,
    email: str,
    change: Callable[[Connection, Node, Principal, Account], None],
    done: str,
) -> None:
    with hearth.node() as node, writing(node.node_db) as connection:
        account = accounts.by_email(connection, hearth.who, email)
        change(connection, node, hearth.who, account)
        account = accounts.by_email(connection, hearth.who, email)
    hearth.answer(_told(account), f"{account.name} {done}")


def _held(node: Node, role: str, authority: Authority | None, provider: str | None) -> Held:
    wanted = Role(role)
    if (authority is None) is not (wanted is Role.NODE_ADMINISTRATOR):
        raise click.UsageError(
            "A node administrator is one for no authority, and every other role is for one: give "
            "--authority, or leave it out."
        )
    if authority and authority.gss not in node.member.area:
        raise click.UsageError(f"This node does not serve {authority.name}.")
    if (wanted is Role.PROVIDER) is not bool(provider):
        raise click.UsageError("For the role of a provider, and for no other, give --provider.")
    return Held(wanted, authority.gss if authority else None, provider)


def _answer_link(hearth: Hearth, node: Node, account: Account, token: str) -> None:
    settings = read_settings()
    base = settings.public_url or f"http://127.0.0.1:{settings.port}"
    address = f"{base}/links/{token}"
    hearth.answer({**_told(account), "link": address}, f"{address}\n{_NEXT}")


def _told(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "roles": [
            {"role": one.role, "authority": one.authority, "provider": one.provider}
            for one in account.held
        ],
        "set_up": account.is_set_up,
        "disabled_at": account.disabled_at,
    }


def _line(account: Account) -> str:
    roles = ", ".join(
        f"{one.role} ({authority_name(one.authority) if one.authority else 'node'})"
        for one in account.held
    )
    state = "DISABLED" if account.disabled_at else "" if account.is_set_up else "invited"
    return f"{account.email}  {account.name}  {roles or 'no role'}  {state}".rstrip()
