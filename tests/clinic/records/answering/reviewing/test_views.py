"""A nurse goes through the answers: flags cleared or standing, what changed, signed once, and asked again each visit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connections
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.engine import status_changes
from bookings.openings.gates import NotReady
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.records.answering.models import FormRequest, ResponseReview
from clinic.records.answering.requesting import make_requests
from clinic.records.answering.reviewing import saving
from clinic.records.answering.reviewing.answers import answers_of
from clinic.records.answering.reviewing.signing import sign_review
from clinic.records.answering.saving import Seen, save
from clinic.records.answering.states import questions_state
from clinic.records.answering.submitting import answer_again, submit
from clinic.records.entries.models import Draft, Entry, Kind
from clinic.records.entries.signing import Author
from clinic.records.reading.models import AccessLog
from clinic.records.reading.opening import open_own_record, open_record
from tests.factories.bookings import AppointmentFactory
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory
from tests.factories.questions import asked_before
from tests.factories.records import clinician, strike, visit_of

pytestmark = pytest.mark.django_db
WHY = "She stopped them a month ago."


def rule(name, effect, *, clear_by="practitioner", **about):
    when = {"all": [{"key": name, "op": "is", "value": "yes"}]}
    return {"id": name, "when": when, "effect": effect, "clear_by": clear_by, "to_staff": f"About {name}"} | about


def question(key, **about):
    return {"key": key, "text": f"Is it {key}?", "type": "yes_no"} | about


CONTENT = {
    "pages": [{"title": "Health", "questions": [question(key) for key in ("thin", "bee", "well", "other", "nice")]}],
    "rules": [
        rule("thin", "warn"),
        rule("bee", "block", clear_by="nobody"),
        rule("other", "block", **{"for": ["toxin"]}),
        rule("nice", "note"),
    ],
}


def answered(form, **answers):
    """Sent by the patient."""
    values = {key: {"value": value} for key, value in answers.items()}
    save(form, answers=values, shown=dict.fromkeys(values, Seen(0, "")), written_on="phone", now=clock.now())
    opened = open_own_record(patient=form.patient, page="questions")
    form.refresh_from_db()
    return submit(form, opened=opened, author=Author.patient(), now=clock.now())


@pytest.fixture
def visit():
    return visit_of(clinician())


@pytest.fixture
def form(visit):
    return asked_before(visit, CONTENT)[0]


@pytest.fixture
def nurse(visit):
    return just_signed_in(visit.practitioner.user)


def at(visit, name="questions", *more):
    return reverse(f"records:{name}", args=[visit.reference, *more])


def page_of(client, visit):
    return BeautifulSoup(client.get(at(visit)).content, "html.parser")


def fields(page, **values):
    """What the form of the page sends; `values` by the end of a field's name."""
    form = page.select_one("form:has([name=response])")
    sent = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    names = {one["name"] for one in form.select("[name]")}
    for end, value in values.items():
        (name,) = [name for name in names if name.endswith(end)]
        sent[name] = value
    return sent


def review(client, visit, **values):
    return client.post(at(visit), fields(page_of(client, visit), **values) | {"sign": "1"})


def starts(visit):
    visit.refresh_from_db()
    try:
        status_changes.change_status(appointment=visit, status="in_progress", now=clock.now())
    except NotReady as refusal:
        return [one.code for one in refusal.missing]
    return []


def test_a_visit_waits_until_its_answers_are_in_and_reviewed_today(nurse, visit, form):
    assert starts(visit) == ["answers"]
    answered(form, well="yes")
    assert starts(visit) == ["answers"]

    assert review(nurse, visit).status_code == 302

    form.refresh_from_db()
    assert form.state == "reviewed"
    assert questions_state(visit, clock.now() + timedelta(days=1)).code == "to_review"
    assert "nothing stands in the way" in page_of(nurse, visit).text
    assert starts(visit) == []


def test_a_flag_is_cleared_with_a_reason_that_the_record_keeps(nurse, visit, form):
    answered(form, thin="yes")
    refused = review(nurse, visit, does_thin="cleared", why_thin="too short")
    page = BeautifulSoup(refused.content, "html.parser")
    assert refused.status_code == 422
    assert "Say why, in 10 letters or more" in page.text
    assert page.select_one("[name$=why_thin]").text.strip() == "too short", "what was typed is kept"

    review(nurse, visit, does_thin="cleared", why_thin=WHY)

    done = ResponseReview.objects.get()
    assert (done.open_flags, done.reviewer) == (0, visit.practitioner)
    assert starts(visit) == []
    record = nurse.get(reverse("records:sheet", args=[visit.reference])).content.decode()
    assert f"Cleared: {WHY}" in record


def test_a_flag_that_stands_keeps_the_visit_from_starting_until_it_is_cleared(nurse, visit, form):
    answered(form, thin="yes")
    review(nurse, visit, does_thin="stands")
    assert questions_state(visit, clock.now()).sentence == "1 flag stands in the health answers."
    assert starts(visit) == ["answers"]

    review(nurse, visit, does_thin="cleared", why_thin=WHY)

    assert [one.open_flags for one in ResponseReview.objects.order_by("entry__number")] == [1, 0]
    assert starts(visit) == []


