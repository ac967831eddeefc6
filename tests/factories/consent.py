"""Consent texts, in use and not, and what is signed by them."""

from __future__ import annotations

from clinic.core import clock
from clinic.patients.references import new_reference
from clinic.records.consent_texts import drafting
from clinic.records.consent_texts.content import HEADINGS, compose
from clinic.records.consent_texts.models import ConsentDocument, ConsentVersion
from clinic.records.versions.approving import approve
from tests.factories.clinic import PractitionerFactory


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
