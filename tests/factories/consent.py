"""Consent texts, in use and not, and what is signed by them."""

from __future__ import annotations

from clinic.core import clock
from clinic.patients.references import new_reference
from clinic.records.consent import asking
from clinic.records.consent.models import ConsentGrant, ConsentOffer, Method, Scope
from clinic.records.consent_texts import drafting
from clinic.records.consent_texts.content import HEADINGS, compose
from clinic.records.consent_texts.models import ConsentDocument, ConsentRule, ConsentVersion
from clinic.records.entries.signing import Author
from clinic.records.versions.approving import approve
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory
from tests.factories.records import clinician, make_entry


def content(title="Before a treatment", **texts):
    said = {key: f"{heading}: said in words." for key, heading in HEADINGS.items()}
    return compose(title, said | texts, ["Bruising", "Infection"], ["I have read this.", "I had the time I wanted."])


def a_document(name="For a treatment", **texts):
    document = ConsentDocument.objects.create(name=name, created_at=clock.now())
    a_draft(document, content(**texts))
    return document


def a_draft(document, said=None, *, is_material=True):
    return drafting.write(document, said or content(), is_material=is_material, writer=None, now=clock.now())


def in_use(document=None, *, by=None, treatments=()):
    """The document's draft, brought into use; asked for by `treatments`."""
    document = document or a_document()
    drafting.ask_for(document, treatments)
    draft = document.draft
    return approve(draft, by=by or PractitionerFactory(), seen=draft.content_digest, now=clock.now())


def a_text():
    """A document without any version."""
    return ConsentDocument.objects.create(name=new_reference(), created_at=clock.now())


def raw_version(**values):
    known = {"number": 1, "content": {}, "changed_at": clock.now(), "of": values.get("of") or a_text()}
    return ConsentVersion.objects.create(**known | values)


def an_offer(visit, *, scope=Scope.VISIT, visits=None, risks=("Bruising",)):
    """Asked by the visit's practitioner; the treatment gets a text in use if it has none."""
    if not ConsentRule.objects.filter(treatment=visit.treatment).exists():
        in_use(a_document(name=new_reference()), by=visit.practitioner, treatments=[visit.treatment])
    return asking.offer(
        visit=visit,
        by=visit.practitioner,
        details=asking.Details(risks=list(risks)),
        scope=scope,
        visits=visits,
        now=clock.now(),
    )


def a_grant(visit, *, given=None, **about):
    made = an_offer(visit, **about)
    signed = given or asking.Given(method=Method.TYPED, name="Sam Lee", statements=["I have read this."])
    return asking.grant(made, signed, asking.Details(risks=["Bruising"]), now=clock.now())


def raw_grant(**values):
    """A consent as a program with faults would write it: past `asking.grant`, but tied to a true entry and text."""
    visit = values.pop("of", None) or AppointmentFactory(starts_at=clock.now())
    version = in_use(a_text_with_draft())
    entry = make_entry(visit, author=Author.patient(), kind="consent")
    asked = {"version": version, "treatment": visit.treatment, "visit": visit, "asked_by": visit.practitioner}
    made = ConsentOffer(patient=visit.patient, information_given_at=clock.now(), made_at=clock.now(), **asked)
    made.save()
    known = {"granted_on": clock.today(), "expires_on": clock.today(), "scope": "visit", "visits_allowed": 1}
    known |= {"patient": visit.patient, "version_digest": version.content_digest, "information_given_at": clock.now()}
    row = ConsentGrant(entry=entry, offer=made, method="typed", **asked | known | values)
    row.save(force_insert=True)
    return row


def a_text_with_draft():
    return a_document(name=new_reference())


def confirmed(visit=None):
    visit = visit or AppointmentFactory(practitioner=clinician(), starts_at=clock.now())
    return asking.confirm(a_grant(visit), visit=visit, by=visit.practitioner.user, now=clock.now())
