"""F5: notes at the desk, on the record and on the visit."""

import pytest
from bs4 import BeautifulSoup

from bookings.visits.models import PatientNote
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return AppointmentFactory()


def form_of(page, number=0):
    """A note's form on a page: where it goes, and what it sends."""
    forms = BeautifulSoup(page.content.decode(), "html.parser").select("form[action*='/notes/']")
    sent = {box["name"]: box.get("value", "") for box in forms[number].select("input[name]")}
    return forms[number]["action"], sent


def test_who_may(client, visit):
    address = f"/diary/patients/{visit.patient.reference}/notes/"
    assert client.post(address, {"text": "x"}).status_code == 302
    client.force_login(StaffFactory(role="editor"))
    assert client.post(address, {"text": "x"}).status_code == 403
    assert not PatientNote.objects.exists()


def test_a_note_from_the_visits_page_is_about_the_visit_and_shown_on_both(desk, person, visit):
    address, sent = form_of(desk.get(f"/diary/visits/{visit.reference}/"))

    answer = desk.post(address, sent | {"text": "Brings\r\nher dog."}, follow=True)
    again = desk.post(address, sent | {"text": "Brings\r\nher dog."}, follow=True)

    note = PatientNote.objects.get()
    assert (note.visit, note.author, note.text) == (visit, person, "Brings\nher dog.")
    for page in (answer, again, desk.get(f"/diary/patients/{visit.patient.reference}/")):
        assert "Brings<br>her dog." in page.content.decode()
        assert "Dana Desk" in page.content.decode()


def test_a_note_of_another_patients_visit_is_about_no_visit(desk, visit):
    other = PatientFactory()
    address, sent = form_of(desk.get(f"/diary/patients/{other.reference}/"))

    desk.post(address, sent | {"text": "Prefers mornings.", "visit": visit.reference})

    assert (PatientNote.objects.get().patient, PatientNote.objects.get().visit) == (other, None)


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"text": "x" * 2001}, {"text": "\x00"}, {"token": "x"}, {"corrects": "x"}]
)
def test_what_is_wrong_keeps_the_text_and_writes_nothing(desk, visit, wrong):
    address, sent = form_of(desk.get(f"/diary/visits/{visit.reference}/"))

    answer = desk.post(address, sent | {"text": "Prefers mornings."} | wrong)

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    if wrong.get("text") is None:
        assert "Prefers mornings." in answer.content.decode()
    assert not PatientNote.objects.exists()


def test_an_empty_note_of_a_visit_is_asked_again_on_the_page_of_the_visit(desk, visit):
    address, sent = form_of(desk.get(f"/diary/visits/{visit.reference}/?next=%2Fdiary%2F%3Fview%3Dlist%23l"))

    answer = desk.post(address, sent | {"text": ""})

    assert answer.status_code == 422
    assert next(template.name for template in answer.templates) == "bookings/desk/visit.html"
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    assert "Write the note" in page.select_one("form[action*='/notes/'] .field__error").get_text()
    assert page.select_one(".back")["href"] == f"/diary/?view=list#l-{visit.reference}"
    again = form_of(answer)[1]
    assert {name: again[name] for name in ("next", "visit", "token")} == {
        name: sent[name] for name in ("next", "visit", "token")
    }


def test_two_thousand_letters_in_lines_fit(desk, visit):
    address, sent = form_of(desk.get(f"/diary/visits/{visit.reference}/"))

    desk.post(address, sent | {"text": "x\r\n" * 999 + "xx"})

    assert len(PatientNote.objects.get().text) == 2000


def test_a_note_is_corrected_by_another_and_both_are_shown(desk, visit):
    PatientNoteFactory(patient=visit.patient, text="Allergic to plums.")
    record = f"/diary/patients/{visit.patient.reference}/"
    address, sent = form_of(desk.get(record), 1)

    desk.post(address, sent | {"text": "Allergic to prunes."})
    refused = desk.post(address, {**form_of(desk.get(record))[1], "corrects": sent["corrects"], "text": "Or figs."})

    page = desk.get(record).content.decode()
    assert "<s>Allergic to plums.</s>" in page
    assert "Allergic to prunes." in page
    assert refused.status_code == 409
    assert "Or figs." in refused.content.decode()
