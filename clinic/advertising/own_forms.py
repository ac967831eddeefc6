"""Bring the refusal to forms that are not built on `LawfulModelForm`: the clinic's settings, and Wagtail's redirects."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from wagtail.contrib.redirects.models import Redirect

from clinic.advertising.forms import LawfulModelForm
from clinic.advertising.registry import PUBLISHED, words_of
from clinic.advertising.rules.check import Surface, check_text
from clinic.core.models import ClinicSettings


def connect() -> None:
    # The settings lie below this package, and ask their model which form to build on.
    ClinicSettings.base_form_class = LawfulModelForm  # type: ignore[attr-defined]
    for name in PUBLISHED["wagtailredirects.Redirect"].fields:
        # Wagtail's redirect views name their form; what a field's validators say stands beside the field in any form.
        Redirect._meta.get_field(name).validators.append(lawful_address)  # noqa: SLF001 -- its public name


def lawful_address(value: str) -> None:
    if settings.ADVERTISING_RULES == "uk" and (hits := check_text(words_of(value), surface=Surface.META)):
        raise ValidationError([str(hit) for hit in hits], code="advertising")
