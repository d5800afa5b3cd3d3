"""`hearth systems`: registered with a secret shown once, listed without it, revoked."""

from pathlib import Path

from tests.directory.command_line import at, hearth, make_consortium, succeed


def test_a_system_is_registered_listed_and_revoked(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    leeds = at(tmp_path, "leeds")
    made = succeed("systems", "register", "Case system", "--scope", "homes:read", leeds)
    assert len(made["secret"]) >= 43
    listed = hearth("systems", "list", leeds)
    assert made["id"] in listed.out
    assert "in use" in listed.out
    assert made["secret"] not in listed.out
    assert succeed("systems", "revoke", made["id"], leeds)["revoked"] == made["id"]
    assert "revoked" in hearth("systems", "list", leeds).out
    again = hearth("systems", "revoke", made["id"], leeds, "--json")
    assert "no system" in again.error
    assert made["secret"].encode() not in (tmp_path / "leeds" / "node.db").read_bytes()


def test_a_system_is_registered_where_its_authority_is_served(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    leeds = at(tmp_path, "leeds")
    ran = hearth("systems", "register", "X", "--scope", "homes:read", "--authority", "Kent", leeds)
    assert ran.status != 0
    assert "does not serve Kent" in ran.err
