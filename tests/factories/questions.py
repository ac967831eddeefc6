"""Questionnaires, in use or not, and whoever approves them."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from clinic.core import clock
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.versions.approving import approve
from clinic.records.versions.models import digest_of
from tests.factories.clinic import PractitionerFactory, StaffFactory

WELL = {"key": "well", "text": "Are you well today?", "type": "yes_no", "required": True, "detail": "What is wrong?"}


def content_with(*questions, **others):
    """A page with these questions, or with one about being well."""
    return {"pages": [{"title": "Your health", "questions": list(questions) or [WELL]}], **others}


class QuestionnaireFactory(DjangoModelFactory):
    class Meta:
        model = Questionnaire

    slug = factory.Sequence(lambda n: f"questionnaire-{n}")
    title = factory.Sequence(lambda n: f"Questionnaire {n}")


class QuestionnaireVersionFactory(DjangoModelFactory):
    """A draft."""

    class Meta:
        model = QuestionnaireVersion

    of = factory.SubFactory(QuestionnaireFactory)
    number = 1
    content = factory.LazyFunction(content_with)
    changed_at = factory.LazyFunction(clock.now)


def nurse(**values):
    """A practitioner with an account, who may approve texts."""
    return PractitionerFactory(user=StaffFactory(role="practitioner", **values))


def in_use(content=None, *, by=None, **about):
    """A questionnaire with a version in use."""
    draft = QuestionnaireVersionFactory(content=content or content_with(), of=QuestionnaireFactory(**about))
    seen = digest_of(draft.content)
    return approve(draft, by=by or PractitionerFactory(), seen=seen, now=clock.now()).of
