"""A patient answers before the visit: by link, on two devices, once more, and never over what they said elsewhere."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from clinic.core import clock
from clinic.records.answering.models import DraftAnswer, FormRequest, QuestionnaireResponse
from clinic.records.answering.requesting import link_of, make_requests
from clinic.records.entries.models import Entry, Kind
from clinic.records.reading.models import AccessLog
from clinic.records.reading.opening import open_own_record
from tests.factories.bookings import AppointmentFactory
from tests.factories.questions import asked_before

pytestmark = pytest.mark.django_db
CONTENT = {
    "pages": [
        {
            "title": "Your health",
            "questions": [
                {"key": "well", "text": "Are you well today?", "type": "yes_no", "required": True},
                {
                    "key": "what",
                    "text": "What is wrong?",
                    "type": "text",
                    "required": True,
                    "shown_when": {"all": [{"key": "well", "op": "is", "value": "no"}]},
                },
            ],
        },
        {
            "title": "Your medicines",
            "questions": [
                {"key": "medicines", "text": "What do you take?", "type": "text", "required": True, "ask_again": True}
            ],
        },
    ],
    "rules": [
        {
            "id": "unwell",
            "when": {"all": [{"key": "well", "op": "is", "value": "no"}]},
            "effect": "warn",
            "clear_by": "practitioner",
            "to_staff": "Not well today",
            "to_patient": "Please ring us before you come.",
        }
    ],
}


@pytest.fixture
def visit():
    return AppointmentFactory(starts_at=clock.now() + timedelta(days=4))


@pytest.fixture
def form(visit):
    return asked_before(visit, CONTENT)[0]


def opened(visit):
    """A browser that followed the link, and where it leads."""
    client = Client()
    start = client.get(f"/forms/{link_of(visit, clock.now()).link_token}/")
    return client, start.url


def sent_from(page, **typed):
    """The form of a page, as a browser sends it with these answers."""
    soup = BeautifulSoup(page.content, "html.parser")
    hidden = [(one["name"], one["value"]) for one in soup.select("main form[data-answers] [type=hidden]")]
    found = {}
    for name, value in hidden:
        found.setdefault(name, []).append(value)
    return {**found, **typed}


def answer(client, address, **said):
    page = client.get(address)
    return client.post(address, sent_from(page, **said))


def birthday_of(visit):
    born = visit.patient.date_of_birth
    parts = {"day": born.day, "month": born.month, "year": born.year}
    return {f"date_of_birth_{part}": str(number) for part, number in parts.items()}


def body_of(entry):
    return open_own_record(patient=entry.patient, page="questions").body(entry)


def test_answered_on_two_devices_and_sent(visit, form):
    phone, start = opened(visit)
    assert "Some questions before your visit" in phone.get(start).content.decode()
    first, second = f"{start}{form.reference}/1/", f"{start}{form.reference}/2/"

    went_on = answer(phone, first, well="yes")
    assert went_on.url == second
    form.refresh_from_db()
    assert form.state == "started"

    laptop, start = opened(visit)
    shown = laptop.get(first).content.decode()
    assert "You have answered some of this before" in shown
    assert "checked" not in shown  # of what was said elsewhere nothing is shown before the birthday
    check = f"{start}{form.reference}/check/"
    asked = laptop.get(check)
    assert asked.url == start.replace("questions/", "birthday/")
    assert laptop.post(asked.url, birthday_of(visit)).url == start
    assert "checked" in laptop.get(first).content.decode()
    assert answer(laptop, second, medicines="None").url == check
    assert "Are you well today?" in laptop.get(check).content.decode()

    done = laptop.post(check, follow=True)

    assert "Thank you, we have your answers" in done.content.decode()
    entry = Entry.objects.get()
    assert (entry.kind, entry.author_is, entry.visit) == (Kind.QUESTIONNAIRE, "patient", visit)
    said = {line["key"]: line for line in body_of(entry)["answers"]}
    assert said["well"]["text"] == "Are you well today?"
    assert said["well"]["words"] == "Yes"
    assert said["medicines"]["words"] == "None"
    assert said["what"]["hidden_by"] == ["well"]
    assert not DraftAnswer.objects.exists()
    assert AccessLog.objects.filter(patient=visit.patient, purpose="patient").exists()
    assert laptop.post(check).url == start  # pressed twice
    assert QuestionnaireResponse.objects.count() == 1


def test_a_link_alone_shows_nothing_to_who_did_not_write_it(visit, form):
    phone, start = opened(visit)
    answer(phone, f"{start}{form.reference}/2/", medicines="Apixaban")

    stranger, start = opened(visit)

    for address in (start, f"{start}{form.reference}/1/", f"{start}{form.reference}/2/"):
        assert "Apixaban" not in stranger.get(address).content.decode()
    assert "Apixaban" in phone.get(f"{start}{form.reference}/2/").content.decode()


def test_two_devices_never_write_over_each_other(visit, form):
    phone, start = opened(visit)
    laptop, _ = opened(visit)
    address = f"{start}{form.reference}/2/"
    before = laptop.get(address)
    answer(phone, address, medicines="Apixaban")

    late = laptop.post(address, sent_from(before, medicines="None"))

    assert late.status_code == 422
    assert "This was answered on another device too" in late.content.decode()
    again = laptop.post(address, sent_from(late, medicines="None"))
    assert again.status_code == 302
    assert DraftAnswer.objects.get().version == 2


def test_what_is_amiss_is_said_and_kept(visit, form):
    client, start = opened(visit)
    address = f"{start}{form.reference}/1/"

    empty = answer(client, address)
    assert empty.status_code == 422
    assert 'class="error-summary"' in empty.content.decode()
    assert "Are you well today? – Choose an answer</a>" in empty.content.decode()

    more = answer(client, address, well="no")  # one more question comes up
    assert more.status_code == 200
    assert "What is wrong?" in more.content.decode()
    long = client.post(address, sent_from(more, well="no", what="x" * 2001))
    assert long.status_code == 422
    assert "x" * 2001 in long.content.decode()
    assert "x" * 2001 in client.get(address).content.decode()
    check = client.post(f"{start}{form.reference}/check/")
    assert check.status_code == 422
    assert not Entry.objects.exists()


def test_the_patient_is_told_what_a_rule_says_to_them(visit, form):
    client, start = opened(visit)
    address = f"{start}{form.reference}/1/"
    client.post(address, sent_from(answer(client, address, well="no"), well="no", what="A cold"))
    answer(client, f"{start}{form.reference}/2/", medicines="None")

    done = client.post(f"{start}{form.reference}/check/", follow=True)

    assert "Please ring us before you come." in done.content.decode()
    assert QuestionnaireResponse.objects.get().worst == "warn"
    assert "Please ring us before you come." not in client.get(start).content.decode()


def test_one_answer_is_kept_while_the_page_is_open(visit, form):
    client, start = opened(visit)
    address = f"{start}{form.reference}/2/"
    sent = sent_from(client.get(address), medicines="Apix", key="medicines")

    kept = client.post(f"{address}save/", sent)

    assert kept.json()["saved"].startswith("Saved ")
    assert "Apix" in client.get(address).content.decode()
    more = client.post(f"{address}save/", {**sent, "seen.medicines": kept.json()["seen"], "medicines": "Apixaban"})
    assert more.status_code == 200
    stale = client.post(f"{address}save/", {**sent, "medicines": "Nothing"})
    assert stale.status_code == 409
    assert client.post(f"{address}save/", {**sent, "key": "made_up"}).status_code == 400


def test_last_time_is_offered_and_what_changes_is_asked_anew(visit, form):
    client, start = opened(visit)
    answer(client, f"{start}{form.reference}/1/", well="yes")
    answer(client, f"{start}{form.reference}/2/", medicines="Apixaban")
    client.post(f"{start}{form.reference}/check/")
    later = AppointmentFactory(
        starts_at=clock.now() + timedelta(days=9), patient=visit.patient, treatment=visit.treatment
    )
    (fresh,) = make_requests(later, clock.now())

    browser, start = opened(later)
    first = f"{start}{fresh.reference}/1/"
    assert "Still right?" not in browser.get(first).content.decode()
    browser.post(start.replace("questions/", "birthday/"), birthday_of(later))

    page = browser.get(first).content.decode()
    assert "Still right?" in page
    assert "checked" in page
    assert "Apixaban" not in browser.get(f"{start}{fresh.reference}/2/").content.decode()


def test_answers_are_given_once_more_until_the_visit_begins(visit, form):
    client, start = opened(visit)
    answer(client, f"{start}{form.reference}/1/", well="yes")
    answer(client, f"{start}{form.reference}/2/", medicines="None")
    client.post(f"{start}{form.reference}/check/")

    again = client.post(f"{start}{form.reference}/again/")

    fresh = FormRequest.objects.open().get()
    assert again.url == f"{start}{fresh.reference}/1/"
    assert client.post(f"{start}{form.reference}/again/").url == again.url
    answer(client, f"{start}{fresh.reference}/1/", well="yes")
    answer(client, f"{start}{fresh.reference}/2/", medicines="Apixaban")
    client.post(f"{start}{fresh.reference}/check/")
    form.refresh_from_db()
    assert form.state == "superseded"
    assert Entry.objects.count() == 2


def test_who_stops_in_the_middle_is_told_how_to_come_back(visit, form):
    client, start = opened(visit)

    later = answer(client, f"{start}{form.reference}/1/", well="yes", later="yes")

    assert later.url == f"{start}?later"
    assert "Come back by the link in our message" in client.get(later.url).content.decode()
