"""The copy of somebody's data: what is in it, whose it is, how it is made and when it goes."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine

from bookings.messages.models import Message
from bookings.messages.planning import account_letters
from clinic.core.personal import registry
from clinic.core.sealing.files import opened
from clinic.patients.joining import part
from clinic.privacy import archive, copies
from clinic.privacy.models import DataCopy, DataRequest
from clinic.privacy.people import person_of
from clinic.sending.mail import Letter
from tests.bookings.moments import NOW
from tests.clinic.privacy.someone import someone
from tests.factories.clinic import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.COPIES_DIR = tmp_path / "copies"
    with time_machine.travel(NOW, tick=False):
        yield


def unpacked(copy):
    file = io.BytesIO(b"".join(opened(copy.path, about=copies.ABOUT)))
    with zipfile.ZipFile(file) as found:
        assert found.testzip() is None
        return {name: found.read(name).decode() for name in found.namelist()}


def made(patient, account):
    copy = copies.ask(account=account, patient=patient, now=NOW)
    copies.look(NOW)
    copy.refresh_from_db()
    return copy


def test_it_holds_the_page_the_json_and_what_it_is_about():
    patient, account = someone("canary", is_seen=True)
    letter = Letter(subject="Waits", text="Sealed until it is sent", html="")
    account_letters.post(letter, to="canary-mail@example.com", now=NOW, useful_for=timedelta(hours=1))

    files = unpacked(made(patient, account))

    assert not re.search(r"\bs1\.", files["record.html"] + files["record.json"])
    assert set(files) == {"record.html", "record.json", "fhir.json", "about.txt"}
    assert json.loads(files["record.json"])["format"] == archive.FORMAT
    assert "canary-mail@example.com" in files["record.html"]
    assert "http" not in files["record.html"]  # loads nothing
    assert "How long it is kept" in files["about.txt"]


def test_each_field_for_them_to_see_is_in_it_and_no_hidden_one():
    patient, account = someone("canary", is_seen=True)
    person = person_of(patient=patient, account=account)

    sections = json.loads(unpacked(made(patient, account))["record.json"])["sections"]

    for one in registry.personal():
        if not one.is_listed or not one.rows(person).exists():
            continue
        shown = {*one.named(shown="export"), *one.named(shown="third_party")}
        if shown:
            assert set(sections[one.label]["rows"][0]) == shown, one.label


def test_the_words_are_there_and_what_may_name_others_is_held_back():
    patient, account = someone("canary", is_seen=True)

    copy = made(patient, account)
    text = unpacked(copy)["record.json"]

    for words in (
        "canary visit",
        "canary needs",
        "canary-before@example.com",
        "canary body",
        "canary wish",
        "canary agent",
    ):
        assert words in text, words
    for words in ("canary noted", "canary evidence", "canary phone"):
        assert words not in text, words
    assert copy.held_back == DataCopy.objects.get().held_back > 0
    assert DataRequest.objects.open().filter(kind="access", patient=patient).count() == 1


def test_a_patient_understands_the_page():
    patient, account = someone("canary", is_seen=True)

    page = unpacked(made(patient, account))["record.html"]

    assert "<dt>Booked on</dt>" in page
    assert "<dt>Address on the internet (IP)</dt><dd>192.0.2.1</dd>" in page
    assert "<dd>07700 900321</dd>" in page
    assert "<dd>Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday</dd>" in page
    assert re.search(r"<dt>When</dt><dd>\d+ \w+ \d{4}, [\d:]+[ap]m to [\d:]+[ap]m</dd>", page)  # the day once
    assert page.index(">Personal details<") < page.index(">Personal details, as they changed<")


def test_nobody_else_is_in_it():
    someone("stranger", is_seen=True, number="+447700900555")
    patient, account = someone("canary", is_seen=True)

    files = unpacked(made(patient, account))

    assert "stranger" not in "".join(files.values())
    assert "7700900555" not in "".join(files.values())


def test_the_file_on_disk_tells_nothing():
    patient, account = someone("canary", is_seen=True)

    copy = made(patient, account)

    assert b"canary" not in copy.path.read_bytes()
    assert copy.path.stat().st_mode & 0o077 == 0


def test_asked_twice_is_one_copy_and_one_letter():
    account = UserFactory()

    pair = [copies.ask(account=account, patient=None, now=NOW) for _ in range(2)]

    assert pair[0].pk == pair[1].pk
    assert Message.objects.count() == 1


def test_a_sixth_in_a_day_is_refused():
    account = UserFactory()
    for _ in range(5):
        made(None, account)

    with pytest.raises(copies.TooManyCopies):
        copies.ask(account=account, patient=None, now=NOW)

    assert copies.ask(account=account, patient=None, now=NOW + timedelta(days=1)).state == "asked"


def test_what_a_killed_worker_left_is_made_by_the_next(settings):
    copy = copies.ask(account=UserFactory(), patient=None, now=NOW)
    copies._claim(NOW)
    settings.COPIES_DIR.mkdir()
    (settings.COPIES_DIR / "half.part").write_bytes(b"half")

    assert copies.look(NOW + timedelta(minutes=1)) == {}
    later = NOW + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        assert copies.look(later) == {"made": 1}

    copy.refresh_from_db()
    assert copy.is_there(later)


def test_what_cannot_be_made_is_given_up(monkeypatch, caplog):
    copy = copies.ask(account=UserFactory(), patient=None, now=NOW)
    monkeypatch.setattr(copies.archive, "write", lambda *_: 1 / 0)
    for hours in range(5):
        copies.look(NOW + timedelta(hours=hours))

    copy.refresh_from_db()
    assert copy.state == "failed"


def test_it_is_gone_after_72_hours():
    copy = made(None, UserFactory())
    last = NOW + timedelta(hours=72)

    assert copies.look(last - timedelta(seconds=1)) == {}
    assert copies.look(last) == {"deleted": 1}

    assert not copy.path.exists()
    assert DataCopy.objects.get().state == "gone"


def test_a_slow_worker_takes_nothing_from_the_one_after_it(monkeypatch):
    copy = copies.ask(account=UserFactory(), patient=None, now=NOW)
    later, write = NOW + timedelta(hours=1), archive.write

    def slow(file, person, now):
        monkeypatch.setattr(copies.archive, "write", write)
        assert copies.look(later) == {"made": 1}
        return write(file, person, now)

    monkeypatch.setattr(copies.archive, "write", slow)
    assert copies.look(NOW) == {"given up": 1}

    assert unpacked(copy)
    assert [file.name for file in copy.path.parent.iterdir()] == [copy.path.name]


def test_a_file_that_no_row_speaks_of_does_not_outlive_its_person():
    copy = made(None, UserFactory())
    DataCopy.objects.all().delete()  # erased, while the worker that made the file was killed
    os.utime(copy.path, (NOW.timestamp(), NOW.timestamp()))
    assert copies.look(NOW) == {}
    assert copy.path.exists()

    copies.look(NOW + timedelta(days=1))
    assert not copy.path.exists()


def test_none_is_made_for_an_account_that_has_lost_the_record():
    patient, account = someone("canary", is_seen=True)
    copy = copies.ask(account=account, patient=patient, now=NOW)
    part(patient.accesses.get(kind="self"), by=None, now=NOW)

    assert copies.look(NOW) == {"given up": 1}
    copy.refresh_from_db()
    assert copy.state == "gone"
    assert not copy.path.exists()


def test_it_says_how_many_came_to_what(monkeypatch):
    for _ in range(2):
        copies.ask(account=UserFactory(), patient=None, now=NOW)
    monkeypatch.setattr(copies.archive, "write", lambda *_: 1 / 0)
    assert copies.look(NOW) == {"failed": 2}
    monkeypatch.undo()

    assert copies.look(NOW + timedelta(hours=1)) == {"made": 2}
