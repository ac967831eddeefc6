"""`/my/data/` as a patient uses it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
import time_machine

from bookings.messages.models import Message
from bookings.messages.planning.account_letters import letter_of
from clinic.accounts.models import User
from clinic.patients.joining import part
from clinic.patients.models import Patient
from clinic.privacy import copies, requests
from clinic.privacy.models import DataCopy, DataRequest, ErasureLog
from tests.bookings.moments import NOW
from tests.clinic.privacy.someone import someone
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE, COPY, DELETE = "/my/data/", "/my/data/copy/", "/my/data/delete/"


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.COPIES_DIR = tmp_path / "copies"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    with time_machine.travel(NOW, tick=False):
        yield


def letters_to(address):
    rows = Message.objects.filter(kind="account", recipient=address).order_by("created_at")
    return [letter_of(row).text for row in rows]


def download(client, copy):
    answer = client.get(f"{COPY}{copy.reference}/")
    return answer, b"".join(answer.streaming_content) if answer.status_code == 200 else b""


def test_a_stranger_is_asked_to_sign_in(client):
    for address in (PAGE, DELETE, f"{COPY}ABCDEFGH/"):
        assert client.get(address).status_code == 302


def test_a_copy_is_asked_for_made_and_taken(browser):
    _, account = someone("canary", is_seen=True)
    client = browser(account)

    assert "being made" in client.post(COPY, follow=True).content.decode()
    copies.look(NOW)
    assert "Download" in client.get(PAGE).content.decode()
    answer, file = download(client, DataCopy.objects.get())

    assert answer["Content-Disposition"].startswith("attachment")
    assert b"canary visit" in zipfile.ZipFile(io.BytesIO(file)).read("record.json")
    assert DataCopy.objects.get().taken_at == NOW


def test_the_page_stands_among_those_of_the_account(browser):
    page = browser(UserFactory()).get(PAGE).content.decode()

    assert '<a href="/my/data/" aria-current="page">Data</a>' in page
    assert '<a href="/my/people/">People</a>' in page


@pytest.mark.parametrize(("is_joined", "greeting"), [(True, "Hello Willow,"), (False, "Hello,")])
def test_letters_greet_by_the_name_on_the_record_never_by_an_address(browser, is_joined, greeting):
    account = UserFactory(name="")
    if is_joined:
        AccessFactory(user=account, patient__full_name="Willow Reed")
    client = browser(account)

    client.post(COPY)
    (asked,) = letters_to(account.email)
    client.post(DELETE, {"sure": "yes"})
    (erased,) = letters_to(account.email)

    assert greeting in asked
    assert greeting in erased
    assert "has deleted:\n\n- " in erased


@pytest.mark.parametrize("address", [COPY, DELETE])
def test_a_fresh_sign_in_is_asked_first(browser, address):
    _, account = someone("canary", is_seen=False)

    answer = browser(account, fresh=False).post(address, {"sure": "yes"})

    assert answer.status_code == 302
    assert "/my/data/" not in answer["Location"].split("?")[0]
    assert not DataCopy.objects.exists()
    assert User.objects.filter(pk=account.pk).exists()


def test_anothers_copy_answers_as_one_that_is_not_there(browser):
    _, account = someone("canary", is_seen=False)
    copy = copies.ask(account=account, patient=None, now=NOW)
    copies.look(NOW)

    stranger = browser(UserFactory())

    assert download(stranger, copy)[0].status_code == 404
    assert stranger.get(f"{COPY}NOTTHERE/").status_code == 404


def test_a_copy_cannot_be_taken_after_72_hours(browser):
    _, account = someone("canary", is_seen=False)
    copy = copies.ask(account=account, patient=None, now=NOW)
    copies.look(NOW)

    with time_machine.travel(NOW + timedelta(hours=72), tick=False):
        assert download(browser(account), copy)[0].status_code == 404


def test_whoever_helps_gets_nothing_of_whom_they_help(browser):
    helped = PatientFactory(full_name="Helped Person")
    carer = UserFactory()
    CarerAccessFactory(patient=helped, user=carer, starts_at=NOW - timedelta(days=1))
    client = browser(carer)

    client.post(COPY)
    copies.look(NOW)
    file = download(client, DataCopy.objects.get())[1]
    client.post(DELETE, {"sure": "yes"})

    assert b"Helped" not in zipfile.ZipFile(io.BytesIO(file)).read("record.json")
    assert Patient.objects.filter(pk=helped.pk).exists()


def test_deletion_says_what_stays_and_until_when_and_signs_out(browser):
    _, account = someone("canary", is_seen=True)
    client = browser(account)
    assert "31 December 2034" in client.get(DELETE).content.decode()

    page = client.post(DELETE, {"sure": "yes"}, follow=True).content.decode()

    assert "31 December 2034" in page
    assert "Your data is deleted" in page
    assert client.get(PAGE).status_code == 302
    assert DataRequest.objects.get(kind="erase").state == "answered"


def test_without_the_tick_nothing_happens(browser):
    _, account = someone("canary", is_seen=False)

    answer = browser(account).post(DELETE)

    assert answer.status_code == 422
    assert User.objects.filter(pk=account.pk).exists()


def test_a_coming_visit_is_named_with_the_way_to_cancel_it(browser):
    patient, account = someone("canary", is_seen=False)
    visit = AppointmentFactory(patient=patient, starts_at=NOW + timedelta(days=3))
    client = browser(account)

    assert visit.reference in client.get(DELETE).content.decode()
    assert client.post(DELETE, {"sure": "yes"}).status_code == 422
    assert not ErasureLog.objects.exists()


def test_two_tabs_delete_once(browser):
    _, account = someone("canary", is_seen=True)
    one, other = browser(account), browser(account)

    one.post(DELETE, {"sure": "yes"})

    assert other.post(DELETE, {"sure": "yes"}).status_code == 302
    assert ErasureLog.objects.count() == 1


def test_an_account_of_staff_is_not_deleted_here(browser):
    staff = StaffFactory(role="desk")

    browser(staff).post(DELETE, {"sure": "yes"})

    assert User.objects.filter(pk=staff.pk).exists()


def test_anything_else_is_asked_and_withdrawn(browser):
    _, account = someone("canary", is_seen=False)
    client = browser(account)

    client.post("/my/data/ask/", {"kind": "complaint", "words": "Too many letters"})
    row = DataRequest.objects.get(kind="complaint")
    assert "Too many letters" not in client.get(PAGE).content.decode()
    client.post(f"/my/data/requests/{row.reference}/withdraw/")

    row.refresh_from_db()
    assert (row.channel, row.state) == ("online", "withdrawn")


def test_a_request_without_words_is_asked_again(browser):
    _, account = someone("canary", is_seen=False)

    answer = browser(account).post("/my/data/ask/", {"kind": "restrict"})

    assert answer.status_code == 422
    assert "Say what it is about" in answer.content.decode()


def test_a_refusal_says_why(browser):
    account = UserFactory()
    row = requests.ask("object", account=account, patient=None, words="Stop it", now=NOW)
    requests.refuse(row, ground="nothing", outcome="We looked twice.", by=StaffFactory(role="owner"), now=NOW)

    page = browser(account).get(PAGE).content.decode()

    assert DataRequest.objects.get().get_ground_display() in page
    assert "We looked twice." in page


def test_anothers_request_cannot_be_withdrawn(browser):
    someone("canary", is_seen=False)
    row = DataRequest.objects.get()

    assert browser(UserFactory()).post(f"/my/data/requests/{row.reference}/withdraw/").status_code == 404


def test_a_copy_cannot_be_taken_by_an_account_that_has_lost_the_record(browser):
    patient, account = someone("canary", is_seen=True)
    client = browser(account)
    client.post(COPY)
    copies.look(NOW)
    part(patient.accesses.get(kind="self"), by=None, now=NOW)

    assert download(client, DataCopy.objects.get())[0].status_code == 404


def test_a_copy_can_be_taken_after_a_merge(browser):
    patient, account = someone("canary", is_seen=True)
    client = browser(account)
    client.post(COPY)
    copies.look(NOW)
    heir = PatientFactory()
    Patient.objects.filter(pk=patient.pk).update(merged_into=heir)
    patient.accesses.update(patient=heir)

    assert download(client, DataCopy.objects.get())[0].status_code == 200
