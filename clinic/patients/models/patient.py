from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection, models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Lower, Upper
from phonenumber_field.modelfields import PhoneNumberField

from clinic.core.abstract import OutsideCms
from clinic.core.sealing.fields import SealedField, for_pages, index_of_keys
from clinic.patients import names, validation
from clinic.patients.references import new_reference


def folded(name: Any) -> Func:
    """A name as it is compared: `person_fold` of migration 0004 takes case, accents, spaces and marks away."""
    return Func(name, function="person_fold", output_field=models.TextField())


def fold(name: str) -> str:
    """What PostgreSQL makes of a name to compare it, for comparing beside the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_fold(%s)", [name])
        return str(cursor.fetchone()[0])


class PatientQuerySet(models.QuerySet["Patient"]):
    def same_person(self, *, full_name: str, email: str, phone: str, date_of_birth: date | None) -> PatientQuerySet:
        """Patients of this name, birthday and email address: a family may share the address, and twins the birthday.

        Without an address the telephone number decides; without either, or where no birthday is given, nobody is taken
        for somebody else: two birthdays that were never asked are not the same.
        The details of a record that was merged into another lead to that other.
        """
        if date_of_birth is None:
            return self.none()
        alike = self.filter(name_key=folded(Value(full_name)), date_of_birth=date_of_birth)
        if email:
            found = alike.filter(contact_key=Lower(Value(email)))
        else:
            found = alike.filter(phone=phone) if phone else alike.none()
        return found.remaining().order_by("kept_apart", "pk")

    def current(self) -> PatientQuerySet:
        """Records that were not merged into another."""
        return self.filter(merged_into=None)

    def remaining(self) -> PatientQuerySet:
        """These records, and for those that were merged the one that remained."""
        remain = self.order_by().values(remains=Coalesce("merged_into", "pk"))
        return PatientQuerySet(Patient).filter(pk__in=remain)


PatientManager = models.Manager.from_queryset(PatientQuerySet)


def ways_to_remind() -> list[tuple[str, str]]:
    """The choices of how a patient is reminded; by reference in migrations, so that a new way needs none."""
    return [(way.value, str(way.label)) for way in Patient.Channel]


@pghistory.track(
    exclude=["name_key", "contact_key"],
    meta={
        "indexes": [
            index_of_keys("access_needs", "patient_event_needs_keys"),
            index_of_keys("contact_note", "patient_event_contact_keys"),
        ]
    },
)
class Patient(OutsideCms):
    """Someone the clinic sees, with or without an account."""

    class Channel(models.TextChoices):
        EMAIL = "email", "Email"
        SMS = "sms", "Text message"
        BOTH = "both", "Email and text message"

    class LetterFormat(models.TextChoices):
        STANDARD = "standard", "Standard"
        LARGE_PRINT = "large_print", "Large print"
        TEXT_ONLY = "text_only", "Words only, for a screen reader or braille"

    reference = models.CharField(
        max_length=12,
        unique=True,
        editable=False,
        default=new_reference,
        db_default=Func(function="new_patient_reference", output_field=models.CharField()),
        help_text="What the record is called in addresses.",
    )
    full_name = models.CharField(max_length=150)
    email = models.EmailField(max_length=254, blank=True, default="", help_text="Empty: nothing is sent by email.")
    phone = PhoneNumberField(blank=True, default="")
    date_of_birth = models.DateField(
        null=True, blank=True, help_text="Empty: not asked yet, at the desk. Once known it stays known."
    )
    contact_by = models.CharField("reminders by", max_length=10, choices=ways_to_remind, default=Channel.BOTH)
    letter_format = models.CharField(
        "emails as",
        max_length=12,
        choices=LetterFormat.choices,
        default=LetterFormat.STANDARD,
        db_default=LetterFormat.STANDARD,
    )
    access_needs = SealedField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        about="access needs",
        bound_to="reference",
        help_text="Such as step-free access or an interpreter.",
    )
    contact_note = SealedField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        about="contact note",
        bound_to="reference",
        help_text="Such as “Do not ring at work”.",
    )
    marketing_opted_in_at = models.DateTimeField(
        "asked for invitations", null=True, blank=True, help_text="When she agreed to marketing by email; empty if not."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # What says that two records are of one person. PostgreSQL writes both, so no path into the table can forget it.
    name_key = models.GeneratedField(
        expression=folded(F("full_name")), output_field=models.TextField(), db_persist=True, editable=False
    )
    contact_key = models.GeneratedField(
        expression=Case(
            When(~Q(email=""), then=Lower("email")),
            When(~Q(phone=""), then=Cast("phone", models.TextField())),
            output_field=models.TextField(null=True),
        ),
        output_field=models.TextField(null=True),
        db_persist=True,
        editable=False,
    )
    kept_apart = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Not 0: a record of the same person from before the names were folded, to be merged by hand.",
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged_records",
        help_text="The record of the same person that remained; never one that was itself merged.",
    )

    objects: ClassVar[PatientManager[Patient]] = PatientManager()
    shown_access_needs, shown_contact_note = for_pages("access_needs"), for_pages("contact_note")

    class Meta:
        ordering = ["full_name"]
        indexes = [
            models.Index(Lower("email"), name="patient_email"),
            GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="patient_name_parts"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="patient_email_parts"),
            GinIndex(OpClass("phone", name="gin_trgm_ops"), name="patient_phone_parts"),
            models.Index(fields=["date_of_birth"], name="patient_birthday"),
            models.Index(fields=["name_key", "id"], name="patient_by_name", condition=Q(merged_into=None)),
            index_of_keys("access_needs", "patient_needs_keys"),
            index_of_keys("contact_note", "patient_contact_keys"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contact_key", "date_of_birth", "name_key", "kept_apart"],
                condition=Q(merged_into=None),
                name="one_record_for_each_patient",
                violation_error_message="There is already a record for this patient.",
            ),
            models.CheckConstraint(
                name="patient_was_born_after_1900",
                condition=models.Q(date_of_birth__gte=date(1900, 1, 1)),
                violation_error_message="Date of birth must be after 1900.",
            ),
            models.CheckConstraint(
                name="patient_details_are_of_their_length",
                condition=Q(access_needs__length__lte=2000, contact_note__length__lte=1500),  # 300 and 200, sealed
                violation_error_message="Access needs or the note on contact are too long.",
            ),
            models.CheckConstraint(
                name="patient_is_not_merged_into_themselves",
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                violation_error_message="A record cannot be merged into itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def reached_by(self) -> list[str]:
        """The channels by which anything can be sent at all: an address, a number that takes texts."""
        takes_texts = validation.takes_texts(str(self.phone))
        return [*([self.Channel.EMAIL] if self.email else []), *([self.Channel.SMS] if takes_texts else [])]

    @property
    def told_by(self) -> list[str]:
        """The channels that the patient chose; where none of those reaches them, what does."""
        able = self.reached_by
        return [channel for channel in able if self.contact_by in {channel, self.Channel.BOTH}] or able

    @property
    def first_name(self) -> str:
        """The word to greet with, or nothing."""
        return names.first_name(self.full_name)

    @property
    def short_name(self) -> str:
        """Initial and surname, for a screen that others can see."""
        return names.short_name(self.full_name)
