"""People and phones of a lead: who stands how to the property, what each number is, and what may be done with it."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.leads.parts import LEAD_WRITE, section
from leadflow.pages.leads.rows import PersonView, PhoneView
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists
from leadflow.ui.feedback import icon, pill
from leadflow.ui.form import button, field, text_in
from leadflow.ui.shell import may
from models.vocabulary import Permission, PhoneStatus


def people() -> rx.Component:
    """Show everybody who stands to the property, with roles and numbers."""
    return section(
        "People and phones",
        rx.cond(
            Leads.lead.people.length() > 0,
            lists.PhoneKeys.create(rx.foreach(Leads.lead.people, _person), id="people"),
            rx.el.p("The file named no owner.", class_name="dim"),
        ),
        rx.cond(may(LEAD_WRITE) & (Leads.lead.people.length() > 0), _circumstances()),
    )


def _person(person: rx.Var[PersonView]) -> rx.Component:
    return rx.el.div(
        rx.el.header(
            icon("user-round", 14),
            rx.el.b(person.name, rx.cond(person.deceased, " †", "")),
            rx.foreach(person.roles, lambda role: rx.el.span(role, class_name="tag")),
            rx.cond(person.note != "", rx.el.span(person.note, class_name="dim")),
        ),
        rx.cond(person.reach != "", rx.el.div(person.reach, class_name="ph-row dim wrap")),
        rx.cond(
            person.phones.length() > 0,
            rx.foreach(person.phones, lambda phone: _phone(phone, person.contact)),
            rx.el.div(rx.el.span("No phone on record", class_name="dim"), class_name="ph-row"),
        ),
        class_name="person",
        custom_attrs={"data-contact": rx.cond(person.contact, "1", "0")},
    )


def _phone(phone: rx.Var[PhoneView], contact: rx.Var[bool]) -> rx.Component:
    """Draw a number; it can be reached by its digit, and marked, where somebody may be contacted by it."""
    keyed = (phone.place != "") & may(LEAD_WRITE)
    return rx.el.div(
        rx.cond(keyed, rx.el.kbd(phone.place, class_name="hide-s")),
        rx.el.span(phone.number, class_name="mono"),
        rx.el.span(phone.line, rx.cond(phone.score != "", rx.fragment(" · ", phone.score)), class_name="dim"),
        rx.cond(phone.status != "", pill(phone.status_tone, phone.status)),
        _acts(phone, contact),
        rx.cond(
            phone.reasons.length() > 0,
            rx.el.ul(rx.foreach(phone.reasons, rx.el.li), class_name="ph-why"),
        ),
        rx.cond(
            phone.suppressions.length() > 0,
            rx.el.div(
                rx.foreach(phone.suppressions, lambda s: rx.el.span(icon("ban", 11), s, class_name="tag bad")),
                class_name="tags ph-tags",
            ),
        ),
        rx.el.div(
            rx.cond(contact & may(LEAD_WRITE), _marks(phone)),
            rx.el.span(
                pill(phone.consent_tone, phone.consent),
                rx.cond(
                    phone.scrubbed_at != "",
                    rx.el.span("look-up: ", client.When.create(at=phone.scrubbed_at, kind="ago")),
                    rx.el.span("never looked up"),
                ),
                rx.cond(
                    phone.origin != "",
                    rx.cond(
                        phone.origin_href != "",
                        rx.link("from ", phone.origin, href=phone.origin_href, class_name="wrap"),
                        rx.el.span("from ", phone.origin, class_name="wrap"),
                    ),
                ),
                class_name="dim ph-known",
            ),
            class_name="ph-under",
        ),
        class_name="ph-row",
        role="group",
        aria_label=phone.number,
        tab_index=rx.cond(keyed, 0, -1),
        custom_attrs={"data-phone": rx.cond(keyed, phone.place, "")},
    )


def _acts(phone: rx.Var[PhoneView], contact: rx.Var[bool]) -> rx.Component:
    """Draw what the gate says and what may be done now; they stay together where the row is too narrow for all."""
    return rx.el.span(
        rx.el.span(
            pill(phone.tone, rx.fragment(phone.verdict, rx.cond(phone.detail != "", rx.el.small(" ", phone.detail)))),
            custom_attrs={"data-verdict": phone.verdict_word},
        ),
        rx.cond(
            may(Permission.CALL_PLACE) & contact,
            lists.CallButton.create(number=phone.e164, lead=Leads.lead.id, on_done=Leads.look_again),
        ),
        rx.cond(
            may(Permission.INBOX_REPLY) & contact,
            lists.TextButton.create(number=phone.e164, lead=Leads.lead.id),
        ),
        rx.cond(
            phone.explain != "",
            rx.link(
                icon("circle-help", 14),
                rx.el.span("Explain this number", class_name="sr"),
                href=phone.explain,
                class_name="btn ghost icon sm",
            ),
        ),
        class_name="ph-acts",
    )


def _marks(phone: rx.Var[PhoneView]) -> rx.Component:
    def mark(status: PhoneStatus, sign: str, label: str, key: str) -> rx.Component:
        is_so = phone.status_word == status.value
        wanted = rx.cond(is_so, PhoneStatus.UNVERIFIED.value, status.value)
        return rx.el.button(
            icon(sign, 13),
            label,
            type="button",
            title=f"{label} ({key})",
            class_name="btn sm",
            aria_pressed=is_so,
            on_click=Leads.mark_phone(Leads.lead.id, phone.e164, wanted),
            custom_attrs={"data-mark": status.value},
        )

    return rx.el.span(
        mark(PhoneStatus.CORRECT, "check", "Correct", "c"),
        mark(PhoneStatus.WRONG, "x", "Wrong", "w"),
        mark(PhoneStatus.DEAD, "skull", "Dead", "x"),
        rx.cond(
            may(Permission.SUPPRESSION_ADD),
            rx.el.button(
                icon("ban", 13),
                "DNC",
                type="button",
                title="Do not contact (d)",
                class_name="btn sm",
                on_click=Leads.ask_never(phone.e164),
                custom_attrs={"data-mark": "dnc"},
            ),
        ),
        class_name="marks",
    )


def never_again() -> rx.Component:
    """Ask why, before every number of a person is closed."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Never contact this person again?", size="4"),
            rx.dialog.description(
                "All their numbers are closed, for texts and calls. Only a release by two people opens them again.",
                size="2",
            ),
            rx.el.form(
                rx.el.input(type="hidden", name="lead_id", value=Leads.lead.id),
                rx.el.input(type="hidden", name="number", value=Leads.asking),
                field(
                    "Why",
                    rx.el.textarea(
                        id="reason", name="reason", rows=2, class_name="in", max_length=500, auto_focus=True
                    ),
                    name="reason",
                    hint="Their words, or what happened. It stays on record.",
                    errors=Leads.errors,
                ),
                rx.el.div(
                    button("Cancel", on_click=Leads.put_away(False)),  # noqa: FBT003 what Radix says of a dialog
                    button("Never again", kind="danger", type="submit", id="confirm-never"),
                    class_name="row end",
                ),
                on_submit=Leads.never_contact,
                class_name="stack",
            ),
            class_name="lf-dialog",
            max_width="460px",
            id="ask-never",
        ),
        open=Leads.asking != "",
        on_open_change=Leads.put_away,
    )


