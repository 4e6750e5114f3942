"""Every page: path, view, title, permission of its loader, place in the menu. Site map, menu and guard in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import reflex as rx

from leadflow.pages import calls, focus, login, missing, today
from leadflow.pages.bulk import index as bulk
from leadflow.pages.campaigns import campaign, new, snippets
from leadflow.pages.campaigns import index as campaigns
from leadflow.pages.campaigns.state import Builder
from leadflow.pages.compliance import (
    consents,
    decisions,
    drill,
    evidence,
    explain,
    lookups,
    overview,
    packs,
    registries,
    retention,
    reviews,
    rules,
    simulator,
    suppressions,
)
from leadflow.pages.duplicates import index as duplicates
from leadflow.pages.duplicates.state import Duplicates
from leadflow.pages.imports import detail as one_import
from leadflow.pages.imports import index as imports
from leadflow.pages.inbox import index as inbox
from leadflow.pages.inbox import replies
from leadflow.pages.inbox.state import Inbox
from leadflow.pages.leads import board, erasing, mentions, removed
from leadflow.pages.leads import index as leads
from leadflow.pages.leads import lead as one_lead
from leadflow.pages.leads.state import Leads
from leadflow.pages.letters import index as letters
from leadflow.pages.maps import index as maps
from leadflow.pages.search import index as search
from leadflow.pages.settings import assignment
from leadflow.pages.settings import index as settings
from leadflow.pages.settings.access import Access
from leadflow.pages.settings.carriage import Carriage
from leadflow.pages.settings.restores import Restores
from leadflow.pages.settings.score import Scoring
from leadflow.pages.settings.state import Settings
from leadflow.pages.tasks import index as tasks
from leadflow.ui.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class Route:
    """One page.

    Attributes:
        path: as in the address; ``[name]`` is a part that varies.
        view: builds what stands below the top bar.
        title: of the browser's tab.
        menu: path of the menu item that is marked.
        loaders: handlers that read what the page shows; each carries its own permission.
    """

    path: str
    view: Callable[[], rx.Component]
    title: str
    menu: str
    loaders: tuple[Any, ...] = ()


ROUTES: tuple[Route, ...] = (
    Route("/", today.view, "Today", "/", (today.Today.load, mentions.Mentions.load)),
    Route("/today/focus", focus.view, "Focus", "/"),
    Route("/inbox", inbox.view, "Inbox", "/inbox", (Inbox.load,)),
    Route("/inbox/replies", replies.view, "Ready answers", "/inbox", (replies.Replies.load,)),
    Route("/calls", calls.view, "Calls", "/inbox"),
    Route("/leads", leads.view, "Leads", "/leads", (Leads.open, Leads.load)),
    Route("/leads/removed", removed.view, "Removed leads", "/leads", (erasing.Erasing.load, removed.Removed.load)),
    Route("/leads/[lead_id]", one_lead.view, "Lead", "/leads", (Leads.open,)),
    Route("/map", maps.view, "Map", "/map", (Leads.load, maps.Map.load)),
    Route("/duplicates", duplicates.view, "Duplicates", "/duplicates", (Duplicates.load,)),
    Route("/board", board.view, "Pipeline", "/board", (Leads.load,)),
    Route("/bulk", bulk.view, "Bulk edits", "/leads", (bulk.Bulk.load,)),
    Route("/search", search.view, "Search", ""),
    Route("/tasks", tasks.view, "Tasks", "/tasks", (tasks.Tasks.load,)),
    Route("/letters", letters.view, "Mailing lists", "/leads", (letters.Letters.load,)),
    Route("/imports", imports.view, "Imports", "/imports"),
    Route("/imports/[import_id]", one_import.view, "Import", "/imports", (one_import.Import.load,)),
    Route("/campaigns", campaigns.view, "Campaigns", "/campaigns", (campaigns.Campaigns.load,)),
    Route("/campaigns/new", new.view, "New campaign", "/campaigns", (new.NewCampaign.load,)),
    Route("/campaigns/snippets", snippets.view, "Snippets", "/campaigns", (snippets.Snippets.load,)),
    Route("/campaigns/[campaign_id]", campaign.view, "Campaign", "/campaigns", (Builder.load,)),
    Route("/compliance", overview.view, "Compliance", "/compliance", (overview.Overview.load,)),
    Route("/compliance/decisions", decisions.view, "Decisions", "/compliance", (decisions.Decisions.load,)),
    Route("/compliance/explain", explain.view, "Explain", "/compliance", (explain.Explain.load,)),
    Route(
        "/compliance/suppressions", suppressions.view, "Suppressions", "/compliance", (suppressions.Suppressions.load,)
    ),
    Route("/compliance/consents", consents.view, "Consents", "/compliance", (consents.Consents.load,)),
    Route("/compliance/lookups", lookups.view, "Look-ups", "/compliance", (lookups.Lookups.load,)),
    Route("/compliance/registries", registries.view, "Registry files", "/compliance", (registries.Registries.load,)),
    Route("/compliance/rules", rules.view, "Rules", "/compliance", (rules.Rules.load,)),
    Route("/compliance/packs", packs.view, "Rule pack", "/compliance", (packs.Packs.load,)),
    Route("/compliance/simulator", simulator.view, "Simulator", "/compliance", (simulator.Simulator.load,)),
    Route("/compliance/drill", drill.view, "Drill", "/compliance", (drill.Drill.load,)),
    Route("/compliance/evidence", evidence.view, "Evidence", "/compliance", (evidence.Evidence.load,)),
    Route("/compliance/reviews", reviews.view, "Reviews", "/compliance", (reviews.Reviews.load,)),
    Route("/compliance/retention", retention.view, "Retention", "/compliance", (retention.Retention.load,)),
    Route("/settings/assignment", assignment.view, "Assignment", "/settings", (assignment.Assignment.load,)),
    Route(
        "/settings",
        settings.view,
        "Settings",
        "/settings",
        (Settings.load, Access.load, Carriage.load, Restores.load, Scoring.load),
    ),
)


def register(app: rx.App) -> None:
    """Add every page to the application; the doors stand outside the frame and are the only public ones."""
    for route in ROUTES:
        app.add_page(
            _framed(route), route=route.path, title=f"{route.title} · LeadFlow", on_load=[Shell.load, *route.loaders]
        )
    app.add_page(login.view, route="/login", title="Sign in · LeadFlow")
    app.add_page(login.forgot, route="/forgot", title="Forgotten password · LeadFlow")
    app.add_page(login.reset, route="/reset", title="New password · LeadFlow")
    app.add_page(login.join, route="/join", title="Join · LeadFlow")
    app.add_page(missing.view, route="/404", title="Not found · LeadFlow")


def _framed(route: Route) -> Callable[[], rx.Component]:
    # The page's own module stays its module: Reflex bundles the script by it.
    @wraps(route.view)
    def framed() -> rx.Component:
        return shell(route.menu, route.view())

    return framed
