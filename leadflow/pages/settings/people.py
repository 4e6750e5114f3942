"""/settings, members: who belongs to the team, what each may not do, and who was asked to join."""

from __future__ import annotations

import reflex as rx

from leadflow.identity.rules import PEOPLE
from leadflow.pages.settings.access import Access, Invited, Person
from leadflow.ui import client
from leadflow.ui.feedback import pill, term
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import table
from leadflow.ui.tokens import INVITATION
from models.vocabulary import Permission

WRITE = Permission.MEMBER_WRITE
ROLES = (
    ("owner", "Everything, members and keys included."),
    ("manager", "Runs campaigns, approves, assigns, pauses sending."),
    ("agent", "Works the leads and conversations assigned to them."),
    ("auditor", "Reads decisions and proofs; numbers are masked."),
)
ROLE_OPTIONS = [[str(role), str(role).capitalize()] for role in PEOPLE]


def view() -> rx.Component:
    """Show the members and the invitations."""
    return rx.cond(
        Access.people.length() > 0,
        rx.fragment(
            rx.el.div(
                table(["Name", "Role", "Last seen", ""], rx.foreach(Access.people, _person), "Members"),
                class_name="card flush",
            ),
            rx.cond(may(WRITE), rx.foreach(Access.limited, _limits)),
            rx.cond(
                Access.invited.length() > 0,
                rx.el.div(
                    table(["Invited", "Role", "State", ""], rx.foreach(Access.invited, _invited), "Invitations"),
                    class_name="card flush",
                ),
            ),
            rx.cond(may(WRITE), _invite()),
            rx.el.div(
                rx.el.h2("What a role may do"),
                rx.el.dl(
                    *[rx.el.div(rx.el.dt(name.capitalize()), rx.el.dd(text)) for name, text in ROLES],
                    class_name="pairs left",
                ),
                class_name="card narrow",
            ),
        ),
        rx.el.p("Your role does not see the members.", class_name="dim"),
    )


def _person(one: rx.Var[Person]) -> rx.Component:
    url = "/api/v1/members/" + one.id
    return rx.el.tr(
        rx.el.td(
            rx.el.div(
                rx.el.span(one.initials, class_name="av", custom_attrs={"aria-hidden": "true"}),
                rx.el.div(
                    rx.el.b(one.name),
                    rx.cond(one.me, rx.el.span(" (you)", class_name="dim")),
                    rx.el.div(one.email, class_name="dim wrap"),
                ),
                class_name="row",
            )
        ),
        rx.el.td(
            client.ActSelect.create(
                url=url,
                name="role",
                value=one.role,
                options=ROLE_OPTIONS,
                label="Role of " + one.name,
                done="Role changed",
                disabled=~may(WRITE) | one.me,
                on_done=Access.load,
            ),
            rx.el.div(
                rx.cond(one.active, rx.fragment(), pill("mute", "Shut out")),
                rx.cond(one.second_factor, pill("ok", "Second factor"), rx.fragment()),
                rx.cond(one.denied.length() > 0, pill("warn", "Limited"), rx.fragment()),
                class_name="row",
            ),
        ),
        rx.el.td(
            rx.cond(
                one.last_seen_at != "",
                client.When.create(at=one.last_seen_at, kind="when"),
                rx.el.span("never", class_name="dim"),
            )
        ),
        rx.el.td(rx.cond(may(WRITE) & ~one.me, _acts(one, url)), class_name="acts"),
    )


