from __future__ import annotations

import pytest

from clinic.core import clock
from clinic.records.consent_texts.content import DEMONSTRATION
from clinic.records.demo import questions
from clinic.records.questions.models import QuestionnaireVersion
from tests.factories.questions import nurse

pytestmark = pytest.mark.django_db


def test_the_demo_uses_our_examples_and_says_so_on_each_page():
    questions.load(clock.now())
    assert not QuestionnaireVersion.objects.exists(), "nobody is there to approve them"

    nurse()
    questions.load(clock.now())
    questions.load(clock.now())

    found = list(QuestionnaireVersion.objects.all())
    assert len(found) == 2
    assert {one.state for one in found} == {"approved"}
    assert all(page.questions[0].text == DEMONSTRATION for one in found for page in one.read().pages)
