from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from clinic.core.errors import broken_constraint
from clinic.records.questions.models import QuestionnaireVersion
from tests.factories.questions import QuestionnaireVersionFactory, content_with, in_use

pytestmark = pytest.mark.django_db


def test_an_approved_version_never_changes():
    version = in_use().versions.get()

    for change in ({"content": content_with()["pages"]}, {"number": 2}, {"state": "draft"}, {"approved_by": None}):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            QuestionnaireVersion.objects.filter(pk=version.pk).update(**change)
        assert broken_constraint(refused.value) == "approved_version_never_changes"
    with pytest.raises(IntegrityError), transaction.atomic():
        version.delete()
    QuestionnaireVersion.objects.filter(pk=version.pk).update(state="retired")

    draft = QuestionnaireVersionFactory()
    QuestionnaireVersion.objects.filter(pk=draft.pk).update(number=7)
    draft.delete()