def _acts(one: rx.Var[Person], url: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        client.WordLink.create("Limits", words={"member": one.id}, class_name="btn sm ghost"),
        client.Act.create(
            "Sign out",
            url=url + "/sessions",
            method="DELETE",
            done="Signed out everywhere",
            label="Sign " + one.name + " out everywhere",
            on_done=Access.load,
            class_name="btn sm ghost",
        ),
        rx.cond(
            one.second_factor,
            client.Act.create(
                "Reset second factor",
                url=url + "/second-factor",
                method="DELETE",
                done="The second factor is gone; it is asked for anew where the organisation requires one",
                sure="Take the second factor away? Only after you are certain who asks for it.",
                on_done=Access.load,
                class_name="btn sm ghost",
            ),
        ),
        rx.cond(
            one.active,
            client.Act.create(
                "Shut out",
                url=url,
                method="PATCH",
                body={"active": False},
                done="Shut out; every session has ended",
                sure="Shut " + one.name + " out? Their sessions and keys end at once. Their leads stay.",
                on_done=Access.load,
                class_name="btn sm ghost",
            ),
            client.Act.create(
                "Let in again",
                url=url,
                method="PATCH",
                body={"active": True},
                done="Let in again",
                on_done=Access.load,
                class_name="btn sm ghost",
            ),
        ),
        class_name="row end",
    )


def _limits(one: rx.Var[Person]) -> rx.Component:
    def box(permission: Permission) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="checkbox",
                name="denied",
                value=str(permission),
                default_checked=one.denied.contains(str(permission)),
            ),
            rx.el.span(str(permission)),
            class_name="check",
        )

    return client.ApiForm.create(
        rx.el.h2("What ", one.name, " may not do"),
        rx.el.p("Taken away whatever the role allows. A change ends their open pages at once.", class_name="dim"),
        rx.el.div(*[box(one_of) for one_of in Permission if one_of is not Permission.SESSION_USE], class_name="boxes"),
        rx.el.div(
            button("Keep", kind="primary", type="submit", id="save-limits"),
            client.WordLink.create("Close", words={"member": ""}, class_name="btn"),
            class_name="row",
        ),
        url="/api/v1/members/" + one.id,
        method="PATCH",
        lists=["denied"],
        done="Limits kept",
        label="Limits",
        on_done=Access.load,
        class_name="card stack",
        key=one.id,
    )


def _invited(one: rx.Var[Invited]) -> rx.Component:
    url = "/api/v1/invitations/" + one.id
    open_ = (one.state == "open") | (one.state == "expired")
    return rx.el.tr(
        rx.el.td(rx.el.b(one.name), rx.el.div(one.email, class_name="dim wrap")),
        rx.el.td(rx.el.span(one.role, class_name="cap")),
        rx.el.td(
            term(one.state, INVITATION),
            rx.el.div("until ", client.When.create(at=one.expires_at, kind="day"), class_name="dim note"),
        ),
        rx.el.td(
            rx.cond(
                may(WRITE) & open_,
                rx.el.div(
                    client.Act.create(
                        "Send again",
                        url=url + "/resend",
                        done="Sent again; the earlier link has ended",
                        on_done=Access.load,
                        class_name="btn sm ghost",
                    ),
                    client.Act.create(
                        "Withdraw",
                        url=url,
                        method="DELETE",
                        done="Invitation withdrawn",
                        sure="Withdraw the invitation? Its link ends at once.",
                        on_done=Access.load,
                        class_name="btn sm ghost",
                    ),
                    class_name="row end",
                ),
            ),
            class_name="acts",
        ),
    )


def _invite() -> rx.Component:
    return client.ApiForm.create(
        rx.el.h2("Invite somebody"),
        field("E-mail", text_in("invite-email", form_name="email", type="email", required=True), name="invite-email"),
        field("Name", text_in("invite-name", form_name="name", required=True, max_length=120), name="invite-name"),
        field(
            "Role",
            choose(
                "invite-role",
                [(value, label) for value, label in ROLE_OPTIONS],
                form_name="role",
                default_value="agent",
            ),
            name="invite-role",
            hint="You can give no more than you may do yourself.",
        ),
        rx.el.div(button("Send invitation", kind="primary", type="submit", id="send-invitation")),
        url="/api/v1/invitations",
        done="Invitation sent. Its link works for seven days.",
        label="Invite somebody",
        on_done=Access.load,
        class_name="card stack narrow",
        id="invite",
    )