def test_nobody_clears_what_nobody_may(nurse, visit, form):
    answered(form, bee="yes")
    page = page_of(nurse, visit)
    assert "Nobody clears this" in page.text
    assert not page.select("[name$=does_bee]")

    prefix = page.select_one("[name$=version]")["name"].split("-")[0]
    forged = fields(page) | {f"{prefix}-does_bee": "cleared", f"{prefix}-why_bee": WHY, "sign": "1"}
    assert nurse.post(at(visit), forged).status_code == 302

    assert ResponseReview.objects.get().open_flags == 1
    assert starts(visit) == ["answers"]


def test_a_flag_about_other_treatments_is_said_and_holds_nothing_up(nurse, visit, form):
    answered(form, other="yes", nice="yes")
    text = page_of(nurse, visit).text
    assert "About other (about other treatments)" in " ".join(text.split())
    assert "About nice" in text

    review(nurse, visit)
    assert starts(visit) == []

    visit.treatment.record_rules.families = ["toxin"]
    visit.treatment.record_rules.save()
    assert page_of(nurse, visit).select("[name$=does_other]")


def test_changes_since_last_time_stand_first(nurse, visit, form):
    former = AppointmentFactory(
        patient=visit.patient, practitioner=visit.practitioner, starts_at=clock.now() - timedelta(days=30)
    )
    earlier = FormRequest.objects.create(
        patient=visit.patient,
        visit=former,
        questionnaire=form.questionnaire,
        made_at=clock.now(),
        changed_at=clock.now(),
    )
    answered(earlier, thin="no", well="yes", nice="no")
    answered(form, thin="yes", well="yes", bee="no")

    changed = page_of(nurse, visit).select_one(".review dl").text

    assert "Is it thin?" in changed
    assert "Is it bee?" in changed
    assert "not answered any more" in changed
    assert "Is it well?" not in changed


def test_answers_of_before_that_still_count_are_reviewed_again_at_each_visit(nurse, visit, form):
    answered(form, well="yes")
    review(nurse, visit)
    later = AppointmentFactory(
        patient=visit.patient,
        practitioner=visit.practitioner,
        treatment=visit.treatment,
        starts_at=clock.now() + timedelta(hours=3),
    )
    assert make_requests(later, clock.now()) == [], "they still count"
    assert questions_state(later, clock.now()).code == "to_review"

    review(nurse, later)

    assert questions_state(later, clock.now()).is_ready
    assert questions_state(visit, clock.now()).is_ready


def test_struck_answers_count_no_more_and_are_filled_in_anew(nurse, visit, form):
    strike(answered(form, well="yes"), by=visit.practitioner.user)
    assert questions_state(visit, clock.now()).code == "missing"
    assert "struck as entered in error" in page_of(nurse, visit).text

    answer = nurse.post(at(visit, "questions_begin", form.questionnaire.slug))

    fresh = FormRequest.objects.get(state__in=["wanted", "started"])
    assert answer["Location"] == at(visit, "fill_in", fresh.reference, 1)


def test_what_is_decided_is_kept_as_it_is_typed_and_two_screens_overwrite_nothing(nurse, visit, form):
    answered(form, thin="yes")
    page = page_of(nurse, visit)
    saved = nurse.post(at(visit), fields(page, does_thin="cleared", why_thin="stop"), headers={"HX-Request": "true"})
    assert saved.status_code == 200
    assert "Saved " in saved.content.decode()
    assert page_of(nurse, visit).select_one("[name$=why_thin]").text.strip() == "stop"

    other = nurse.post(at(visit), fields(page, does_thin="stands"))

    shown = BeautifulSoup(other.content, "html.parser")
    assert other.status_code == 409
    assert "On the other screen: cleared stop" in " ".join(shown.text.split())
    assert shown.select_one("[name$=does_thin][checked]")["value"] == "stands"
    again = nurse.post(at(visit), fields(shown, does_thin="stands") | {"sign": "1"})
    assert again.status_code == 302
    assert ResponseReview.objects.get().open_flags == 1
    assert not Draft.objects.exists()


def test_a_press_that_is_repeated_signs_once(nurse, visit, form):
    answered(form, thin="yes")
    sent = fields(page_of(nurse, visit), does_thin="stands") | {"sign": "1"}

    assert [nurse.post(at(visit), sent).status_code for _ in range(2)] == [302, 302]

    assert ResponseReview.objects.count() == 1
    assert "reviewed these answers meanwhile" in page_of(nurse, visit).text


def test_answers_that_came_in_since_are_shown_and_the_old_ones_not_signed(nurse, visit, form):
    answered(form, thin="yes")
    sent = fields(page_of(nurse, visit), does_thin="stands") | {"sign": "1"}
    visit.during = visit.occupied = type(visit.during)(
        clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    )
    visit.save()
    form.refresh_from_db()
    answered(answer_again(form, clock.now()), thin="no")

    refused = nurse.post(at(visit), sent)

    assert refused.status_code == 409
    assert "Other answers came in meanwhile" in refused.content.decode()
    assert not ResponseReview.objects.exists()


