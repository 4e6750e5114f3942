"""The frame of every page: sidebar, top bar, palette, keys, toasts; bottom tabs on a phone.

The root element carries ``data-ready="1"`` once the server has answered: tests wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx
from reflex.style import color_mode, set_color_mode

from leadflow.search.rules import places
from leadflow.search.types import Place
from leadflow.ui import client, lists
from leadflow.ui.action import Bus, Desk, action, loads
from leadflow.ui.feedback import banner, icon
from leadflow.ui.menu import KEYS, KEYS_OF, MENU, Item
from models.vocabulary import Permission, SearchKind

LOOK_EVERY = 20_000
"""Milliseconds between two looks for what waits."""


class Shell(rx.State):
    """What the frame shows: for the eye only, no decision is taken from it."""

    organization: str = ""
    user: str = ""
    email: str = ""
    role: str = ""
    can: list[str] = []
    sending: bool = True
    sending_reason: str = ""
    waiting: int = 0
    """Conversations that wait for an answer."""
    silent_since: str = ""
    """Since when no text goes out because the carrier is left alone; empty while it answers."""
    next_try: str = ""
    """When it is tried again."""
    houses: list[dict[str, str]] = []
    """Other organisations of the user: id, name and role."""
    restored: str = ""
    """As of when the records are, where they are a restored backup on which nothing is sent yet."""
    must_set_up: bool = False
    """The organisation asks for a second factor and the user has none yet."""

    @loads(Permission.SESSION_USE)
    async def load(self, desk: Desk) -> None:
        """Read who is here and whether sending is on."""
        from leadflow.ui.frame import around, frame, outage  # noqa: PLC0415

        facts = await desk.do(lambda uow: frame(uow, desk.actor))
        self.organization, self.user, self.email = facts.organization, facts.user, facts.email
        self.role, self.can = facts.role, facts.can
        self.sending, self.sending_reason = facts.sending, facts.sending_reason
        self.waiting, self.restored = facts.waiting, facts.restored
        self.silent_since, self.next_try = await asyncio.to_thread(outage, desk.database.clock.now())
        self.houses, self.must_set_up = await asyncio.to_thread(around, desk.database, desk.actor)

    @action(Permission.SESSION_USE)
    async def look(self, desk: Desk) -> None:
        """Count anew what waits in the inbox, and see whether sending is on."""
        from leadflow.ui.frame import frame, outage  # noqa: PLC0415

        facts = await desk.do(lambda uow: frame(uow, desk.actor))
        if (facts.waiting, facts.sending, facts.restored) != (self.waiting, self.sending, self.restored):
            self.waiting, self.sending, self.sending_reason = facts.waiting, facts.sending, facts.sending_reason
            self.restored = facts.restored
        since, following = await asyncio.to_thread(outage, desk.database.clock.now())
        if bool(since) != bool(self.silent_since) or following > self.next_try:
            self.silent_since, self.next_try = since, following

    @rx.var
    def initials(self) -> str:
        """The user's initials for the round sign."""
        return "".join(part[0] for part in self.user.split()[:2]).upper()


def may(permission: Permission) -> rx.Var[bool]:
    """Say in the page whether to offer something. The service decides; this only spares the user a refusal."""
    return Shell.can.contains(str(permission))


def offered(place: Place, draw: Callable[[dict[str, Any]], rx.Component]) -> rx.Component:
    """Show a way to a place to whom it opens.

    Until it is known who is here, what opens to everybody is there at once, and what does not keeps its place unseen:
    the page neither flickers nor moves for those who may.

    Args:
        place: where it leads.
        draw: draws the way, with the attributes that it is given.
    """
    unknown = Shell.can.length() == 0
    wait: dict[str, Any] = {} if places.everybodys(place) else {"data-wait": rx.cond(unknown, "1", "0")}
    return rx.cond(unknown | may(place.permission), draw(wait))


def tab_row(ways: Sequence[Place], path: str, label: str) -> rx.Component:
    """Show pages that belong together as tabs, those that open to the caller; ``path`` is the one that is open."""

    def tab(place: Place) -> rx.Component:
        def draw(wait: dict[str, Any]) -> rx.Component:
            mark = {"aria-current": "page"} if place.path == path else {}
            return rx.link(place.title, href=place.path, class_name="tab", underline="none", custom_attrs=mark | wait)

        return offered(place, draw)

    return rx.el.nav(*[tab(place) for place in ways], class_name="tabs", aria_label=label)


def shell(path: str, page: rx.Component) -> rx.Component:
    """Frame ``page``, marked in the menu as ``path``."""
    return rx.el.div(
        _sidebar(path),
        rx.el.div(
            _topbar(),
            _restored(path),
            _silent(),
            rx.el.main(_must_set_up(), page, class_name="body", id="main"),
            class_name="main",
        ),
        _tabs(path),
        client.Palette.create(
            places=_places(),
            can=Shell.can,
            who=Shell.organization + " " + Shell.email,
            on_light=set_color_mode("light"),
            on_dark=set_color_mode("dark"),
            on_system=set_color_mode("system"),
        ),
        client.Keys.create(map=_keys(path), asks=_asks(), can=Shell.can),
        client.Help.create(groups=list(KEYS), can=Shell.can),
        client.Press.create(name="close", target=".drawer .close"),
        client.Bus.create(msg=Bus.msg),
        client.Ticker.create(every=LOOK_EVERY, on=rx.State.is_hydrated, on_tick=Shell.look),
        client.PasswordDialog.create(),
        class_name="lf",
        custom_attrs={"data-ready": rx.cond(rx.State.is_hydrated, "1", "0")},
    )


