"""A consultation is typed section by section, nothing typed is lost, and it is signed once, by a person who is there."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.records.assessing.models import Assessment
from clinic.records.assessing.sections import SECTIONS
from clinic.records.assessing.standing import assessment_entry_of
from clinic.records.entries.chain import faults
from clinic.records.entries.keys import Opener
from clinic.records.entries.models import Draft, Entry, RecordKey
from clinic.records.needs.models import TreatmentRules
from clinic.records.reading.models import AccessLog
from tests.clinic.records.assessing.pages import browser, fill, page_of, save, sign, soup, version_on
from tests.factories.clinic import StaffFactory, TreatmentFactory
from tests.factories.records import clinician, visit_of

pytestmark = pytest.mark.django_db
AUTOSAVE = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def nurse():
    return clinician(name="Nurse Marina")


@pytest.fixture
def visit(nurse):
    return visit_of(nurse, status=Status.IN_PROGRESS)


@pytest.fixture
def client(nurse):
    return browser(nurse)


@pytest.fixture
def lips():
    return TreatmentFactory(name="Lip filler", requires_consultation=True, reflection_hours=48)


def said(visit, section):
    draft = Draft.objects.get(visit=visit, section=section)
    return json.loads(Opener(RecordKey.objects.get(patient=visit.patient)).text(draft, "body"))


class TestSaving:
    def test_a_section_is_kept_as_it_was_typed_and_leads_on(self, client, visit):
        odd = "«Wants» fuller\x00 lips\u202e 🙂 [[x]] #include {{ 7 }}"
        answer = save(client, visit, "concerns", {"text": odd, "then": "next"})

        assert answer.url == page_of(visit, "history")
        assert said(visit, "concerns") == {"text": odd}
        assert b"Saved " in client.get(answer.url).content
        page = client.get(page_of(visit, "concerns"))
        assert "{{ 7 }}" in soup(page).textarea.get_text()

    def test_autosave_answers_with_the_time_and_the_next_version(self, client, visit):
        first = save(client, visit, "plan", {"text": "One"}, **AUTOSAVE)
        second = client.post(page_of(visit, "plan"), {"version": version_on(first), "text": "Two"}, **AUTOSAVE)

        assert soup(first).get_text().startswith("Saved ")
        assert (version_on(first), version_on(second)) == ("1", "2")
        assert said(visit, "plan") == {"text": "Two"}

    @pytest.mark.parametrize("how", [{}, AUTOSAVE], ids=["plain", "autosave"])
    def test_a_stale_page_gets_both_texts_and_a_choice(self, client, visit, how):
        save(client, visit, "plan", {"text": "Theirs"})

        stale = client.post(page_of(visit, "plan"), {"version": "0", "text": "Mine"}, **how)

        assert stale.status_code == 409
        assert "Theirs" in stale.content.decode()
        assert how or soup(stale).textarea.get_text() == "Mine"
        assert said(visit, "plan") == {"text": "Theirs"}
        over = soup(stale).select_one("[name=over]")["value"]
        client.post(page_of(visit, "plan"), {"version": version_on(stale), "over": over, "text": "Mine"})
        assert said(visit, "plan") == {"text": "Mine"}

    def test_the_same_text_sent_again_is_no_conflict(self, client, visit):
        save(client, visit, "plan", {"text": "Wait"}, **AUTOSAVE)
        again = client.post(page_of(visit, "plan"), {"version": "0", "text": "Wait"}, **AUTOSAVE)

        assert (again.status_code, version_on(again)) == (200, "1")

    def test_what_is_wrong_is_kept_and_said_and_stops_no_save(self, client, visit):
        long = "x" * 4001
        save(client, visit, "history", {"text": long})
        save(client, visit, "risks", {"text": "Told.", "information_given": "someday"})

        page = client.get(page_of(visit, "history"))
        assert soup(page).textarea.get_text().strip() == long
        assert "4,000 characters at most; this has 4,001." in page.content.decode()
        assert said(visit, "risks")["information_given"] == "someday"

    def test_what_no_field_of_the_section_has_is_not_kept(self, client, visit):
        save(client, visit, "plan", {"text": "Wait", "no_treatment": "on", "magic": "1"})

        assert said(visit, "plan") == {"text": "Wait"}

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
    def test_a_version_that_is_none_changes_nothing(self, client, visit, version):
        save(client, visit, "plan", {"text": "Theirs"})

        client.post(page_of(visit, "plan"), {"version": version, "text": "Mine"})

        assert said(visit, "plan") == {"text": "Theirs"}

    def test_every_page_is_in_the_access_log_and_a_save_reads_nothing(self, client, visit):
        client.get(page_of(visit))
        client.get(page_of(visit, "plan"))
        assert AccessLog.objects.filter(patient=visit.patient, page="assessment").count() == 2

        client.post(page_of(visit, "plan"), {"version": "0", "text": "Wait"}, **AUTOSAVE)
        assert AccessLog.objects.count() == 2


class TestSigning:
    def test_all_that_is_open_is_said_with_its_section_and_nothing_is_signed(self, client, visit):
        save(client, visit, "plan", {"text": "Come back in […]."})

        refused = sign(client, visit)

        links = [link["href"] for link in soup(refused).select("[role=alert] a")]
        assert refused.status_code == 409
        assert {page_of(visit, section.key) for section in SECTIONS} == set(links)
        assert "Fill in or take out what the template left open" in refused.content.decode()
        assert "Talk about having no treatment" in refused.content.decode()
        assert not Entry.objects.exists()
        assert said(visit, "plan") == {"text": "Come back in […]."}

    def test_what_was_said_and_what_it_came_to_are_kept(self, client, nurse, visit, lips):
        TreatmentRules.objects.create(treatment=lips, record_kind="injectable", assessment_valid_days=90)
        peel, laser = TreatmentFactory(name="Peel"), TreatmentFactory(name="Laser")
        until = (clock.today() + timedelta(days=20)).isoformat()
        lines = [(lips, "suitable"), (peel, "defer", until), (laser, "refer", "", "Dr Example, dermatology")]
        fill(client, visit, *lines, history={"text": "", "not_relevant": "First visit, nothing to add."})

        shown = sign(client, visit, follow=True)

        entry = assessment_entry_of(visit.pk)
        found = {row.treatment: (row.outcome, row.valid_until, row.defer_until) for row in entry.outcomes.all()}
        today = clock.today()
        assert found == {
            lips: ("suitable", today + timedelta(days=90), None),
            peel: ("defer", None, today + timedelta(days=20)),
            laser: ("refer", None, None),
        }
        assessment = entry.assessment
        assert (assessment.assessor, assessment.mode, assessment.location) == (nurse, "in_person", visit.location)
        assert not Draft.objects.exists()
        assert list(faults()) == []
        text = shown.content.decode()
        assert "Signed by Nurse Marina" in text
        assert "Tell the patient: the earliest start is" in text
        assert "Not relevant, because: First visit, nothing to add." in text
        body = json.loads(Opener(RecordKey.objects.get(patient=visit.patient)).text(entry, "body"))
        assert body["outcomes"][2] == {
            "treatment": "Laser", "outcome": "Refer to somebody else", "until": None, "to": "Dr Example, dermatology",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (("", ""), "Say for at least one treatment what it came to."),
            (("pk", ""), "Lip filler: say what it came to."),
            (("pk", "magic"), "Lip filler: say what it came to."),
            (("999999", "suitable"), "Line 1: choose a treatment from the list."),
            (("9" * 5000, "suitable"), "Line 1: choose a treatment from the list."),
            (("", "suitable"), "Line 1: choose a treatment."),
            (("pk", "defer", "2020-01-01"), "Lip filler: give a day to come until which it is put off."),
            (("pk", "defer", "31 Feb"), "Lip filler: give a day to come until which it is put off."),
            (("pk", "refer", "", " "), "Lip filler: say to whom you refer them."),
        ],
    )
    def test_an_outcome_that_makes_no_sense_is_said(self, client, visit, lips, line, said):
        names = ("treatment_0", "outcome_0", "until_0", "to_0")
        sent = dict(zip(names, line, strict=False))
        sent["treatment_0"] = sent["treatment_0"].replace("pk", str(lips.pk))

        save(client, visit, "outcome", {"mode": "in_person", **sent})

        assert said in soup(client.get(page_of(visit))).get_text()

    def test_what_is_not_suitable_needs_a_sentence_for_the_patient(self, client, visit, lips):
        fill(client, visit, (lips, "not_suitable"), outcome={"words": ""})
        assert "Add a sentence for the patient" in sign(client, visit).content.decode()

        save(client, visit, "outcome", {"mode": "remote", "treatment_0": lips.pk, "outcome_0": "not_suitable",
                                        "words": "We would rather say so."})  # fmt: skip
        assert "We would rather say so." in sign(client, visit, follow=True).content.decode()
        assert Assessment.objects.get().mode == "remote"

    def test_two_who_sign_make_one_entry_and_the_second_is_told(self, client, nurse, visit, lips):
        fill(client, visit, (lips, "suitable"))
        other = browser(nurse)
        sign(client, visit)

        late = sign(other, visit, follow=True)

        assert Entry.objects.count() == 1
        assert "Signed by Nurse Marina at " in soup(late).get_text()
        typed = other.post(page_of(visit, "plan"), {"version": "1", "text": "More"}, **AUTOSAVE)
        assert typed.status_code == 409
        assert "is not part of the record" in typed.content.decode()
        assert not Draft.objects.exists()

    def test_who_signed_in_long_ago_is_asked_again_and_nothing_is_lost(self, nurse, visit, lips):
        stale = Client()
        stale.force_login(nurse.user)
        fill(stale, visit, (lips, "suitable"))

        asked = sign(stale, visit)

        assert asked.status_code == 302
        assert "reauthenticate" in asked.url
        assert Draft.objects.count() == len(SECTIONS)
        assert not Entry.objects.exists()

    def test_only_a_practitioner_with_a_profile_signs(self, client, nurse, visit, lips, monkeypatch):
        fill(client, visit, (lips, "suitable"))
        monkeypatch.setattr(
            "clinic.records.assessing.signing.Author.staff", lambda _: type("A", (), {"practitioner": None})
        )

        refused = sign(client, visit)

        assert "Only a practitioner with a profile signs." in refused.content.decode()
        assert not Entry.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("desk", 403), ("editor", 403), ("practitioner", 404), ("owner", 404)])
def test_nobody_else_reads_or_writes_it(visit, role, status):
    client = Client()
    client.force_login(StaffFactory(role=role))
    page = page_of(visit, "plan")

    assert client.get(page).status_code == status
    assert client.post(page, {"version": "0", "text": "x"}).status_code in {403, 404}
    assert not Draft.objects.exists()