def test_signing_asks_who_they_are_and_keeps_what_was_decided(visit, form, client):
    answered(form, thin="yes")
    client.force_login(visit.practitioner.user)
    asked = client.post(at(visit), fields(page_of(client, visit), does_thin="cleared", why_thin=WHY) | {"sign": "1"})

    assert "/accounts/" in asked["Location"]
    assert not ResponseReview.objects.exists()
    assert WHY in page_of(client, visit).text


def test_without_her_phone_they_are_filled_in_together_and_say_so(nurse, visit, form):
    begun = nurse.post(at(visit, "questions_begin", form.questionnaire.slug))
    page = nurse.get(begun["Location"])
    assert "Is it thin?" in page.content.decode()
    soup = BeautifulSoup(page.content, "html.parser")
    hidden = [(one["name"], one["value"]) for one in soup.select("main input[type=hidden]")]
    sent = {name: [value for key, value in hidden if key == name] for name, _ in hidden} | {"well.value": "yes"}
    assert nurse.post(begun["Location"], sent)["Location"] == at(visit, "fill_in_check", form.reference)
    check = nurse.post(at(visit, "fill_in_check", form.reference), {"interpreter": "Ms Onwards"})
    assert check["Location"] == at(visit)

    entry = Entry.objects.get(kind=Kind.QUESTIONNAIRE)
    assert (entry.author, entry.practitioner) == (visit.practitioner.user, visit.practitioner)
    assert "filled in with" in page_of(nurse, visit).text
    record = nurse.get(reverse("records:sheet", args=[visit.reference])).content.decode()
    assert "Ms Onwards" in record
    assert nurse.post(begun["Location"], {})["Location"] == at(visit), "it is sent, so there is nothing to fill in"


def test_a_practitioner_says_why_answers_are_not_needed(nurse, visit, form):
    address = at(visit, "questions_not_needed", form.questionnaire.slug)
    assert nurse.post(address, {"why": "short"}).status_code == 422
    assert "not begun" in page_of(nurse, visit).text

    nurse.post(address, {"why": "Comes for a chat alone."})
    twice = nurse.post(address, {"why": "Comes for a chat alone."}, follow=True)

    form.refresh_from_db()
    assert (form.state, form.waived_by) == ("waived", visit.practitioner)
    assert "not needed any more" in twice.content.decode()
    assert starts(visit) == []


@pytest.mark.parametrize(("role", "status"), [("practitioner", 404), ("owner", 404), ("desk", 403), ("editor", 403)])
def test_nobody_else_reads_or_reviews_them(visit, form, role, status):
    answered(form, thin="yes")
    client = just_signed_in(StaffFactory(role=role))
    lines = AccessLog.objects.count()

    assert client.get(at(visit)).status_code == status
    assert client.post(at(visit), {"sign": "1"}).status_code in {403, 404}
    assert AccessLog.objects.count() == lines


def test_reading_them_leaves_a_line(nurse, visit, form):
    answered(form, thin="yes")
    page_of(nurse, visit)
    line = AccessLog.objects.latest("pk")
    assert (line.user, line.page, line.visit) == (visit.practitioner.user, "answers", visit)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.fixed_dictionaries({key: st.sampled_from(["yes", "no"]) for key in ("thin", "bee", "other", "nice")}),
    clears=st.booleans(),
)
def test_as_many_flags_are_open_as_stand(said, clears):
    visit = visit_of(clinician())
    (form,) = asked_before(visit, CONTENT)
    answered(form, **said)
    client = just_signed_in(visit.practitioner.user)
    values = {"does_thin": "cleared" if clears else "stands", "why_thin": WHY} if said["thin"] == "yes" else {}

    review(client, visit, **values)

    stands = (said["thin"] == "yes" and not clears) + (said["bee"] == "yes")
    assert ResponseReview.objects.get(response__request=form).open_flags == stands
    assert questions_state(visit, clock.now()).is_ready == (stands == 0)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sixteen_who_sign_one_review_make_one_entry():
    visit = visit_of(clinician())
    (form,) = asked_before(visit, CONTENT)
    answered(form, thin="yes")
    by, now = visit.practitioner.user, clock.now()
    opened = open_record(patient=visit.patient, reader=by, page="answers", now=now, visit=visit)
    (one,) = answers_of(opened, visit, now)
    decided = [{"rule": "thin", "to_staff": "About thin", "effect": "warn", "came_to": "stands", "why": ""}]
    saving.save_typed(visit, one, saving.form_of(opened, visit, one, {}), version=0, writer=by, now=now)

    def attempt(_):
        try:
            about = {"opened": opened, "visit": visit, "response": one.response, "decided": decided}
            return sign_review(**about, after="", signer=by, now=now)
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(attempt, range(16)))

    assert len([one for one in done if isinstance(one, Entry)]) == 1
    assert {one.code for one in done if not isinstance(one, Entry)} == {"already_signed"}
    assert ResponseReview.objects.count() == 1
