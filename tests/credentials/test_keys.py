"""Keys of the vault: which still seal something, everything sealed anew, and no key lost by mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.errors import RaiseException

from leadflow.cli import keys as cli
from leadflow.credentials import queries
from leadflow.credentials import service as credentials
from leadflow.kernel import vault
from leadflow.kernel.db import Database
from leadflow.kernel.vault import Place, Vault
from leadflow.local import examine
from leadflow.settings import Settings
from models.base import new_id
from models.vocabulary import Role
from tests.identity.people import Team, make_team
from tests.owning import as_owner

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32}
SECRET = b"nobody shall read this"


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation."""
    return make_team(db)


@pytest.fixture(autouse=True)
def ring(db: Database) -> Iterator[None]:
    """Seal with the old key at first."""
    del db
    vault.configure(Vault(OLD))
    yield
    vault.configure(Vault(OLD))


def plant(db: Database, team: Team, mails: int = 3) -> dict[UUID, Place]:
    """Seal a credential, some mails (one of no organisation) and a second factor."""
    places: dict[UUID, Place] = {}
    with as_owner(db.url) as connection:
        for number in range(mails):
            org_id = team.org_id if number else None
            place = Place("mail", "body", new_id(), org_id)
            connection.execute(
                "insert into mail (id, org_id, kind, recipient, subject, body, state, attempts, fault)"
                " values (%s, %s, 'invitation', 'a@b.test', 's', %s, 'waiting', 0, '')",
                [place.id, org_id, vault.vault().seal(place, SECRET)],
            )
            places[place.id] = place
        place = Place("provider_credential", "secret", new_id(), team.org_id)
        connection.execute(
            "insert into provider_credential (id, org_id, provider, account, secret, hint)"
            " values (%s, %s, 'twilio', 'AC', %s, '')",
            [place.id, team.org_id, vault.vault().seal(place, SECRET)],
        )
        places[place.id] = place
        place = Place("user", "totp_secret", team.ids[Role.OWNER])
        connection.execute(
            'update "user" set totp_secret = %s where id = %s', [vault.vault().seal(place, SECRET), place.id]
        )
        places[place.id] = place
    return places


def opened(db: Database, places: dict[UUID, Place]) -> list[bytes]:
    """Open everything again with the present ring."""
    found: list[bytes] = []
    with as_owner(db.url) as connection:
        for place in places.values():
            row = connection.execute(
                f'select {place.column} from "{place.table}" where id = %s'.encode(),  # noqa: S608 names of ours
                [place.id],
            ).fetchone()
            assert row is not None
            found.append(vault.vault().open(place, bytes(row[0])))
    return found


def test_every_value_is_sealed_anew_under_the_first_key_and_still_opens(db: Database, team: Team) -> None:
    places = plant(db, team)
    vault.configure(Vault(NEW | OLD))
    assert {use.name: use.total for use in credentials.keys(db)} == {"new": 0, "old": 5}
    assert credentials.reseal(db) == (5, 0)
    assert {use.name: use.total for use in credentials.keys(db)} == {"new": 5, "old": 0}
    vault.configure(Vault(NEW))
    assert opened(db, places) == [SECRET] * 5
    assert credentials.reseal(db) == (0, 0)


