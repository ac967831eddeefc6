"""Patients are told of questions 72 hours before their visit and again while they stay open; never for nothing."""

from datetime import timedelta

import pytest

from bookings.messages.kinds.kind import kind_of
from bookings.messages.models import Message
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.records.answering import planning
from clinic.records.answering.needed import lacking
from clinic.records.answering.requesting import end_past, make_missing
from clinic.records.needs.models import TreatmentRules
from clinic.records.versions.approving import approve
from clinic.records.versions.models import digest_of
from tests.factories.bookings import AppointmentFactory
from tests.factories.questions import (
    WELL,
    QuestionnaireVersionFactory,
    asked_before,
    content_with,
    in_use,
    nurse,
    raw_answer,
    sent,
)

pytestmark = pytest.mark.django_db


def visit_in(*, days=0, hours=0, **about):
    ahead = timedelta(days=days, hours=hours)
    starts_at = (clock.now() + ahead).replace(hour=12, minute=0, second=0, microsecond=0)
    return AppointmentFactory(starts_at=starts_at, **about)


def planned(visit, kind="forms"):
    return list(Message.objects.filter(appointment=visit, kind=kind, channel="email").order_by("due_at"))


def test_far_ahead_they_are_told_three_times_and_planned_once():
    visit = visit_in(days=10)
    asked_before(visit)

    planning.plan(clock.now())
    planning.plan(clock.now())

    (first,), chases = planned(visit), planned(visit, "forms_chase")
    assert visit.starts_at - first.due_at == timedelta(hours=72)
    assert [visit.starts_at - one.due_at for one in chases] == [timedelta(hours=48), timedelta(hours=24)]


def test_near_they_are_told_at_once_and_chased_while_there_is_time():
    visit = visit_in(hours=40)
    asked_before(visit)

    planning.plan(clock.now())

    (first,) = planned(visit)
    assert abs(first.due_at - clock.now()) < timedelta(minutes=1)
    assert all(one.due_at > first.due_at for one in planned(visit, "forms_chase"))


def test_nobody_is_told_of_what_is_answered_or_off():
    visit = visit_in(days=10)
    (form,) = asked_before(visit)
    planning.plan(clock.now())
    (message,) = planned(visit)
    kind = kind_of(message)
    assert kind.why_untrue(message, clock.now()) == ""

    form.state = "submitted"
    form.save()
    assert kind.why_untrue(message, clock.now()) == "The questions are answered."
    visit.status, visit.cancelled_at = "cancelled", clock.now()
    visit.save()
    assert kind.why_untrue(Message.objects.get(pk=message.pk), clock.now()).startswith("The visit is no longer")


def test_the_words_name_no_treatment_and_carry_the_link():
    visit = visit_in(days=10)
    asked_before(visit)
    planning.plan(clock.now())
    (message,) = planned(visit)
    clinic = ClinicSettings.load()

    facts = kind_of(message).facts(message, clinic, clock.now())
    texts = kind_of(message).texts(message, clinic)

    assert "/forms/" in facts["link"]
    assert all("/forms/" in text and visit.treatment.name not in text for text in texts)
    assert len(texts[-1]) <= 160


def test_only_approved_questions_of_the_treatment_are_asked_for():
    visit = visit_in(days=10)
    rules = TreatmentRules.objects.create(treatment=visit.treatment)
    draft = QuestionnaireVersionFactory().of
    rules.questionnaires.add(draft)
    assert list(lacking(clock.now())) == []

    rules.questionnaires.add(in_use())
    assert list(lacking(clock.now())) == [visit]
    (made,) = make_missing(clock.now())
    assert made.questionnaire != draft
    assert list(lacking(clock.now())) == []


def test_requests_end_with_their_visit_and_what_was_typed_goes():
    off, over = visit_in(days=10), visit_in(days=10)
    for visit in (off, over):
        (form,) = asked_before(visit)
        raw_answer(form)
    kept = asked_before(visit_in(days=10))[0]
    off.status, off.cancelled_at = "cancelled", clock.now()
    off.save()

    assert end_past(clock.now()) == 1
    assert end_past(over.ends_at + timedelta(days=8)) == 2  # the third visit is over by then too

    kept.refresh_from_db()
    assert kept.state == "expired"
    assert not off.form_requests.get().drafts.exists()


def test_answers_that_hold_cover_later_visits_until_something_is_asked_anew():
    visit = visit_in(days=10)
    questions = asked_before(visit)[0].questionnaire
    sent(visit.form_requests.get(), until=clock.today() + timedelta(days=180))
    visit.form_requests.update(state="submitted")
    about = {"patient": visit.patient, "treatment": visit.treatment}
    soon, late = visit_in(days=20, **about), visit_in(days=400, **about)

    assert list(lacking(clock.now())) == [late]
    assert make_missing(clock.now()) == [late.form_requests.get()]
    assert not soon.form_requests.exists()

    draft = QuestionnaireVersionFactory(of=questions, number=2, content=content_with({**WELL, "ask_again": True}))
    approve(draft, by=nurse(), seen=digest_of(draft.content), now=clock.now())
    assert list(lacking(clock.now())) == [soon]
