"""Whatever people write is text: every page of a house whose every word is a script, in a real browser (S14)."""

from __future__ import annotations

import os
from collections.abc import Generator
from uuid import UUID

import pytest
from playwright.sync_api import Browser
from psycopg import DatabaseError, sql
from sqlalchemy import Text

from leadflow.pages.routes import ROUTES
from models.registry import metadata
from models.vocabulary import Role
from tests.attack.planting import plant
from tests.attack.serving import Served, running_web
from tests.conftest import RuntimeOf, drop_database, make_database
from tests.identity.people import PASSWORD, Team, make_team
from tests.owning import as_owner
from tests.ui.looking import READY, Watch, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EVIL = "\"'></script><img src=x onerror='window.pwned=1'><script>window.pwned=1</script><svg onload='window.pwned=1'>"


@pytest.fixture(scope="module")
def served(
    server_url: str, template: str, redis_url: str, runtime_of: RuntimeOf, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Served]:
    """Run the web process once."""
    name = f"injection_{os.getpid()}"
    database_url = runtime_of(make_database(server_url, name, template))
    with running_web(database_url, redis_url, tmp_path_factory.mktemp("web")) as running:
        yield running
    drop_database(server_url, name)


def poison(served: Served, team: Team) -> int:
    """Write a script into every text that the database lets be one; answer how many columns took it."""
    taken = 0
    with as_owner(served.db.url) as connection:
        for table in metadata.sorted_tables:
            of_org = "org_id" in table.columns and table.name != "session"
            if not of_org and table.name not in {"organization", "user"}:
                continue
            for column in table.columns:
                if type(column.type) is not Text or column.name in {"email", "timezone", "password_hash"}:
                    continue
                where = "org_id = %s" if of_org else ("id = %s" if table.name == "organization" else "%s is not null")
                statement = sql.SQL("update {} set {} = %s where ").format(
                    sql.Identifier(table.name), sql.Identifier(column.name)
                ) + sql.SQL(where)  # pyright: ignore[reportArgumentType] one of three words of ours
                try:
                    taken += connection.execute(statement, [EVIL, team.org_id]).rowcount > 0
                except DatabaseError:
                    continue  # a check, a trigger or a key forbids it
    return taken


def test_no_page_runs_what_people_wrote(browser: Browser, served: Served) -> None:
    team = make_team(served.db)
    rows: dict[str, UUID] = plant(served.db, team.org_id, team.ids[Role.OWNER])
    assert poison(served, team) > 40
    watch = Watch(served.address)
    login = {"email": team.emails[Role.OWNER], "password": PASSWORD}
    context = signed_in(browser, served.address, login)
    context.add_init_script("addEventListener('securitypolicyviolation', e => (window.violated = e.violatedDirective))")
    page = watch.over(context.new_page())
    shown = 0
    for route in ROUTES:
        name = route.path.partition("[")[2].partition("]")[0]
        stem = name.removesuffix("_id")
        row = rows.get({"import": "import_batch", "batch_id": "import_batch"}.get(stem, stem))
        if name and row is None:
            continue
        page.goto(served.address + route.path.replace(f"[{name}]", str(row)))
        page.locator(READY).wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.pwned") is None, route.path
        assert page.evaluate("window.violated") is None, route.path
        assert page.locator("img[src=x]").count() == 0, route.path
        shown += EVIL[:20] in page.locator("body").inner_text()
    assert shown > 0, "the words are to be seen, as text"
    assert [line for line in watch.complaints if "Content Security Policy" in line] == []
    assert watch.outside == []
    # The policy itself: what a hole in a page would try is stopped by the browser.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<img src=x onerror='window.pwned=1'>`)")
    page.wait_for_function("window.violated !== undefined")
    assert page.evaluate("window.pwned") is None
    context.close()
