"""Questionnaires, in use or not, and whoever approves them."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from clinic.core import clock
from clinic.records.answering.models import DraftAnswer, FormRequest, QuestionnaireResponse, ResponseReview
from clinic.records.answering.requesting import make_requests
from clinic.records.entries.keys import sealer_of
from clinic.records.entries.models import Kind
from clinic.records.entries.signing import Author, add_entry
from clinic.records.needs.models import TreatmentRules
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.versions.approving import approve
from clinic.records.versions.models import digest_of
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory
from tests.factories.records import database_clock

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


def asked_before(visit, content=None, **about):
    """The requests of a visit whose treatment asks a questionnaire that is in use."""
    rules, _ = TreatmentRules.objects.get_or_create(treatment=visit.treatment)
    rules.questionnaires.add(in_use(content, **about))
    return make_requests(visit, clock.now())


def raw_request(**values):
    """A request of a visit, past the rules that make them."""
    visit = values.pop("visit", None) or AppointmentFactory()
    visit = visit() if callable(visit) else visit
    now = clock.now()
    questionnaire = values.pop("questionnaire", None) or QuestionnaireFactory()
    why = values.pop("waived_why", "")
    request = FormRequest(
        **{"patient": visit.patient, "visit": visit, "questionnaire": questionnaire, "made_at": now, "changed_at": now}
        | values
    )
    if why:
        sealer_of(visit.patient).put(request, "waived_why", why)
    request.save(force_insert=True)
    return request


def raw_answer(request=None, **values):
    row = DraftAnswer(
        **{"request": request or raw_request(), "key": "well", "written_on": "b" * 32, "updated_at": clock.now()}
        | values
    )
    sealer_of(row.request.patient).put(row, "value", "{}")
    row.save(force_insert=True)
    return row


def sent(request=None, *, worst="none", until=None):
    """The response to a request, signed."""
    request = request or raw_request()
    version = request.questionnaire.versions.first() or QuestionnaireVersionFactory(of=request.questionnaire)
    response = QuestionnaireResponse(
        patient=request.patient, request=request, version=version, valid_until=until or clock.today(), worst=worst
    )
    add_entry(
        patient=request.patient,
        kind=Kind.QUESTIONNAIRE,
        body={"answers": [], "flags": []},
        author=Author.patient(),
        occurred_at=database_clock(),
        visit=request.visit,
        typed=[response],
    )
    return response


def reviewed(response=None, **values):
    """A review of a response."""
    response = response or sent()
    reviewer = nurse()
    review = ResponseReview(
        **{"patient": response.patient, "response": response, "reviewer": reviewer}
        | {"reviewed_on": clock.today(), "open_flags": 0}
        | values
    )
    add_entry(
        patient=response.patient,
        kind=Kind.REVIEW,
        body={"flags": []},
        author=Author.staff(reviewer.user),
        occurred_at=database_clock(),
        visit=response.request.visit,
        typed=[review],
    )
    return review
