"""The owner's own words: what they may say, how they are filled, and that broken ones stop nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from bookings.messages.delivery.loop import run_once
from bookings.messages.delivery.outcomes import Outcome
from bookings.messages.models import Message, Wording
from bookings.messages.sender import Sender
from bookings.messages.wording.owner_words import built_in, longest_text
from bookings.messages.wording.placeholders import (
    PLACEHOLDERS,
    BrokenWording,
    fill,
    names_in,
    names_of_treatments,
    problems,
    variant_of,
)
from clinic.core.models import ClinicSettings
from clinic.sending import sms_length
from tests.factories.bookings import AppointmentFactory, WordingFactory
from tests.factories.clinic import CategoryFactory, TreatmentFactory

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
VALUES = {name: name.upper() for name in PLACEHOLDERS}


def wording(body="Hello", *, kind="reminder", channel="email", subject=None, **fields):
    subject = ("Your visit" if channel == "email" else "") if subject is None else subject
    return Wording(kind=kind, channel=channel, subject=subject, body=body, name="Ours", **fields)


class TestFilling:
    def test_every_placeholder_has_its_value(self):
        text = " ".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS)

        assert fill(text, VALUES) == " ".join(name.upper() for name in PLACEHOLDERS)

    def test_a_name_that_is_not_known_takes_its_space_along(self):
        assert fill("Hello {{first_name}}, hello", {"first_name": ""}) == "Hello, hello"

    def test_a_value_is_never_read_as_a_placeholder(self):
        assert fill("{{first_name}}", VALUES | {"first_name": "{{link}}"}) == "{{link}}"

    @pytest.mark.parametrize(
        "text", ["{{nobody}}", "{{when", "when}}", "{% now %}", "{{ }}", "{{when.year}}", "{{{when}}}", "{{\n\nwhen}}"]
    )
    def test_what_is_no_placeholder_is_refused(self, text):
        with pytest.raises(BrokenWording):
            fill(text, VALUES)

    @given(st.lists(st.sampled_from([*"{} %whenlik_", "{{", "}}", "{{when}}", "{{ link }}"])).map("".join))
    def test_any_text_is_refused_or_has_no_braces_left(self, text):
        try:
            filled = fill(text, VALUES)
        except BrokenWording:
            return
        assert "{{" not in filled
        assert "}}" not in filled
        assert len(names_in(text)) == filled.count("WHEN") + filled.count("LINK")


class TestWhatMayBeSaid:
    def test_about_when_a_late_visit_starts_is_said_there_and_nowhere_else(self):
        assert problems(wording("We run late.", kind="late", channel="sms"), []) == {
            "body": ["Say about when the visit will start, with {{late_time}}."]
        }
        assert problems(wording("About {{late_time}}, {{minutes}} minutes late.", kind="late", channel="sms"), []) == {}
        assert "There is no placeholder {{late_time}}" in str(problems(wording("At {{late_time}}."), []))

    @pytest.mark.django_db
    @pytest.mark.parametrize("of", built_in(), ids=lambda of: ":".join(map(str, of)))
    def test_the_built_in_words_may(self, of):
        subject, body = built_in()[of]
        own = wording(body, kind=of[0], channel=of[1], asks_to_confirm=of[2], subject=subject)

        assert problems(own, ["Lip filler"]) == {}
        if own.channel == "sms":
            assert sms_length.segments(longest_text(own, NOW)) <= 2

    @pytest.mark.parametrize(
        "words",
        [
            "A missed visit costs us £45, which we would rather spend on care.",
            "Feel free to call us.",
            "We keep this time free for you. If you do not come, £45 are lost.",
            "Your visit is at {{time}}. {{phone}}",
            "If you cannot come, someone else can have the time.",
            "Each visit that is missed costs us £45.50 and an hour.",
            "Feel free to move it. Someone may be glad of the time, so please do free up a time you cannot use.",
            "If you miss your visit, a nurse waits for you.",
        ],
    )
    def test_may_be_said(self, words):
        assert problems(wording(words), ["Lip filler", "Botox"]) == {}

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            ("Your lip filler is tomorrow.", "is a treatment"),
            ("Your BOTOX visit", "names or advertises a treatment"),
            ("It costs £45.", "names an amount"),
            ("Bring 45 pounds.", "names an amount"),
            ("20% more glow", "reads like a promotion"),
            ("See our special offers", "reads like a promotion"),
            ("We have an offer for you", "reads like a promotion"),
            ("Free consultation for your sister", "reads like a promotion"),
            ("Two per cent off", "reads like a promotion"),
            ("A cream for £45, not to be missed", "hurries"),
            ("Don’t miss it", "hurries"),
            ("It is twenty pounds.", "names an amount"),
            ("A few lip-fillers", "is a treatment"),
            ("LIP  FILLER?", "is a treatment"),
            ("After your skin booster.", "is a treatment"),
            (" \n ", "Write the words"),
            ("Book again today", "reads like a promotion"),
            ("There is a free cream for you", "reads like a promotion"),
            ("Hurry, come soon", "hurries"),
            ("This is your last chance to move it", "hurries"),
            ("See https://example.com/x", "Web addresses"),
            ("See juvenology.co.uk", "Web addresses"),
            ("Hello {{first_nam}}", "Did you mean {{first_name}}?"),
            ("Hello {{xyz}}", "There are: first_name"),
            ("Hello {{when", "do not match"),
            ("Hello {{confirm_link}}", "There is no placeholder {{confirm_link}}"),
            ("Hello \x07", "cannot be shown"),
        ],
    )
    def test_may_not_be_said(self, words, reason):
        assert any(reason in found for found in problems(wording(words), ["Lip filler", "Skin booster (1 ml)"])["body"])

    @pytest.mark.django_db
    def test_a_name_that_does_not_say_what_for_may_be_said(self):
        category = CategoryFactory(name="Lips")
        for name in ("Review", "First visit", "Review after 2 weeks", "Lip review", "Consultation (telephone)"):
            TreatmentFactory(name=name, category=category)

        assert names_of_treatments() == ["Lip review", "Lips"]

    def test_an_amount_is_for_reminders_only(self):
        words = "A missed visit costs us £45."

        assert problems(wording(words, kind="follow_up"), [])["body"]

    @pytest.mark.parametrize(
        ("own", "field", "reason"),
        [
            (wording("See {{link}}", channel="sms"), "body", "Say when"),
            (wording("On {{when}}", channel="sms"), "body", "{{link}}"),
            (wording("On {{day}} {{link}}", channel="sms"), "body", "Say when"),
            (wording("On {{when}}", channel="sms", asks_to_confirm=True), "body", "{{confirm_link}}"),
            (wording("Hi", subject=""), "subject", "Write a subject"),
            (wording("Hi", subject="Your {{link}}"), "subject", "cannot stand in the subject"),
            (wording("On {{when}} {{link}}", channel="sms", subject="Hi"), "subject", "has no subject"),
            (wording("Hi", subject="Only today"), "subject", "hurries"),
        ],
    )
    def test_what_is_missing_or_misplaced(self, own, field, reason):
        assert any(reason in found for found in problems(own, [])[field])


def reminder(visit, channel="email", *, asks=False):
    return Message.objects.create(
        key=f"{visit.pk}:{channel}:{Message.objects.count()}", kind="reminder", channel=channel, appointment=visit,
        patient=visit.patient, recipient=visit.patient.email, due_at=NOW, expires_at=visit.starts_at,
        asks_to_confirm=asks,
    )  # fmt: skip


def run():
    with Sender() as send:
        return run_once(now=NOW, send=send)


@pytest.mark.django_db
class TestSending:
    def test_own_words_go_out_and_are_kept_on_the_message(self):
        own = WordingFactory(
            subject="See you on {{day}}", body="Hello {{first_name}},\n\nyou <are> expected at {{time}}.\n\n{{link}}"
        )
        visit = AppointmentFactory(starts_at=VISIT, patient__full_name="Sam O'Neill")
        message = reminder(visit)

        assert run() == {Outcome.SENT: 1}

        message.refresh_from_db()
        (letter,) = mail.outbox
        assert letter.subject == message.subject == "See you on Tuesday 24 November"
        assert "Hello Sam,\n\nyou <are> expected at 10:15am." in letter.body
        assert visit.reference in letter.body
        page = letter.alternatives[0][0]
        assert "you &lt;are&gt; expected" in page
        assert f'<a class="button" href="http://testserver/visit/{visit.link_token}/"' in page
        assert letter.body.count(visit.link_token) == 1
        assert message.wording == own
        assert visit.link_token not in message.body

    def test_a_link_among_words_is_a_link_and_no_button(self):
        WordingFactory(body="To change it: {{link}}")
        visit = AppointmentFactory(starts_at=VISIT)
        reminder(visit)

        run()

        page = mail.outbox[0].alternatives[0][0]
        assert f'To change it: <a href="http://testserver/visit/{visit.link_token}/"' in page
        assert 'class="button"' not in page

    def test_the_way_to_change_is_there_though_the_words_leave_it_out(self):
        WordingFactory(body="Until then.")
        visit = AppointmentFactory(starts_at=VISIT)
        reminder(visit)

        run()

        assert visit.link_token in mail.outbox[0].body
        assert visit.link_token in mail.outbox[0].alternatives[0][0]

    def test_a_reminder_that_asks_has_words_of_its_own(self):
        WordingFactory(body="Just so you know.")
        WordingFactory(body="Will you come?", asks_to_confirm=True)
        visit = AppointmentFactory(starts_at=VISIT)
        reminder(visit, asks=True)

        run()

        assert "Will you come?" in mail.outbox[0].body
        assert f"/visit/{visit.link_token}/coming/" in mail.outbox[0].body

    def test_a_text_message(self, settings, tmp_path):
        settings.SMS_URL = f"file:{tmp_path}"
        own = WordingFactory(channel="sms", body="{{clinic}}: {{day}} at {{time}} with {{practitioner}}. {{link}}")
        visit = AppointmentFactory(starts_at=VISIT)
        message = reminder(visit, "sms")

        run()

        message.refresh_from_db()
        assert message.body.startswith("Juvenology Clinic: Tuesday 24 November at 10:15am with ")
        assert message.wording == own

    @pytest.mark.parametrize(
        "broken",
        [
            {"body": "Hello {{nobody}}"},
            {"body": "Your lip filler"},
            {"subject": "Last chance"},
            {"subject": "{{when}} " * 13},
            {"subject": "{{first_name}}"},
            {"body": " "},
            {"body": "{{\n\nwhen}}"},
            {"body": "{{first_name}}"},
            {"body": "Call {{phone}}"},
            {"is_active": False},
        ],
    )
    def test_broken_words_stop_nothing_the_built_in_ones_are_sent(self, broken):
        TreatmentFactory(name="Lip filler")
        own = WordingFactory()
        Wording.objects.filter(pk=own.pk).update(**broken)
        ClinicSettings.objects.update(phone="")
        message = reminder(AppointmentFactory(starts_at=VISIT, patient__full_name="www.example.com"))

        assert run() == {Outcome.SENT: 1}

        message.refresh_from_db()
        assert "This is a reminder of your visit." in message.body
        assert message.wording is None

    def test_words_deleted_while_they_go_out_lose_no_message(self):
        own = WordingFactory()
        message = reminder(AppointmentFactory(starts_at=VISIT))

        with Sender() as send:

            def delete_after(message, now):
                sent = send(message, now)
                Wording.objects.filter(pk=own.pk).delete()
                return sent

            assert run_once(now=NOW, send=delete_after) == {Outcome.SENT: 1}

        message.refresh_from_db()
        assert (message.state, message.wording) == ("sent", None)

    def test_of_two_a_visit_has_one_by_chance_and_keeps_it(self):
        WordingFactory(body="As ever.")
        WordingFactory(body="A missed visit costs us £45.", variant="B")
        visits = [AppointmentFactory(starts_at=VISIT + timedelta(hours=index)) for index in range(12)]
        for visit in visits:
            reminder(visit)
            reminder(visit, "email")

        run()

        kept = Message.objects.values_list("appointment_id", "wording__variant")
        assert {variant for _visit, variant in kept} == {"A", "B"}
        assert set(kept) == {(visit.pk, drawn(visit.pk)) for visit in visits}

    def test_one_alone_is_for_everyone(self):
        WordingFactory(body="Only B.", variant="B")
        for index in range(6):
            reminder(AppointmentFactory(starts_at=VISIT + timedelta(hours=index)))

        run()

        assert all("Only B." in letter.body for letter in mail.outbox)

    def test_a_batch_reads_them_once(self, django_assert_max_num_queries):
        WordingFactory()
        for index in range(8):
            reminder(AppointmentFactory(starts_at=VISIT + timedelta(hours=index)))

        with django_assert_max_num_queries(20 + 8) as seen:
            run()

        assert sum("bookings_wording" in query["sql"] and "SELECT" in query["sql"][:7] for query in seen) == 1

    def test_large_print_and_words_only_hold_for_own_words_too(self):
        WordingFactory(body="Until then.")
        for index, wanted in enumerate(("large_print", "text_only")):
            reminder(AppointmentFactory(starts_at=VISIT + timedelta(hours=index), patient__letter_format=wanted))

        run()

        assert "24px !important" in mail.outbox[0].alternatives[0][0]
        assert mail.outbox[1].alternatives == []


@pytest.mark.django_db
class TestTextSince:
    def test_other_words_begin_anew_and_a_new_name_does_not(self):
        own = WordingFactory(text_since=NOW)
        Wording.objects.filter(pk=own.pk).update(text_since=NOW)
        own.refresh_from_db()

        own.name = "Another name"
        own.save()
        assert own.text_since == NOW

        own.is_active = False
        own.save()
        own.name = "Put away"
        own.save()
        assert own.text_since == NOW

        own.is_active = True
        own.save()
        assert (since := own.text_since) > NOW

        own.body = "Other words."
        own.save()
        assert own.text_since > since


def drawn(pk, channel="email"):
    return variant_of("reminder", channel, asks=False, appointment_id=pk)


def test_two_reminders_of_one_visit_draw_apart():
    same = sum(drawn(pk) == drawn(pk, "sms") for pk in range(10_000)) / 10_000

    assert 0.47 < same < 0.53


def test_chance_is_even():
    share = sum(drawn(pk) == "A" for pk in range(10_000)) / 10_000

    assert 0.47 < share < 0.53


@pytest.mark.django_db
def test_the_database_refuses_what_cannot_be():
    with connection.cursor() as cursor, pytest.raises(Exception, match=re.compile("wording_only_reminders_have_two")):
        cursor.execute(
            "INSERT INTO bookings_wording (kind, channel, asks_to_confirm, variant, name, subject, body, is_active, text_since)"
            " VALUES ('moved', 'sms', false, 'B', 'x', '', 'x', true, now())"
        )