def _places() -> list[dict[str, str]]:
    keys = {item.path: f"g {item.key}" for item in MENU}
    return [
        {
            "kind": kind.value,
            "href": place.path,
            "title": place.title,
            "words": place.words,
            "permission": place.permission.value,
            "keys": keys.get(place.path, "") if kind is SearchKind.PAGE else "",
        }
        for kind, known in ((SearchKind.COMMAND, places.COMMANDS), (SearchKind.PAGE, places.PAGES))
        for place in known
    ]


def _asks() -> dict[str, str]:
    return {item.path: item.place.permission.value for item in MENU}


def _must_set_up() -> rx.Component:
    return rx.cond(
        Shell.must_set_up,
        banner(
            "warn",
            rx.el.span("Your organisation asks for a second factor. Until you have one, nothing else opens."),
            rx.link("Set it up", href="/settings?part=account", class_name="btn sm", underline="none"),
            id="must-set-up",
        ),
    )


def _restored(path: str) -> rx.Component:
    if path == "/settings":
        # It tells the same, and more.
        return rx.fragment()
    return rx.cond(
        Shell.restored != "",
        banner(
            "bad",
            rx.el.span(
                "These records are a restored backup, as of ",
                client.When.create(at=Shell.restored, kind="when"),
                ". Nothing is sent until an owner resumes.",
                class_name="grow",
            ),
            rx.link("See what they lack", href="/settings", class_name="btn sm", underline="none"),
            sign="database-backup",
            id="restored-banner",
        ),
    )


def _silent() -> rx.Component:
    return rx.cond(
        Shell.silent_since != "",
        banner(
            "warn",
            rx.el.div(
                rx.el.span("The carrier does not answer. ", class_name="w"),
                "No text goes out since ",
                client.When.create(at=Shell.silent_since, kind="when"),
                "; what is queued waits, and goes by itself once it answers. Next try: ",
                client.When.create(at=Shell.next_try, kind="when"),
                ".",
                class_name="grow",
            ),
            rx.cond(
                may(Permission.SETTINGS_READ),
                rx.link("Look", href="/settings?part=providers", class_name="btn sm", underline="none"),
            ),
            sign="unplug",
            id="carrier-silent",
        ),
    )


def _keys(path: str) -> dict[str, str]:
    return {f"g {item.key}": item.path for item in MENU} | {
        "?": "help",
        "/": "palette",
        "Escape": "close",
        "j": "down",
        "k": "up",
        "r": "reply",
        "v": "verified",
        "q": "qualified",
        "p": "priority",
        "w": "wrong",
        "d": "dnc",
        "a": "agree",
        "h": "snooze",
        "u": "undo",
        ".": "actions",
        **{str(digit): "canned" for digit in range(1, 10)},
        **KEYS_OF.get(path, {}),
    }


def _current(item: Item, path: str) -> dict[str, str]:
    return {"aria-current": "page"} if item.path == path else {}


def _badge(item: Item) -> list[rx.Component]:
    if item.path != "/inbox":
        return []
    label = Shell.waiting.to(str) + " waiting"
    return [rx.cond(Shell.waiting > 0, rx.el.span(Shell.waiting, class_name="n", title=label))]


def _nav(item: Item, path: str) -> rx.Component:
    def draw(wait: dict[str, Any]) -> rx.Component:
        return rx.link(
            icon(item.icon, 16),
            rx.el.span(item.title),
            *_badge(item),
            href=item.path,
            class_name="nav",
            underline="none",
            title=item.title,
            custom_attrs=_current(item, path) | wait,
        )

    return offered(item.place, draw)


def _below(item: Item) -> list[rx.Component]:
    return (
        [rx.cond(may(Permission.LEAD_READ), lists.PinnedViews.create(path=item.path))] if item.path == "/leads" else []
    )


def _sidebar(path: str) -> rx.Component:
    main = [part for item in MENU if not item.group for part in (_nav(item, path), *_below(item))]
    control = [_nav(item, path) for item in MENU if item.group]
    return rx.el.nav(
        rx.link(
            rx.el.span(icon("waypoints", 14), class_name="logo"),
            rx.el.span("LeadFlow"),
            href="/",
            class_name="brand",
            underline="none",
        ),
        *main,
        rx.el.div("Control", class_name="sec"),
        *control,
        rx.el.div(class_name="grow"),
        client.SideToggle.create(),
        class_name="side",
        aria_label="Main",
    )


