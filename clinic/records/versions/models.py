"""A text that a clinician signs before it is used: numbered versions, of which one is in use and none is ever changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.core.abstract import OutsideCms
from clinic.practitioners.models import Practitioner


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "In use"
    RETIRED = "retired", "No longer used"


class Version(OutsideCms):
    """One version; a subclass names what it is of (`of`), and adds `version_constraints`.

    From its approval on a trigger keeps number, content and approval as they are (migration `0001_versions`).
    """

    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    content: models.JSONField[Any] = models.JSONField()
    content_digest = models.CharField(max_length=64, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()
    approved_by = models.ForeignKey(Practitioner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    of: ClassVar[Any]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.of}, version {self.number} ({State(self.state).label})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.content_digest = digest_of(self.content)
        super().save(*args, **kwargs)


def digest_of(content: Any) -> str:
    """SHA-256 of the content, whatever the order of its keys, in hexadecimal."""
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def version_constraints(name: str) -> list[models.BaseConstraint]:
    """What holds of versions of each kind; `name` begins the constraints' names."""
    return [
        models.UniqueConstraint(
            fields=["of", "number"],
            name=f"{name}_numbers_are_given_once",
            violation_error_message="There is a version with this number.",
        ),
        models.UniqueConstraint(
            fields=["of"],
            condition=Q(state=State.APPROVED),
            name=f"{name}_has_one_version_in_use",
            violation_error_message="Another version is in use.",
        ),
        models.UniqueConstraint(
            fields=["of"],
            condition=Q(state=State.DRAFT),
            name=f"{name}_has_one_draft",
            violation_error_message="There is a draft already.",
        ),
        models.CheckConstraint(
            name=f"{name}_in_use_was_approved",
            condition=Q(state=State.DRAFT, approved_by=None, approved_at=None)
            | ~Q(state=State.DRAFT) & Q(approved_by__isnull=False, approved_at__isnull=False),
            violation_error_message="A practitioner approves a version before it is used.",
        ),
    ]
