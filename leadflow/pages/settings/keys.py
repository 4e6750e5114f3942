"""/settings: keys of programs, accounts at providers, the local outbox, the policy of signing in, the audit log."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.settings.access import Access, Account, Key, Letter
from leadflow.pages.settings.state import Settings
from leadflow.ui import client
from leadflow.ui.feedback import empty, pill
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import column, table
from models.vocabulary import Permission

NOT_YOURS = "Only an owner sees this."


def policy() -> rx.Component:
    """Set how the team signs in."""
    return rx.cond(
        may(Permission.SETTINGS_WRITE),
        client.ApiForm.create(
            rx.el.h2("Signing in"),
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    name="second_factor_required",
                    id="second_factor_required",
                    default_checked=Settings.second_factor_required,
                    custom_attrs={"data-flag": "1"},
                ),
                rx.el.span("Everybody needs a second factor"),
                class_name="check",
            ),
            rx.el.p(
                "Members without one are led to set it up; nothing else opens for them until then.", class_name="hint"
            ),
            field(
                "Stay signed in on a device",
                choose(
                    "remember_days",
                    [("0", "Never: an hour unused, a day at most"), ("7", "Up to 7 days"), ("14", "Up to 14 days")],
                    default_value=Settings.remember_days.to(str),
                ),
                name="remember_days",
            ),
            rx.el.div(button("Keep", kind="primary", type="submit", id="save-policy")),
            url="/api/v1/organization",
            method="PATCH",
            numbers=["remember_days"],
            done="Kept",
            label="Signing in",
            on_done=Settings.load,
            class_name="card stack narrow",
            key=Settings.second_factor_required.to(str) + Settings.remember_days.to(str),
            id="policy",
        ),
    )


def programs() -> rx.Component:
    """Show the keys by which programs act."""
    return rx.cond(
        may(Permission.API_KEY_WRITE),
        rx.fragment(
            rx.cond(
                Access.keys.length() > 0,
                rx.el.div(
                    table(["Key", "May", "Used", ""], rx.foreach(Access.keys, _key), "Keys of programs"),
                    class_name="card flush",
                ),
                empty(
                    "key-round",
                    "No key yet",
                    "A program with a key acts as you, within what you allow it, until it ends.",
                ),
            ),
            client.ApiForm.create(
                rx.el.h2("Make a key"),
                field(
                    "What for", text_in("key-name", form_name="name", required=True, max_length=120), name="key-name"
                ),
                field(
                    "Ends after",
                    choose(
                        "key-days",
                        [("30", "30 days"), ("90", "90 days"), ("365", "a year")],
                        form_name="days",
                        default_value="90",
                    ),
                    name="key-days",
                ),
                rx.el.fieldset(
                    rx.el.legend("It may"),
                    rx.el.div(rx.foreach(Access.scopes, _scope), class_name="boxes"),
                    class_name="bare",
                ),
                rx.el.div(button("Make key", kind="primary", type="submit", id="make-key")),
                url="/api/v1/api-keys",
                lists=["scopes"],
                numbers=["days"],
                reveal="key",
                label="Make a key",
                on_done=Access.load,
                class_name="card stack",
                id="new-key",
            ),
        ),
        rx.el.p(NOT_YOURS, class_name="dim"),
    )


def _scope(one: rx.Var[str]) -> rx.Component:
    return rx.el.label(rx.el.input(type="checkbox", name="scopes", value=one), rx.el.span(one), class_name="check")


def _key(one: rx.Var[Key]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.b(one.name),
            rx.el.div(rx.el.span(one.start, "…", class_name="mono"), " · ", one.member, class_name="dim"),
        ),
        rx.el.td(rx.el.span(one.scopes, class_name="dim wrap")),
        rx.el.td(
            rx.cond(
                one.last_used_at != "",
                client.When.create(at=one.last_used_at, kind="when"),
                rx.el.span("never", class_name="dim"),
            ),
            rx.el.div(
                rx.cond(
                    one.expired,
                    pill("mute", "Ended"),
                    rx.fragment("ends ", client.When.create(at=one.expires_at, kind="day")),
                ),
                class_name="dim note",
            ),
        ),
        rx.el.td(
            client.Act.create(
                "End",
                url="/api/v1/api-keys/" + one.id,
                method="DELETE",
                done="Key ended",
                sure="End this key? Whatever uses it stops at once.",
                on_done=Access.load,
                class_name="btn sm ghost",
            ),
            class_name="acts",
        ),
    )


def providers() -> rx.Component:
    """Show the organisation's own accounts at providers."""
    return rx.cond(
        may(Permission.CREDENTIAL_WRITE),
        rx.fragment(
            rx.cond(
                Access.accounts.length() > 0,
                rx.el.div(
                    table(["Provider", "Account", "Set", ""], rx.foreach(Access.accounts, _account), "Accounts"),
                    class_name="card flush",
                ),
            ),
            client.ApiForm.create(
                rx.el.h2("Your Twilio account"),
                rx.el.p(
                    "Your numbers send through it, and its webhooks are believed. Without one, the account of "
                    "the installation is used. The token is sealed and never shown again.",
                    class_name="dim",
                ),
                field(
                    "Account SID",
                    text_in(
                        "twilio-account", form_name="account", required=True, placeholder="AC…", auto_complete="off"
                    ),
                    name="twilio-account",
                ),
                field(
                    "Auth token",
                    text_in("twilio-secret", form_name="secret", type="password", required=True, auto_complete="off"),
                    name="twilio-secret",
                ),
                rx.el.div(button("Set", kind="primary", type="submit", id="set-twilio")),
                url="/api/v1/credentials/twilio",
                method="PUT",
                done="Account set",
                label="Your Twilio account",
                on_done=Access.load,
                class_name="card stack narrow",
                id="twilio",
            ),
            client.ApiForm.create(
                rx.el.h2("Your DNCScrub account"),
                rx.el.p(
                    "Look-ups of numbers are bought through it. Without one, the login of the installation is used. "
                    "The login is sealed and never shown again.",
                    class_name="dim",
                ),
                field(
                    "Account",
                    text_in("dncscrub-account", form_name="account", required=True, auto_complete="off"),
                    name="dncscrub-account",
                ),
                field(
                    "Login id",
                    text_in("dncscrub-secret", form_name="secret", type="password", required=True, auto_complete="off"),
                    name="dncscrub-secret",
                ),
                rx.el.div(button("Set", kind="primary", type="submit", id="set-dncscrub")),
                url="/api/v1/credentials/dncscrub",
                method="PUT",
                done="Account set",
                label="Your DNCScrub account",
                on_done=Access.load,
                class_name="card stack narrow",
                id="dncscrub",
            ),
        ),
        rx.el.p(NOT_YOURS, class_name="dim"),
    )