def _topbar() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.span(Shell.organization[0:1].upper(), class_name="sq", custom_attrs={"aria-hidden": "true"}),
            rx.el.span(Shell.organization),
            class_name="org",
            id="organization",
        ),
        client.PaletteButton.create(),
        client.JobsRing.create(),
        _sending(),
        _me(),
        class_name="top",
    )


def _sending() -> rx.Component:
    return rx.link(
        rx.el.i(),
        rx.el.span("Sending: ", class_name="hide-s"),
        rx.cond(Shell.sending & (Shell.restored == ""), "ON", "PAUSED"),
        href="/settings",
        id="sending-state",
        class_name="sending",
        underline="none",
        title=rx.cond(
            Shell.restored != "",
            "No text goes out: these records are a restored backup.",
            rx.cond(Shell.sending, "Texts may go out", "No text goes out. " + Shell.sending_reason),
        ),
        custom_attrs={"data-on": rx.cond(Shell.sending & (Shell.restored == ""), "1", "0")},
    )


def _me() -> rx.Component:
    def mode(name: str, label: str, sign: str) -> rx.Component:
        return rx.menu.item(icon(sign, 14), label, on_select=set_color_mode(name), id=f"mode-{name}")

    return rx.menu.root(
        rx.menu.trigger(
            rx.el.button(
                rx.el.span(Shell.initials, class_name="av"),
                icon("chevron-down", 13),
                type="button",
                class_name="me",
                id="user-menu",
                aria_label="Your account",
            )
        ),
        rx.menu.content(
            rx.el.div(rx.el.b(Shell.user), rx.el.span(Shell.email, " · ", Shell.role), class_name="menu-who"),
            rx.menu.separator(),
            mode("light", "Light", "sun"),
            mode("dark", "Dark", "moon"),
            mode("system", "As the system", "monitor"),
            rx.menu.separator(),
            rx.menu.item(
                rx.link(
                    icon("user-round", 14),
                    "My account",
                    href="/settings?part=account",
                    underline="none",
                    class_name="menu-btn",
                    id="my-account",
                ),
                class_name="menu-out",
            ),
            rx.foreach(Shell.houses, _house),
            rx.menu.separator(),
            rx.menu.item(
                client.ApiButton.create(
                    icon("log-out", 14),
                    "Sign out",
                    url="/api/v1/auth/logout",
                    next="/login",
                    id="sign-out",
                    class_name="menu-btn",
                ),
                class_name="menu-out",
            ),
            size="1",
            align="end",
            class_name="lf-menu",
        ),
    )


def _house(one: rx.vars.ObjectVar[dict[str, str]]) -> rx.Component:
    return rx.menu.item(
        client.ApiButton.create(
            icon("arrow-left-right", 14),
            rx.el.span("Go to ", one["name"]),
            url="/api/v1/auth/switch",
            body={"organization_id": one["id"]},
            next="/",
            class_name="menu-btn",
        ),
        class_name="menu-out",
    )


def _tabs(path: str) -> rx.Component:
    def tab(item: Item) -> rx.Component:
        def draw(wait: dict[str, Any]) -> rx.Component:
            return rx.link(
                icon(item.icon, 19),
                item.title,
                *_badge(item),
                href=item.path,
                class_name="tabm",
                underline="none",
                custom_attrs=_current(item, path) | wait,
            )

        return offered(item.place, draw)

    def further(item: Item) -> rx.Component:
        way = rx.link(icon(item.icon, 14), item.title, href=item.path, underline="none", class_name="menu-btn")
        return rx.cond(may(item.place.permission), rx.menu.item(way))

    rest = [item for item in MENU if not item.tab]
    more = rx.menu.root(
        rx.menu.trigger(rx.el.button(icon("menu", 19), "More", type="button", class_name="tabm")),
        rx.menu.content(
            *[further(item) for item in rest],
            side="top",
            size="2",
        ),
    )
    return rx.el.nav(*[tab(item) for item in MENU if item.tab], more, class_name="tabs-m", aria_label="Tabs")


def header(
    title: str | rx.Var[str],
    *beside: rx.Component | rx.Var[str],
    back: tuple[str, str] | None = None,
    actions: tuple[rx.Component, ...] = (),
) -> rx.Component:
    """Head a page: an optional way back, its name, what belongs beside it, and its actions at the right."""
    return rx.el.div(
        *([_crumb(*back)] if back else []),
        rx.el.h1(title),
        *beside,
        rx.el.div(*actions, class_name="actions") if actions else None,
        class_name="ph",
    )


def _crumb(path: str, title: str) -> rx.Component:
    def draw(wait: dict[str, Any]) -> rx.Component:
        sign = icon("chevron-left", 14)
        return rx.link(sign, title, href=path, class_name="crumb row", underline="none", custom_attrs=wait)

    return offered(places.page(path), draw)


def page(*parts: Any, soft: bool = False, scroll: bool = True) -> rx.Component:  # noqa: ANN401 looks, not behaviour
    """Hold a page's parts below the top bar; ``soft`` for pages of cards, without ``scroll`` for pages of one grid."""
    return rx.el.div(*parts, class_name="page" + (" soft" if soft else "") + (" scroll" if scroll else ""))


MODE = color_mode
