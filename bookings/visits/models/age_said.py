"""What a patient said of their age at the desk, where the date of birth is not known yet."""

from __future__ import annotations

from enum import Enum

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.catalogue.models import Treatment

SAID_AT_LEAST = 18


class AgeQuestion(Enum):
    """What has to be known of someone's age before a visit is agreed with them at the desk."""

    NONE = "none"
    WORD = "word"
    BIRTHDAY = "birthday"


def age_question(treatment: Treatment) -> AgeQuestion:
    """The birthday where the law wants it before a time is kept, or an age that their word does not reach.

    Source: Botulinum Toxin and Cosmetic Fillers (Children) Act 2021 s.2: to arrange such a visit is the offence.
    """
    if treatment.asks_date_of_birth_first or treatment.minimum_age > SAID_AT_LEAST:
        return AgeQuestion.BIRTHDAY
    return AgeQuestion.WORD if treatment.minimum_age else AgeQuestion.NONE


class WithAgeSaid(models.Model):
    """Of a visit: at least how old its patient says to be, when, and to whom. Triggers of migration 0030 keep it.

    A visit of a patient without a birthday is agreed at the desk alone, and not where the law wants the birthday first;
    it has this statement where the treatment has a minimum age, and starts once the birthday is known. A statement is
    never changed.
    """

    age_said = models.PositiveSmallIntegerField("at least this old, by their own word", null=True, blank=True)
    age_said_at = models.DateTimeField(null=True, blank=True)
    age_said_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


def age_said_is_whole() -> models.CheckConstraint:
    """Of a statement nothing is missing, or all of it."""
    parts = ("age_said", "age_said_at", "age_said_to")
    none, whole = (Q(**{f"{name}__isnull": is_null for name in parts}) for is_null in (True, False))
    return models.CheckConstraint(
        name="appointment_age_said_is_whole",
        condition=none | whole,
        violation_error_message="A statement of age says how old, when and to whom.",
    )