def _account(one: rx.Var[Account]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.provider, class_name="cap")),
        rx.el.td(rx.el.span(one.account, class_name="mono wrap"), rx.el.div("token …", one.hint, class_name="dim")),
        rx.el.td(client.When.create(at=one.set_at, kind="day")),
        rx.el.td(
            client.Act.create(
                "Remove",
                url="/api/v1/credentials/" + one.provider,
                method="DELETE",
                done="Removed; the installation's account is used",
                sure="Remove this account? What is queued leaves through the installation's account.",
                on_done=Access.load,
                class_name="btn sm ghost",
            ),
            class_name="acts",
        ),
    )


def outbox() -> rx.Component:
    """Show mail that no server takes."""
    return rx.cond(
        may(Permission.MAIL_READ),
        rx.cond(
            Access.outbox != "",
            rx.el.p(Access.outbox, class_name="dim"),
            rx.cond(
                Access.letters.length() > 0,
                rx.el.div(
                    rx.el.p("No mail server is set (LF_SMTP_URL), so mail stays here.", class_name="dim pad-s"),
                    rx.el.ul(rx.foreach(Access.letters, _letter), class_name="plain lines"),
                    class_name="card",
                    id="outbox",
                ),
                empty("mail", "No mail", "Invitations, links for new passwords and notices of security appear here."),
            ),
        ),
        rx.el.p(NOT_YOURS, class_name="dim"),
    )


def _letter(one: rx.Var[Letter]) -> rx.Component:
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                rx.el.b(one.subject),
                rx.el.span(" to ", one.recipient, " · ", client.When.create(at=one.at, kind="when"), class_name="dim"),
            ),
            rx.el.pre(one.body, class_name="letter"),
        )
    )


def audit() -> rx.Component:
    """Show who did what, when."""
    columns = [
        column("at", "When", 150, "when", small=True, small_width=132),
        column("actor", "Who", 160, small=True, small_width=104),
        column("action", "What", 220, "mono", small=True, small_width=124),
        column("subject", "Of", 150),
        column("detail", "Details", 300, flex=1),
    ]
    return rx.cond(
        may(Permission.AUDIT_READ),
        rx.el.div(
            rx.el.div(
                client.SearchBox.create(param="action", placeholder="Begins with, as member."),
                client.Download.create("As JSON", href="/api/v1/audit/events?limit=200", class_name="btn sm"),
                class_name="bar",
            ),
            client.Grid.create(
                name="audit",
                api="/api/v1/audit/events",
                columns=columns,
                params=["action"],
                row_key="id",
                label="Audit log",
                cursor=True,
                empty_title="Nothing recorded",
                empty_text="Every change of members, keys, settings and campaigns is recorded here.",
            ),
            class_name="card flush tall",
            id="audit",
        ),
        rx.el.p("Your role does not see the audit log.", class_name="dim"),
    )