def _circumstances() -> rx.Component:
    """Ask what the gate cannot know by itself."""
    lead = Leads.lead
    nobody = rx.el.option("Nobody known", value="")
    people = rx.foreach(lead.relatives, lambda one: rx.el.option(one[1], value=one[0]))
    hidden = rx.el.input(type="hidden", name="lead_id", value=lead.id)
    return rx.el.details(
        rx.el.summary("A death in the family, or a bill sent elsewhere"),
        rx.el.form(
            hidden,
            rx.el.label(
                rx.el.span("Owner died on"),
                text_in("died-on", form_name="died_on", type="date", size="sm", default_value=lead.died_on),
            ),
            rx.el.label(
                rx.el.span("Probate filed on"),
                text_in("filed-on", form_name="filed_on", type="date", size="sm", default_value=lead.filed_on),
            ),
            rx.el.label(
                rx.el.span("Surviving spouse"),
                rx.el.select(
                    nobody,
                    people,
                    id="spouse",
                    name="surviving_spouse_id",
                    class_name="in sm",
                    default_value=lead.spouse_id,
                ),
            ),
            button("Note the loss", kind="sm", type="submit", id="note-loss"),
            on_submit=Leads.note_loss,
            key="loss" + lead.id + lead.died_on + lead.filed_on + lead.spouse_id,
            class_name="facts-form",
        ),
        rx.el.form(
            hidden,
            rx.el.label(
                rx.el.span("Who is billed"),
                rx.el.select(people, id="billed-person", name="person_id", class_name="in sm"),
            ),
            rx.el.label(
                rx.el.span("In the state"),
                text_in(
                    "billing-state",
                    form_name="billing_state",
                    size="sm",
                    max_length=2,
                    placeholder="as NY; empty takes it away",
                ),
            ),
            button("Note the place", kind="sm", type="submit", id="note-billing"),
            on_submit=Leads.note_billing,
            reset_on_submit=True,
            class_name="facts-form",
        ),
        rx.el.p("Days can be corrected, not removed. A place only ever adds quiet hours.", class_name="dim note"),
        class_name="circumstances",
    )
