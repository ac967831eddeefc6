"""The proof of care: what was checked, with which list, what it found, and who cleared it why (POM-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q

from clinic.advertising.rules.check import Report, Surface, Verdict
from clinic.core.errors import DomainError

if TYPE_CHECKING:
    from clinic.accounts.models import User


class VerdictIsKept(DomainError):
    """A kept verdict is evidence: it is never changed or deleted."""

    code = "verdict_is_kept"


class ClearingRefused(DomainError):
    """Only a review can be cleared, with a reason, by someone other than the first who asked to publish."""

    code = "clearing_refused"


class AdvertisingVerdictQuerySet(models.QuerySet["AdvertisingVerdict"]):
    def of(self, instance: models.Model) -> AdvertisingVerdictQuerySet:
        return self.filter(content_type=ContentType.objects.get_for_model(instance), object_id=_object_id(instance))

    def on(self, report: Report) -> AdvertisingVerdictQuerySet:
        """Verdicts on these very texts on this surface, by this version of the lists."""
        return self.filter(text_hash=report.text_hash, list_version=report.list_version)

    def cleared(self) -> AdvertisingVerdictQuerySet:
        return self.exclude(cleared_by=None)

    def awaiting_clearance(self) -> AdvertisingVerdictQuerySet:
        """Reviews that no one has cleared, of texts that no one has cleared."""
        cleared = AdvertisingVerdict.objects.exclude(cleared_by=None).filter(
            text_hash=models.OuterRef("text_hash"), list_version=models.OuterRef("list_version")
        )
        return self.filter(Q(verdict=Verdict.REVIEW), ~models.Exists(cleared))

    def record(self, instance: models.Model, report: Report, *, user: User | None) -> AdvertisingVerdict:
        """Keep this verdict once: the same finding on the same texts of the same thing by the same user is no news."""
        known = self.of(instance).on(report).filter(checked_by=user, cleared_by=None).first()
        return known or self.keep(instance, report, user=user)

    def keep(self, instance: models.Model, report: Report, *, user: User | None) -> AdvertisingVerdict:
        """Keep the first verdict on a new row; on any other, `record` looks first whether it is known."""
        return self.create(
            content_type=ContentType.objects.get_for_model(instance),
            object_id=_object_id(instance),
            surface=report.surface,
            text_hash=report.text_hash,
            list_version=report.list_version,
            verdict=report.verdict,
            hits=[asdict(hit) for hit in report.hits],
            checked_by=user,
        )

    def clear(self, verdict: AdvertisingVerdict, *, by: User, reason: str) -> AdvertisingVerdict:
        """Add a row that clears a review. The first person is the one who first asked to publish these texts."""
        same = self.filter(text_hash=verdict.text_hash, list_version=verdict.list_version)
        first = same.exclude(checked_by=None).order_by("created_at", "pk").first()
        first_person = first.checked_by if first else None
        _refuse_clearing(verdict, by=by, first_person=first_person, reason=reason)
        return self.create(
            content_type=verdict.content_type,
            object_id=verdict.object_id,
            surface=verdict.surface,
            text_hash=verdict.text_hash,
            list_version=verdict.list_version,
            verdict=verdict.verdict,
            hits=verdict.hits,
            checked_by=first_person,
            cleared_by=by,
            cleared_reason=reason.strip(),
        )

    def update(self, **_values: Any) -> NoReturn:
        raise VerdictIsKept("A kept verdict is never changed: clearing adds a row.")

    def delete(self) -> NoReturn:
        raise VerdictIsKept("A kept verdict is never deleted.")


AdvertisingVerdictManager = models.Manager.from_queryset(AdvertisingVerdictQuerySet)


class AdvertisingVerdict(models.Model):
    """One check of one thing's public texts. Rows are only ever added."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.CharField(max_length=64, blank=True, help_text="Blank: refused before it was first saved.")
    content_object = GenericForeignKey("content_type", "object_id")
    surface = models.CharField(max_length=20, choices=[(surface.value, surface.value) for surface in Surface])
    text_hash = models.CharField(max_length=64)
    list_version = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=[(verdict.value, verdict.value) for verdict in Verdict])
    hits = models.JSONField(default=list, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AdvertisingVerdictManager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["text_hash", "list_version"], name="verdict_by_text"),
            models.Index(fields=["content_type", "object_id"], name="verdict_by_object"),
        ]
        constraints = [
            models.CheckConstraint(
                name="only_a_review_is_cleared",
                condition=Q(cleared_by=None) | Q(verdict=Verdict.REVIEW.value),
                violation_error_message="Only a review can be cleared: a block is a matter of law.",
            ),
            models.CheckConstraint(
                name="cleared_by_a_second_person",
                condition=Q(cleared_by=None) | Q(checked_by=None) | ~Q(cleared_by=F("checked_by")),
                violation_error_message="A second person clears a text, not the one who asked to publish it.",
            ),
            models.CheckConstraint(
                name="clearing_has_a_reason",
                condition=Q(cleared_by=None, cleared_reason="") | (Q(cleared_by__isnull=False) & ~Q(cleared_reason="")),
                violation_error_message="Whoever clears a text gives the reason.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} ({self.surface}, list {self.list_version})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise VerdictIsKept("A kept verdict is never changed: clearing adds a row.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise VerdictIsKept("A kept verdict is never deleted.")


def _object_id(instance: models.Model) -> str:
    return "" if instance.pk is None else str(instance.pk)


def _refuse_clearing(verdict: AdvertisingVerdict, *, by: User, first_person: User | None, reason: str) -> None:
    refusals: Sequence[tuple[bool, str]] = (
        (verdict.verdict != Verdict.REVIEW, "Only a review can be cleared: a block is a matter of law."),
        (by == first_person, "A second person clears a text, not the one who asked to publish it."),
        (not reason.strip(), "Whoever clears a text gives the reason."),
    )
    for refused, sentence in refusals:
        if refused:
            raise ClearingRefused(sentence)
