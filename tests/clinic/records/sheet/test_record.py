"""The whole record: visits and entries, additions, strikes, co-signatures, what is found in it, and who looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.records.entries.models import Entry, RecordKey
from clinic.records.entries.signing import Author, add_entry
from clinic.records.reading.models import AccessLog
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory
from tests.factories.records import clinician, make_access, make_entry, strike, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return visit_of(clinician())


@pytest.fixture
def nurse(visit):
    return just_signed_in(visit.practitioner.user)


@pytest.fixture
def entry(visit):
    return make_entry(visit, body={"text": "Slight swelling on the left"})


def at(name, *more):
    return reverse(f"records:{name}", args=[RecordKey.objects.earliest("pk").reference, *more])


def text_of(client, address):
    return client.get(address).content.decode()


def test_it_shows_what_was_signed_and_noted(nurse, visit, entry):
    PatientNoteFactory(patient=visit.patient, text="Prefers mornings")

    text = text_of(nurse, at("record"))

    assert "Slight swelling on the left" in text
    assert "Prefers mornings" in text
    assert visit.patient.full_name in text


def test_a_patient_without_a_record_gets_one_with_the_first_look(nurse, visit):
    answer = nurse.get(reverse("records:of_patient", args=[visit.patient.reference]), follow=True)

    assert "nothing signed" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == at("record")


def test_words_are_found_and_stand_in_no_address(nurse, visit, entry):
    make_entry(visit, body={"text": "Another matter"})

    found = nurse.post(at("record"), {"words": "SWELLING"})
    nothing = nurse.post(at("record"), {"words": "bruise"})

    assert "Slight swelling" in found.content.decode()
    assert "Another matter" not in found.content.decode()
    assert "Nothing in this record says" in nothing.content.decode()


def test_what_was_written_on_another_day_says_so(nurse, visit, entry):
    author, yesterday = Author.staff(visit.practitioner.user), clock.now() - timedelta(days=1)
    add_entry(patient=visit.patient, kind="note", body={"text": "Late"}, author=author, occurred_at=yesterday)

    text = text_of(nurse, at("record"))

    assert text.count("written later") == 1


def test_an_addition_stands_under_its_entry_signed(nurse, visit, entry):
    address = at("addendum", entry.pk)
    assert "Slight swelling" in text_of(nurse, address)
    assert nurse.post(address, {"text": " "}).status_code == 422

    assert nurse.post(address, {"text": "Gone by the evening"}).status_code == 302

    text = text_of(nurse, at("record"))
    assert "Gone by the evening" in text
    assert "Added by" in text
    addition = Entry.objects.get(kind="addendum")
    assert nurse.post(at("addendum", addition.pk), {"text": "To an addition"}).status_code == 409


def test_a_struck_entry_stays_readable_with_its_reason(nurse, visit, entry):
    address = at("strike", entry.pk)
    assert nurse.post(address, {"text": ""}).status_code == 422

    nurse.post(address, {"text": "Wrong patient"})
    again = nurse.post(address, {"text": "Wrong patient"})

    text = text_of(nurse, at("record"))
    assert "Entered in error" in text
    assert "Wrong patient" in text
    assert "<s>" in text
    assert again.status_code == 409
    assert not Entry.objects.standing().filter(pk=entry.pk).exists()


def test_who_did_not_write_it_strikes_it_only_as_lead(visit, entry):
    other, lead = clinician(), clinician(role="owner")
    lead.user.groups.add(other.user.groups.get())
    for practitioner in (other, lead):
        AppointmentFactory(
            practitioner=practitioner,
            patient=visit.patient,
            starts_at=clock.now() - timedelta(days=2 if practitioner == other else 3),
            status=Status.COMPLETED,
        )

    refused = just_signed_in(other.user).post(at("strike", entry.pk), {"text": "I think not"})
    done = just_signed_in(lead.user).post(at("strike", entry.pk), {"text": "Wrong visit"})

    assert (refused.status_code, done.status_code) == (409, 302)
    assert "I think not" in refused.content.decode()


def test_a_colleague_co_signs_and_the_author_does_not(nurse, visit, entry):
    other = clinician()
    AppointmentFactory(
        practitioner=other, patient=visit.patient, starts_at=clock.now() - timedelta(days=2), status=Status.COMPLETED
    )

    own = nurse.post(at("cosign", entry.pk))
    done = just_signed_in(other.user).post(at("cosign", entry.pk))
    twice = just_signed_in(other.user).post(at("cosign", entry.pk))

    assert (own.status_code, done.status_code, twice.status_code) == (409, 302, 409)
    assert f"Co-signed by {other.name}" in text_of(nurse, at("record"))


def test_an_entry_of_another_record_is_not_there(nurse, entry):
    other = make_entry()

    for name in ("addendum", "strike", "cosign"):
        assert nurse.get(at(name, other.pk)).status_code == 404


def test_older_visits_stand_by_year(nurse, visit, entry):
    for days in range(30):
        AppointmentFactory(
            practitioner=visit.practitioner,
            patient=visit.patient,
            status=Status.COMPLETED,
            starts_at=clock.now() - timedelta(days=500 + days),
        )
    year = clock.today(clock.now() - timedelta(days=529)).year

    text = text_of(nurse, at("record"))

    assert text.count("record__visit") == 20
    assert f"?year={year}" in text
    assert "record__visit" in text_of(nurse, at("record") + f"?year={year}")
    assert nurse.get(at("record") + "?year=x").status_code == 200


def test_owners_see_who_looked_and_whoever_treats_their_own_lines(nurse, visit, entry):
    other = StaffFactory(role="practitioner", name="Somebody Else")
    make_access(other, visit.patient)
    nurse.get(at("record"))

    own = text_of(nurse, at("access"))
    everything = text_of(just_signed_in(StaffFactory(role="owner")), at("access"))

    assert "Somebody Else" not in own
    assert visit.practitioner.user.name in own
    assert "Somebody Else" in everything
    assert just_signed_in(clinician().user).get(at("access")).status_code == 404


def test_a_page_that_cannot_be_logged_shows_nothing(nurse, visit, entry, monkeypatch):
    from django.db import OperationalError  # noqa: PLC0415

    def fails(*args, **kwargs):
        raise OperationalError("read-only")

    monkeypatch.setattr(AccessLog.objects, "create", fails)

    answer = nurse.get(at("record"))

    assert answer.status_code == 503
    assert "Slight swelling" not in answer.content.decode()


def test_a_missing_key_is_said_in_words(nurse, visit, settings):
    known = settings.FIELD_KEYS
    settings.FIELD_KEYS = {"gone": b"g" * 32} | known
    make_entry(visit)
    settings.FIELD_KEYS = known

    answer = nurse.get(at("record"))

    assert answer.status_code == 503
    assert "sealed with a key that is missing" in answer.content.decode()


def test_older_years_are_counted_and_shown_alone_with_what_belongs_to_no_visit(nurse, visit, entry):
    for n in range(1, 24):
        AppointmentFactory(
            practitioner=visit.practitioner, patient=visit.patient, starts_at=clock.now() - timedelta(days=40 * n)
        )
    long_ago = clock.now() - timedelta(days=40 * 30)
    apart = make_entry(visit, body={"text": "Rang about her sleep"}, occurred_at=long_ago)
    rang = add_entry(
        patient=visit.patient,
        kind="note",
        body={"text": "Rang about her holiday"},
        author=Author.staff(visit.practitioner.user),
        occurred_at=long_ago,
    )
    strike(rang)

    latest = BeautifulSoup(nurse.get(at("record")).content, "html.parser")
    year = BeautifulSoup(nurse.get(f"{at('record')}?year={long_ago.year}").content, "html.parser")
    older = {link.text: link.parent.text.split(": ")[1] for link in latest.select("h2 + ul a")}

    assert len(latest.select(".record__visit")) == 20
    assert "Rang about her sleep" in latest.text, "an entry stands at its visit, whenever it was written"
    assert "Rang about her holiday" not in latest.text
    assert sum(int(number.split()[0]) for number in older.values()) == 25 - 20
    assert len(year.select(".record__visit")) == int(older[str(long_ago.year)].split()[0])
    assert "Rang about her holiday" in year.text
    assert "Entered in error" in year.text
    assert apart.visit_id == visit.pk