def test_sealing_anew_goes_on_where_it_was_stopped(db: Database, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    places = plant(db, team, mails=9)
    vault.configure(Vault(NEW | OLD))
    monkeypatch.setattr(credentials, "AT_ONCE", 2)
    put, calls = queries.put, iter(range(100))

    def breaks(*given: object) -> None:
        put(*given)  # pyright: ignore[reportArgumentType] passed on
        if next(calls) == 3:
            raise RaiseException("the machine was switched off")

    monkeypatch.setattr(queries, "put", breaks)
    with pytest.raises(RaiseException):
        credentials.reseal(db)
    halfway = {use.name: use.total for use in credentials.keys(db)}
    assert halfway["new"] > 0
    assert halfway["old"] > 0
    monkeypatch.setattr(queries, "put", put)
    done, left = credentials.reseal(db)
    assert (done, left) == (halfway["old"], 0)
    vault.configure(Vault(NEW))
    assert set(opened(db, places)) == {SECRET}


def test_what_cannot_be_opened_is_left_and_told(db: Database, team: Team) -> None:
    plant(db, team)
    vault.configure(Vault(NEW))
    assert credentials.reseal(db) == (0, 5)
    (missing,) = [use for use in credentials.keys(db) if not use.known]
    assert (missing.name, missing.total, missing.current) == ("old", 5, False)


def test_each_organisation_reads_of_it_in_its_record(db: Database, team: Team) -> None:
    plant(db, team)
    vault.configure(Vault(NEW | OLD))
    credentials.reseal(db)
    with as_owner(db.url) as connection:
        rows = connection.execute(
            "select org_id, detail ->> 'column', (detail ->> 'rows')::int from audit_event"
            " where action = 'vault.rewrapped' order by 2"
        ).fetchall()
    org = team.org_id
    assert rows == [(org, "mail.body", 2), (org, "provider_credential.secret", 1), (org, "user.totp_secret", 1)]


def test_every_sealed_column_of_the_sources_is_known() -> None:
    """A column that somebody seals and nobody reseals would be lost with its key."""
    called = re.compile(r'\bPlace\(\s*"(\w+)",\s*"(\w+)"')
    sources = [path.read_text() for path in (ROOT / "leadflow").rglob("*.py") if "_web" not in path.parts]
    # Other rooms have places of their own.
    found = {pair for text in sources if "vault" in text for pair in called.findall(text)}
    assert found == {(column.table, column.column) for column in queries.SEALED}


# The command


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, settings: Settings, *words: str) -> str:
    """Run ``leadflow keys`` on the test's database and answer what it printed."""
    from contextlib import contextmanager  # noqa: PLC0415 of this stand-in only

    import typer  # noqa: PLC0415 same

    @contextmanager
    def here() -> Iterator[Settings]:
        yield settings

    @contextmanager
    def database() -> Iterator[Database]:
        open_db = Database(settings.database_url.get_secret_value())
        yield open_db
        open_db.dispose()

    monkeypatch.setattr(cli, "connected", here)
    monkeypatch.setattr(cli, "opened", database)
    code = typer.main.get_command(cli.app).main(list(words), standalone_mode=False)
    printed = capsys.readouterr().out
    return f"{code or 0} {printed}"


def test_the_command_lists_names_and_never_a_key(
    db: Database,
    team: Team,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(db, team)
    for words in (("list",), ("list", "--json"), ("check",), ("check", "--json")):
        printed = run(capsys, monkeypatch, settings, *words)
        assert "old" in printed
        for ring in (settings.session_keys, settings.vault_keys, settings.audit_seal_keys):
            assert not [key for key in ring.values() if key.get_secret_value() in printed]


def test_check_fails_while_a_missing_key_seals_something(
    db: Database,
    team: Team,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(db, team)
    vault.configure(Vault(NEW))
    printed = run(capsys, monkeypatch, settings, "check", "--json")
    assert printed.startswith("1 ")
    assert json.loads(printed[2:])["missing"] == ["old"]
    vault.configure(Vault(NEW | OLD))
    told = json.loads(run(capsys, monkeypatch, settings, "rewrap", "--json")[2:])
    assert told == {"resealed": 5, "unopened": 0}
    assert json.loads(run(capsys, monkeypatch, settings, "check", "--json")[2:])["removable"] == ["old"]


def test_doctor_names_a_missing_key_that_still_seals_something(db: Database, team: Team, settings: Settings) -> None:
    plant(db, team)
    url = settings.database_url.get_secret_value()
    (lost,) = examine._vault(url, settings)  # pyright: ignore[reportPrivateUsage] one part of many
    assert (lost.subject, lost.verdict) == ("LF_VAULT_KEYS", "wrong")
    assert "old" in lost.message
    vault.configure(Vault({"test": settings.vault_keys["test"].get_secret_value().encode()} | OLD))
    credentials.reseal(db)
    assert list(examine._vault(url, settings)) == []  # pyright: ignore[reportPrivateUsage] same


@pytest.mark.parametrize("name", ["session", "vault", "audit-seal"])
def test_a_new_ring_begins_with_a_fresh_strong_key_and_keeps_the_old(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    told = json.loads(run(capsys, monkeypatch, settings, "new", name, "2027-01", "--json")[2:])
    assert list(told["ring"]) == ["2027-01", "test"]
    assert len(told["ring"]["2027-01"]) >= 43
    again = json.loads(run(capsys, monkeypatch, settings, "new", name, "2027-01", "--json")[2:])
    assert again["ring"]["2027-01"] != told["ring"]["2027-01"]
