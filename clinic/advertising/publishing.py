"""Refuse to publish what may not be advertised (POM-01, POM-22).

A model takes part by inheriting `PublicTextMixin`, or by being listed in `registry`. From then on `gate` checks
it at every door by which its texts can become public; forms say the same earlier and more kindly (`forms`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.rules.check import Report, Surface, Verdict, check_fields
from clinic.core.errors import DomainError

if TYPE_CHECKING:
    from clinic.accounts.models import User


class AdvertisingRefused(DomainError):
    """These texts may not be published where they stand. `str()` says the words, the rule and what to write instead."""

    code = "advertising_refused"

    def __init__(self, report: Report, instance: models.Model) -> None:
        super().__init__(str(report))
        self.report = report
        self.instance = instance


class PublicTextMixin(models.Model):
    """A thing with texts that visitors, search engines or screen readers meet. Put it first among the bases.

    `public_texts` names every one of them by its field: titles, body, meta description, slug, alt texts, captions,
    tags, file names. Return nothing for what is never public (a prescription-only treatment).
    """

    advertising_surface: ClassVar[Surface] = Surface.TREATMENT
    advertising_exempt: ClassVar[Collection[str]] = frozenset()

    class Meta:
        abstract = True

    def public_texts(self) -> dict[str, str]:
        raise NotImplementedError

    def advertising_report(self) -> Report:
        return check_fields(self.public_texts(), surface=self.advertising_surface, exempt=self.advertising_exempt)


def refuse_unlawful(
    instance: models.Model,
    *,
    fields: Mapping[str, str],
    surface: Surface,
    user: User | None,
    exempt: Collection[str] = (),
) -> Report | None:
    """Check, keep the verdict, and raise `AdvertisingRefused` where ADVERTISING_RULES is "uk" and the texts may not go.

    A review passes once a second person has cleared these very texts under this version of the lists.
    """
    if settings.ADVERTISING_RULES == "off":
        return None
    report = check_fields(fields, surface=surface, exempt=exempt)
    is_refused = settings.ADVERTISING_RULES == "uk" and not may_publish(report)
    if is_refused or instance.pk is not None:  # what is new and lawful gets its verdict once it has a key (`gate`)
        AdvertisingVerdict.objects.record(instance, report, user=user)
    if is_refused:
        raise AdvertisingRefused(report, instance)
    return report


def may_publish(report: Report) -> bool:
    if report.verdict is Verdict.REVIEW:
        return AdvertisingVerdict.objects.on(report).cleared().exists()
    return report.verdict is Verdict.PASS


def words_of_picture(image: Any) -> str:
    """What a reader, a screen reader or a search engine gets of a picture: its title, description and file name."""
    return " ".join([image.title, image.description, image.file.name]) if image else ""
