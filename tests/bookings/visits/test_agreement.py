"""P2: the confirmation carries what Consumer Contracts Regulations 2013, Schedule 2, asks of a medium one can keep."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outbox

from bookings.messages.channels.email import render
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message, MessageRule
from bookings.messages.planning import rule_advice
from bookings.messages.planning.visit_messages import plan_booked
from bookings.messages.sender import Sender
from bookings.messages.wording.owner_words import Wordings
from bookings.visits.models import Appointment, BookingSettings
from clinic.core import advice
from clinic.core.models import ClinicSettings
from tests.factories.bookings import AppointmentFactory, WordingFactory
from tests.factories.clinic import StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
PREVIEW = 160  # characters that a mail program shows beside the subject, at the most


@pytest.fixture(autouse=True)
def clinic(time_machine):
    time_machine.move_to(NOW, tick=False)
    clinic = ClinicSettings.load()
    clinic.phone, clinic.email, clinic.address = "+441632960123", "hello@example.com", "1 Example Street\nMaidstone"
    clinic.legal_details = "Owned by Example Clinics Ltd, registered in England, number 00000000."
    clinic.booking_terms = "If you are 15 minutes late we may have to find another time."
    clinic.before_visit = "Please come without make-up."
    clinic.save()
    return clinic


def booked(**values):
    known = {
        "starts_at": VISIT,
        "treatment__name": "Lip filler",
        "treatment__price": 180,
        "treatment__is_price_from": True,
        "treatment__asks_date_of_birth_first": True,
        "location__directions": "The door is beside the pharmacy.",
        "practitioner__name": "Demo Nurse Aisha",
    }
    return AppointmentFactory(**known | values)


def letter_of(visit, kind="confirmation", now=NOW):
    message = Message(
        kind=kind, channel="email", appointment=visit, patient=visit.patient, due_at=now, expires_at=visit.starts_at
    )
    return render(message, ClinicSettings.load(), now, Wordings().of(message, ClinicSettings.load(), now))


def both(letter):
    """The two parts as their readers see them."""
    body = re.sub(r"(?s)<head>.*?</head>", "", letter.html)
    return [" ".join(part.split()) for part in (letter.text, html.unescape(re.sub(r"<[^>]+>", " ", body)))]


ITEMS = {
    "what was booked (a)": "Lip filler, 30 minutes, with Demo Nurse Aisha.",
    "who the trader is (b)": "Who we are Juvenology Clinic 1 Example Street Maidstone 01632 960123 hello@example.com",
    "who stands behind it (b, Companies Act 2006 s. 1202)": "Owned by Example Clinics Ltd, registered in England",
    "the price, and how it comes about (f)": "Price: from £180. We agree the exact price with you before anything starts.",
    "how it is paid (i)": "There is nothing to pay now.",
    "when and where (i)": "Tuesday 24 November 2026, 10:15am (UK time)",
    "complaints (k)": "How we deal with complaints",
    "the right to cancel, its time and how (l)": "until the end of Tuesday 1 December 2026 you can cancel without giving a",
    "what ends it (n, o)": "by asking for that day you asked us to go ahead. Once it has taken place in full, this right",
    "the form to cancel (Schedule 3 B)": "I give notice that I cancel my contract for the supply of the following service",
    "the terms": "If you are 15 minutes late we may have to find another time.",
    "how to change it, and until when": "You can move or cancel your visit online until Monday 23 November, 10:15am.",
    "late": "After that you can still tell us there that you can’t come, until it begins.",
    "directions": "The door is beside the pharmacy.",
    "what to bring": "Please bring photo ID that shows your date of birth",
    "how to prepare": "Please come without make-up.",
}


@pytest.mark.parametrize("item", ITEMS)
def test_it_says(item):
    """P2"""
    for part in both(letter_of(booked())):
        assert ITEMS[item] in part


@pytest.mark.parametrize("item", ITEMS)
def test_it_says_so_in_the_owners_own_words_too(item):
    """P2: what the owner writes takes the place of the greeting, not of what was agreed."""
    WordingFactory(kind="confirmation", subject="See you soon", body="Dear {{first_name}}, see you {{when}}. {{link}}")
    letter = letter_of(booked())

    assert "see you Tuesday 24 November" in letter.text
    for part in both(letter):
        assert ITEMS[item] in part


def test_what_a_mail_program_shows_beside_the_subject_names_no_treatment():
    """MSG-03: the subject and the first lines are seen by whoever looks at the screen."""
    letter = letter_of(booked())

    assert letter.subject == "Your visit on Tuesday 24 November, 10:15am"
    for part in both(letter):
        assert not re.search("filler|£", part[:PREVIEW])


@pytest.mark.parametrize("kind", ["moved", "cancelled", "reminder"])
def test_every_other_message_stays_neutral(kind):
    """MSG-03"""
    for part in both(letter_of(booked(), kind)):
        assert not re.search("filler|£180", part)


def test_a_prescription_only_medicine_is_not_named():
    """POM-04, CC-01: nor is a right said of it that the regulations leave out."""
    visit = booked(
        treatment__name="Botulinum toxin",
        treatment__is_prescription_only=True,
        treatment__price=None,
        treatment__is_price_from=False,
    )
    for part in both(letter_of(visit)):
        assert "otulinum" not in part
        assert "Your visit, 30 minutes, with Demo Nurse Aisha." in part
        assert "We agree any price with you before anything starts." in part
        assert "14 days" not in part


@pytest.mark.parametrize(
    ("price", "is_from", "words"),
    [
        (80, False, "Price: £80. That is the whole price. There is nothing to pay now."),
        (0, False, "Price: Free."),
        (None, False, "There is nothing to pay now. We agree any price with you before anything starts."),
    ],
)
def test_the_price_is_the_agreed_one(price, is_from, words):
    """F9: not what the catalogue says since."""
    for part in both(letter_of(booked(price=price, price_is_from=is_from))):
        assert words in part
        assert "£180" not in part


def test_what_the_owner_has_not_written_is_left_out(clinic):
    """P2"""
    ClinicSettings.objects.update(legal_details="", booking_terms="", before_visit="")
    visit = booked(location__directions="", treatment__asks_date_of_birth_first=False)
    text = letter_of(visit).text

    assert "Before you come" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("field", ["booking_terms", "before_visit", "legal_details"])
def test_what_may_not_be_advertised_is_left_out_and_the_owner_told(clinic, field):
    """P2, POM-03: an automated e-mail names no prescription-only medicine, whoever wrote it."""
    ClinicSettings.objects.update(**{field: "Botox patients: please come early."})
    letter = letter_of(booked())

    assert "otox" not in letter.text + letter.html
    assert any("left out of confirmations" in said for said in advice.advice(ClinicSettings.load()))


def test_after_the_fourteen_days_they_are_not_mentioned():
    """P4: as when a cancelled visit is put back weeks after it was booked."""
    visit = booked(starts_at=VISIT + timedelta(days=60))

    assert "14 days" not in letter_of(visit, now=NOW + timedelta(days=15)).text
    assert "by asking for that day" not in letter_of(visit).text  # the visit is after them


def test_the_loop_sends_it_as_it_was_planned(django_assert_max_num_queries):
    """P2: the loop reads of a visit only what it needs, and this needs no more statements."""
    visit = booked()
    plan_booked(Appointment.objects.with_details().get(pk=visit.pk), NOW)
    with Sender() as send, django_assert_max_num_queries(12):
        run_once(now=NOW, send=send)

    assert ITEMS["the terms"] in outbox.outbox[0].body


class TestAdvice:
    @pytest.mark.parametrize("field", ["address", "phone", "email", "legal_details"])
    def test_the_owner_is_told_what_the_law_asks_and_is_missing(self, clinic, field):
        """P2"""
        assert not any("law asks" in said for said in advice.advice(clinic))
        setattr(clinic, field, "")

        assert any("law asks" in said for said in advice.advice(clinic))

    @pytest.mark.parametrize(
        ("hours", "is_in_use", "kind", "is_late"),
        [
            (24, True, "reminder", True),
            (25, True, "reminder", False),
            (24, False, "reminder", False),
            (3, True, "review", False),
        ],
    )
    def test_the_owner_is_told_that_a_reminder_comes_too_late_to_move(self, hours, is_in_use, kind, is_late):
        """P1"""
        rule = MessageRule(kind=kind, channel="email", hours=hours, is_active=is_in_use)
        MessageRule.objects.all().delete()
        rule.save()
        said = rule_advice.of_rule(rule)

        assert ("can no longer be moved online: that ends 24 hours before" in said) is is_late
        assert any(said in one for one in advice.advice(BookingSettings.load())) or not is_late

    def test_a_treatment_with_a_longer_window_of_its_own_counts(self):
        """P1: also where the rule is for that treatment alone."""
        treatment = TreatmentFactory(change_window_hours=72)
        other = TreatmentFactory(change_window_hours=2)
        rule = MessageRule.objects.create(kind="reminder", channel="email", hours=30)
        assert "that ends 72 hours before" in rule_advice.of_rule(rule)
        rule.treatments.add(other)
        assert rule_advice.of_rule(rule) == ""
        rule.treatments.add(treatment)
        assert "that ends 72 hours before" in rule_advice.of_rule(rule)

    def test_it_is_said_as_the_rule_is_saved(self, client):
        """P1"""
        client.force_login(StaffFactory(role="owner", is_superuser=True))
        rule = MessageRule.objects.get(channel="sms")
        form = {"kind": "reminder", "channel": "sms", "hours": "12", "is_active": "on"}
        page = client.post(f"/cms/snippets/bookings/messagerule/edit/{rule.pk}/", form, follow=True).content.decode()

        assert "12 hours before, text message” comes when a visit can no longer be moved online" in page

    def test_it_stands_in_the_settings(self, client, clinic):
        """P1, P2: the seeded text message comes a day before, when the window to move ends."""
        ClinicSettings.objects.update(legal_details="")
        client.force_login(StaffFactory(role="owner", is_superuser=True))
        page = client.get("/cms/settings/core/clinicsettings/", follow=True).content.decode()

        rules = client.get("/cms/settings/bookings/bookingsettings/", follow=True).content.decode()

        assert "Still missing: who stands behind the clinic." in page
        assert "24 hours before, text message” comes when a visit can no longer be moved online" in rules


@pytest.mark.parametrize(
    "item", [name for name in ITEMS if name not in {"when and where (i)", "how to change it, and until when", "late"}]
)
def test_the_page_of_the_visit_says_it_too(client, item):
    """P2, F15: who has no e-mail address is sent the link to it by text. When, where and until when: in its own words."""
    visit = booked()
    page = client.get(f"/visit/{visit.link_token}/", follow=True)

    assert ITEMS[item] in " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def test_the_page_of_the_visit_keeps_a_medicine_unnamed(client):
    medicine = {"is_prescription_only": True, "name": "Botulinum toxin", "price": None, "is_price_from": False}
    visit = booked(**{f"treatment__{name}": value for name, value in medicine.items()})
    page = client.get(f"/visit/{visit.link_token}/", follow=True).content.decode()

    assert "Your visit, 30 minutes, with" in page.partition("<details")[2]
    assert "Botulinum" not in page.partition("<details")[2]
