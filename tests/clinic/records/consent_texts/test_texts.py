"""A consent text is written, compared word for word and approved by a practitioner; from then on it never changes."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from clinic.core import clock
from clinic.records.consent_texts import drafting
from clinic.records.consent_texts.comparing import changes
from clinic.records.consent_texts.content import DEMONSTRATION, HEADINGS, gaps, on_page
from clinic.records.consent_texts.examples import EXAMPLES
from clinic.records.consent_texts.models import ConsentDocument, document_for
from clinic.records.versions.approving import NotADraft
from tests.clinic.staff.conftest import enrolled, signed_in
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import PractitionerFactory, TreatmentFactory
from tests.factories.consent import a_document, a_draft, content, in_use
from tests.factories.records import clinician

pytestmark = pytest.mark.django_db
FORMS = "/diary/forms/consent/"


@pytest.fixture
def nurse():
    return clinician(name="Nurse Ann")


@pytest.fixture
def client(nurse):
    return just_signed_in(nurse.user)


def typed(**values):
    texts = {key: f"{heading} in words" for key, heading in HEADINGS.items()}
    known = {"title": "Before it", "risks": "Bruising\nInfection", "statements": "I read this.", "is_material": "yes"}
    return texts | known | values


def text_of(answer):
    return answer.content.decode()


class TestFromDraftToUse:
    def test_it_is_written_in_one_place_and_approved_in_another(self, client, nurse):
        treatment = TreatmentFactory()
        client.post(FORMS, {"do": "begin", "name": "Peels"})
        document = ConsentDocument.objects.get()
        at = f"{FORMS}{document.reference}/"

        saved = client.post(at, typed(treatments=[treatment.pk], what="**Bold** <script>x</script>"), follow=True)
        read = text_of(client.get(f"{at}read/"))
        page = client.get(f"{at}approve/")
        seen = document.draft.content_digest
        answer = client.post(f"{at}approve/", {"seen": seen}, follow=True)

        assert "Saved as a draft" in text_of(saved)
        assert "<strong>Bold</strong> &lt;script&gt;x&lt;/script&gt;" in read
        assert seen in text_of(page)
        assert "This is the first version" in text_of(page)
        assert "Version 1 of Peels is in use." in text_of(answer)
        version = document.in_use
        assert (version.approved_by, version.number, document_for(treatment)) == (nurse, 1, document)
        assert document.draft is None

    def test_the_next_one_shows_what_changes_word_for_word_and_what_lapses(self, client):
        document = a_document(what="It takes ten minutes.")
        in_use(document)
        at = f"{FORMS}{document.reference}/"
        for material, said in (("yes", "Every consent to an earlier version lapses now"), ("no", "still count")):
            client.post(at, typed(is_material=material, what="It takes twenty minutes."))
            page = text_of(client.get(f"{at}approve/"))
            assert '<del><span class="vh">gone: </span>ten</del><ins><span class="vh">new: </span>twenty</ins>' in page
            assert said in page
        assert document.in_use.number == 1
        assert document.draft.number == 2

    def test_what_was_changed_after_it_was_read_is_not_approved(self, client):
        document = a_document()
        seen = document.draft.content_digest
        a_draft(document, content(what="Other words"))
        answer = client.post(f"{FORMS}{document.reference}/approve/", {"seen": seen})

        assert answer.status_code == 409
        assert "Read it again" in text_of(answer)
        assert document.in_use is None

    def test_what_is_not_whole_is_saved_but_not_approved(self, client, nurse):
        document = a_document()
        at = f"{FORMS}{document.reference}/"
        client.post(at, typed(serious="", statements=""))
        page = text_of(client.get(f"{at}approve/"))

        assert "Write “Rare and serious risks”." in page
        assert "Write at least one statement to tick." in page
        assert 'name="seen"' not in page
        with pytest.raises(drafting.NotWhole):
            drafting.bring_into_use(document.draft, by=nurse, seen=document.draft.content_digest, now=clock.now())

    def test_a_fault_keeps_what_was_typed(self, client):
        document = a_document()
        answer = client.post(f"{FORMS}{document.reference}/", typed(title="", what="x" * 8001, risks="y" * 301))

        assert answer.status_code == 422
        for said in ("Enter a title", "at most 8000", "300 letters a line at most", "x" * 8001):
            assert said in text_of(answer)


class TestWhoMay:
    def test_the_owner_writes_and_does_not_approve_and_the_desk_does_neither(self):
        document = a_document()
        at = f"{FORMS}{document.reference}/"
        owner, desk = signed_in(enrolled("owner")), signed_in(enrolled("desk"))

        assert (owner.get(at).status_code, owner.get(f"{at}approve/").status_code) == (200, 403)
        assert (desk.get(FORMS).status_code, desk.get(at).status_code) == (403, 403)

    def test_whoever_approves_has_just_signed_in(self, nurse):
        document = a_document()
        client = Client()
        client.force_login(nurse.user)
        answer = client.post(f"{FORMS}{document.reference}/approve/", {"seen": document.draft.content_digest})

        assert answer.status_code == 302
        assert "reauthenticate" in answer.headers["Location"]
        assert document.in_use is None


class TestWhatIsInUse:
    def test_never_changes(self):
        version = in_use()
        for change in ({"content": {}}, {"is_material": False}, {"number": 9}, {"state": "draft"}):
            with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
                type(version).objects.filter(pk=version.pk).update(**change)
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            version.delete()

    def test_is_retired_by_the_next(self):
        document = in_use().of
        a_draft(document)
        newer = in_use(document)

        assert list(document.versions.values_list("number", "state")) == [(2, "approved"), (1, "retired")]
        assert document.in_use == newer

    def test_is_approved_once(self):
        version = in_use()
        with pytest.raises(NotADraft):
            drafting.bring_into_use(version, by=PractitionerFactory(), seen=version.content_digest, now=clock.now())


class TestExamples:
    def test_they_are_drafts_that_cannot_be_approved_as_they_are(self, client):
        client.post(FORMS, {"do": "examples"})
        client.post(FORMS, {"do": "examples"})

        assert ConsentDocument.objects.count() == len(EXAMPLES) == 3
        for document in ConsentDocument.objects.all():
            assert document.in_use is None
            assert gaps(document.draft.content) == [f"Make it your own, and take out “{DEMONSTRATION}”."]
            assert len(on_page(document.draft.content)) >= 9

    def test_the_note_goes_when_the_clinic_makes_it_its_own(self, client):
        client.post(FORMS, {"do": "examples"})
        document = ConsentDocument.objects.first()
        at = f"{FORMS}{document.reference}/"

        client.post(at, typed(keep_note="yes"))
        assert document.draft.content["note"] == DEMONSTRATION
        client.post(at, typed())
        assert document.draft.content["note"] == ""
        assert gaps(document.draft.content) == []


def test_a_change_is_told_word_for_word():
    found = changes(content(what="One two three."), content(what="One four three."))

    assert [(change.heading, [(part.how, part.words) for part in change.parts]) for change in found] == [
        ("What it is", [("same", "One "), ("gone", "two"), ("new", "four"), ("same", " three.")])
    ]
    assert changes(content(), content()) == []
    assert len(changes(None, content())) == len(HEADINGS) + 3
