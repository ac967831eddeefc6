"""The same refusal as the gate's, said in the form: on the field, with the rule and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import DraftStateMixin

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import may_publish
from clinic.advertising.registry import public_texts, report_on
from clinic.advertising.rules.check import CAVEAT, Report

if TYPE_CHECKING:
    from django.forms import ModelForm

    _Form = ModelForm[Any]
else:
    _Form = object


class AdvertisingFormMixin(_Form):
    """First base of a `WagtailAdminModelForm` or `WagtailAdminPageForm` (or of any ModelForm).

    Drafts are saved with whatever they say. Publishing and scheduling, and every save of a model without drafts, are
    refused with an error on each field where the words stand. The verdict is kept with the user as first person.
    """

    def _post_clean(self) -> None:
        # Django's own hook: from here on the instance holds the cleaned values, and of fields with an error the old ones.
        super()._post_clean()  # type: ignore[misc]
        if self._makes_public() and settings.ADVERTISING_RULES != "off":
            self._check_advertising()

    def _makes_public(self) -> bool:
        return not isinstance(self.instance, DraftStateMixin) or bool(self.data.get("action-publish"))

    def _check_advertising(self) -> None:
        instance: models.Model = self.instance
        if not public_texts(instance):
            return
        report = report_on(instance)
        if not report.hits:
            return
        if not self.errors:
            AdvertisingVerdict.objects.record(instance, report, user=getattr(self, "for_user", None))
        if settings.ADVERTISING_RULES == "uk" and not may_publish(report):
            self._add_hits(report)

    def _add_hits(self, report: Report) -> None:
        for hit in report.hits:
            name = hit.field.partition(".")[0]
            place = name if name in self.fields else None
            sentence = str(hit) if place else f"{hit.field}: {hit}"
            self.add_error(place, ValidationError(sentence, code="advertising"))
        self.add_error(None, ValidationError(CAVEAT, code="advertising"))


class LawfulModelForm(AdvertisingFormMixin, WagtailAdminModelForm):
    """Says what may not be published beside the field that says it."""
