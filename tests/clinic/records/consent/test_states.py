"""A consent holds or has lapsed, with its reason in one sentence; withdrawal and confirmation come in one order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from clinic.core import clock
from clinic.core.errors import broken_constraint
from clinic.records.consent import asking, copies
from clinic.records.consent.models import ConsentConfirmation, ConsentGrant, ConsentWithdrawal, Method, Scope
from clinic.records.consent.states import Holds, consent_state, missing_for
from clinic.records.entries.chain import faults
from clinic.records.entries.models import Kind
from clinic.records.reading.opening import open_own_record
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory, TreatmentFactory
from tests.factories.consent import a_draft, a_grant, an_offer, content, in_use
from tests.factories.records import clinician, make_entry, visit_of

DAY = timedelta(days=1)


@pytest.fixture
def visit():
    return visit_of(clinician(name="Nurse Ann"))


def state(visit, *, now=None, at=None):
    treatment = visit.treatment
    return consent_state(patient=visit.patient, treatment=treatment, now=now or clock.now(), visit=at)


def another(visit, **values):
    values = {"starts_at": visit.starts_at + 7 * DAY, **values}
    return AppointmentFactory(
        patient=visit.patient, practitioner=visit.practitioner, treatment=visit.treatment, **values
    )


def confirmed(grant, visit):
    return asking.confirm(grant, visit=visit, by=visit.practitioner.user, now=clock.now())


def struck(entry, visit):
    return make_entry(visit, kind=Kind.STRIKE, corrects=entry)


@pytest.mark.django_db
class TestStates:
    def test_none_is_asked_for_where_the_treatment_has_no_text(self, visit):
        assert state(visit).holds == Holds.NOT_ASKED
        assert missing_for(visit, clock.now()) == ""

    def test_from_none_to_valid_to_confirmed(self, visit):
        an_offer(visit)
        assert state(visit).holds == Holds.NONE
        assert missing_for(visit, clock.now()) == "Ask for consent. No consent has been given yet."
        grant = a_grant(visit)
        assert (state(visit, at=visit).holds, state(visit).grant) == (Holds.VALID, grant)
        assert missing_for(visit, clock.now()) == "Ask whether they are still happy to go ahead."
        confirmed(grant, visit)
        assert missing_for(visit, clock.now()) == ""
        assert list(faults()) == []

    def test_it_lapses_by_withdrawal_with_one_sentence(self, visit):
        grant = a_grant(visit)
        confirmed(grant, visit)
        first = asking.withdraw(grant, by=None, said="", now=clock.now())

        assert asking.withdraw(grant, by=visit.practitioner.user, said="", now=clock.now()) == first
        assert state(visit, at=visit).holds == Holds.LAPSED
        assert state(visit).why.startswith("It was withdrawn on ")
        assert missing_for(visit, clock.now()).startswith("Ask for consent. It was withdrawn on ")
        with pytest.raises(asking.Lapsed, match=r"Ask for consent again\.$"):
            confirmed(grant, another(visit))

    def test_it_runs_out_after_twelve_months(self, visit):
        grant = a_grant(visit, scope=Scope.UNTIL)

        assert (grant.expires_on - grant.granted_on).days in {365, 366}
        assert state(visit, now=clock.now() + 360 * DAY).is_valid
        assert state(visit, now=clock.now() + 368 * DAY).why.startswith("It ran out on ")

    def test_it_is_used_up(self, visit):
        grant = a_grant(visit, scope=Scope.COURSE, visits=2)
        second, third = another(visit), another(visit, starts_at=visit.starts_at + 14 * DAY)
        for one in (visit, visit, second):
            confirmed(grant, one)

        assert state(visit, at=second).is_valid
        assert state(visit, at=third).why == "It was for 2 visits, and no more."
        with pytest.raises(asking.Lapsed):
            confirmed(grant, third)

    def test_one_for_a_visit_is_for_no_other(self, visit):
        a_grant(visit)

        assert state(visit, at=another(visit)).why == "It was for another visit."

    @pytest.mark.parametrize(("is_material", "holds"), [(True, Holds.LAPSED), (False, Holds.VALID)])
    def test_a_newer_text_matters_or_does_not(self, visit, is_material, holds):
        document = a_grant(visit).version.of
        a_draft(document, content(what="Other words"), is_material=is_material)
        assert state(visit).is_valid
        in_use(document, treatments=[visit.treatment])

        assert state(visit).holds == holds
        assert ("The text was changed in a way that matters on" in state(visit).why) is is_material

    def test_one_that_was_struck_counts_for_nothing_and_so_does_a_struck_confirmation(self, visit):
        grant = a_grant(visit)
        struck(confirmed(grant, visit).entry, visit)
        assert missing_for(visit, clock.now()) == "Ask whether they are still happy to go ahead."
        confirmed(grant, visit)
        assert missing_for(visit, clock.now()) == ""
        struck(grant.entry, visit)
        assert state(visit).why == "The consent was struck as entered in error."

    def test_it_is_of_one_treatment(self, visit):
        grant = a_grant(visit)
        other = TreatmentFactory()
        in_use_for = grant.version.of
        in_use_for.rules.create(treatment=other)

        assert consent_state(patient=visit.patient, treatment=other, now=clock.now()).holds == Holds.NONE


@pytest.mark.django_db
class TestAsking:
    def test_the_one_who_treats_asks_and_nobody_else(self, visit):
        an_offer(visit)
        for by in (PractitionerFactory(), clinician()):
            with pytest.raises(asking.NotAskedByTreater):
                asking.offer(
                    visit=visit, by=by, details=asking.Details(), scope=Scope.VISIT, visits=None, now=clock.now()
                )

    def test_nothing_is_asked_without_a_text_in_use(self, visit):
        with pytest.raises(asking.NoText):
            asking.offer(
                visit=visit,
                by=visit.practitioner,
                details=asking.Details(),
                scope=Scope.VISIT,
                visits=None,
                now=clock.now(),
            )

    def test_what_is_signed_is_what_was_shown_and_once(self, visit):
        offer = an_offer(visit)
        given = asking.Given(method=Method.TYPED, name="Sam Lee", statements=["I have read this."], remarks="#x [[y]]")
        grant = asking.grant(offer, given, asking.Details(risks=["Bruising"]), now=clock.now())
        with pytest.raises(asking.Signed) as again:
            asking.grant(offer, given, asking.Details(), now=clock.now())
        body = open_body(visit, grant.entry)

        assert again.value.grant == grant
        assert body["text"] == offer.version.content
        assert (body["risks"], body["remarks"]) == (["Bruising"], "#x [[y]]")
        assert (grant.entry.author_is, grant.entry.kind) == ("patient", "consent")

    def test_a_text_that_was_changed_meanwhile_is_not_signed(self, visit):
        offer = an_offer(visit)
        a_draft(offer.version.of)
        in_use(offer.version.of, treatments=[visit.treatment])
        given = asking.Given(method=Method.TYPED, name="Sam Lee", statements=[])

        with pytest.raises(asking.OldVersion, match="read it once more"):
            asking.grant(offer, given, asking.Details(), now=clock.now())


def open_body(visit, entry):
    return _opened(visit.patient).body(entry)


def _opened(patient):
    return open_own_record(patient=patient, page="test")


@pytest.mark.django_db
def test_the_copy_says_it_all_and_is_known_again(visit):
    strokes = [[(n, n) for n in range(9)]]
    given = asking.Given(method=Method.DRAWN, name="Sam Lee", statements=["I have read this."], strokes=strokes)
    grant = a_grant(visit, given=given)
    copy = grant.entry.consent_copy
    made = copies.pdf_in(copy, _opened(visit.patient))
    reader = PdfReader(BytesIO(made))
    text = " ".join(page.extract_text() for page in reader.pages)

    for said in (visit.patient.full_name, "Nurse Ann", "Bruising", "I have read this.", f"Entry: {grant.entry.number}"):
        assert said in text
    assert grant.entry.digest.hex()[:16] in text
    assert str(visit.treatment) not in reader.metadata.title
    assert copies.is_ours(made, [visit.patient_id]) == copy
    assert copies.is_ours(made + b" ", [visit.patient_id]) is None
    assert copies.is_ours(made, [visit.patient_id + 1]) is None


@pytest.mark.django_db
class TestTheDatabase:
    def test_refuses_to_change_what_was_signed(self, visit):
        grant = a_grant(visit)
        rows = [grant, confirmed(grant, visit), asking.withdraw(grant, by=None, said="", now=clock.now())]
        for row in (*rows, grant.entry.consent_copy):
            of_it = type(row).objects.filter(pk=row.pk)
            for change in (
                lambda of_it=of_it: of_it.update(patient=1),
                lambda of_it=of_it: of_it._raw_delete("default"),
            ):
                with pytest.raises(IntegrityError) as refused, transaction.atomic():
                    change()
                assert broken_constraint(refused.value) == "record_is_append_only"

    def test_ties_a_consent_to_what_its_text_said(self, visit):
        grant, other = a_grant(visit), in_use()
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            _again(grant, visit, version_digest="0" * 64)
        assert other.content_digest
        assert broken_constraint(refused.value) == "consent_is_to_what_the_version_said"

    @pytest.mark.parametrize(
        ("model", "name"),
        [
            (ConsentConfirmation, "confirmation_is_of_the_patients_consent"),
            (ConsentWithdrawal, "withdrawal_is_of_the_patients_consent"),
        ],
    )
    def test_ties_them_to_a_consent_of_the_same_patient(self, visit, model, name):
        grant, others = a_grant(visit), visit_of(clinician())
        about = {"visit": others, "asked_by": others.practitioner} if model is ConsentConfirmation else {"by": "staff"}
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            make_entry(others, typed=[model(patient=others.patient, grant=grant, **about)])
        assert broken_constraint(refused.value) == name

    def test_confirms_nothing_that_was_withdrawn_nor_more_than_was_allowed(self, visit):
        grant = a_grant(visit)
        confirmed(grant, visit)
        for name in ("consent_is_confirmed_as_often_as_it_allows", "withdrawn_consent_is_not_confirmed"):
            typed = ConsentConfirmation(patient=visit.patient, grant=grant, visit=visit, asked_by=visit.practitioner)
            with pytest.raises(IntegrityError) as refused, transaction.atomic():
                make_entry(visit, kind="consent_confirmation", typed=[typed])
            assert broken_constraint(refused.value) == name
            asking.withdraw(grant, by=None, said="", now=clock.now())


def _again(grant, visit, **values):
    entry = make_entry(visit, kind="consent")
    fields = {field.attname: getattr(grant, field.attname) for field in ConsentGrant._meta.concrete_fields}
    offer = an_offer(visit)
    ConsentGrant(**{**fields, "entry_id": entry.pk, "offer_id": offer.pk, **values}).save(force_insert=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_withdrawn_and_confirmed_at_once_is_one_order_or_the_other():
    for _ in range(8):
        visit = visit_of(clinician())
        grant = a_grant(visit, scope=Scope.COURSE, visits=12)

        def confirm(visit=visit, grant=grant):
            try:
                return confirmed(grant, visit)
            except asking.Lapsed:
                return None
            finally:
                connection.close()

        def withdraw(grant=grant):
            try:
                return asking.withdraw(grant, by=None, said="", now=clock.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(one) for one in (confirm, withdraw) * 4]
        rows = {answer.result() for answer in answers}
        gone = ConsentWithdrawal.objects.get(grant=grant)
        later = ConsentConfirmation.objects.filter(grant=grant, entry__number__gt=gone.entry.number)

        assert gone in rows
        assert not later.exists()
        assert ConsentConfirmation.objects.filter(grant=grant).count() <= 1
        assert list(faults()) == []
