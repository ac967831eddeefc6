"""What the database judges of consents: who asked for which text, what was granted, confirmed on the day, withdrawn."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.core.abstract import AddedToOnly, OutsideCms
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.records.consent_texts.models import ConsentVersion
from clinic.records.entries.fields import RecordText
from clinic.records.entries.models import Entry

A_YEAR, MOST_VISITS = timedelta(days=366), 12


class Scope(models.TextChoices):
    VISIT = "visit", "This visit"
    COURSE = "course", "A course of visits"
    UNTIL = "until", "Twelve months"


class Method(models.TextChoices):
    DRAWN = "drawn", "Drawn"
    TYPED = "typed", "Typed"
    WITNESSED = "witnessed", "Said before a witness"


class ConsentOffer(OutsideCms):
    """A text that a practitioner asks a patient to consent by, on the clinic's tablet or by a link. Signed once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consent_offers")
    visit = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="consent_offers")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ConsentVersion, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    information_given_at = models.DateTimeField()
    scope = models.CharField(max_length=6, choices=Scope.choices, default=Scope.VISIT)
    visits_allowed = models.PositiveSmallIntegerField(null=True, blank=True)
    details = RecordText(about="consent offer", blank=True, default="")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "text to consent by"
        verbose_name_plural = "texts to consent by"

    def __str__(self) -> str:
        return f"Version {self.version.number}, asked by {self.asked_by}"


class ConsentGrant(AddedToOnly):
    """`version` and `version_digest` are one key: what was consented to is what that version said."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="consent")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    offer = models.OneToOneField(ConsentOffer, on_delete=models.PROTECT, related_name="grant")
    version = models.ForeignKey(ConsentVersion, on_delete=models.PROTECT, related_name="grants")
    version_digest = models.CharField(max_length=64)
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=6, choices=Scope.choices)
    visit = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="consents")
    visits_allowed = models.PositiveSmallIntegerField(null=True, blank=True)
    granted_on = models.DateField()
    expires_on = models.DateField()
    asked_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    information_given_at = models.DateTimeField()
    method = models.CharField(max_length=9, choices=Method.choices)

    class Meta:
        verbose_name = "consent"
        indexes = [models.Index(fields=["patient", "treatment"], name="consent_of_patient")]
        constraints = [
            models.UniqueConstraint(name="consent_and_its_patient", fields=["entry", "patient"]),
            models.CheckConstraint(
                name="consent_lasts_a_year_at_most",
                condition=Q(expires_on__gte=F("granted_on")) & Q(expires_on__lte=F("granted_on") + A_YEAR),
                violation_error_message="A consent lasts twelve months at most.",
            ),
            models.CheckConstraint(
                name="consent_covers_1_to_12_visits",
                condition=Q(scope=Scope.VISIT, visits_allowed__isnull=False, visits_allowed=1)
                | Q(scope=Scope.COURSE, visits_allowed__isnull=False, visits_allowed__range=(1, MOST_VISITS))
                | Q(scope=Scope.UNTIL, visits_allowed=None),
                violation_error_message="A consent is for one visit, for 1 to 12, or until a day.",
            ),
        ]

    def __str__(self) -> str:
        return f"Consent of {self.granted_on}"


class ConsentConfirmation(AddedToOnly):
    """“Still happy to go ahead?”, asked on the day (CON-03). A trigger refuses one of a consent that was withdrawn or used up."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="consent_confirmation")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consent_confirmations")
    grant = models.ForeignKey(ConsentGrant, on_delete=models.PROTECT, related_name="confirmations")
    visit = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="consent_confirmations")
    asked_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return "Consent confirmed"


class ConsentWithdrawal(AddedToOnly):
    class By(models.TextChoices):
        PATIENT = "patient", "By the patient"
        STAFF = "staff", "Said aloud, noted by staff"

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="consent_withdrawal")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consent_withdrawals")
    grant = models.OneToOneField(ConsentGrant, on_delete=models.PROTECT, related_name="withdrawal")
    by = models.CharField(max_length=7, choices=By.choices)

    def __str__(self) -> str:
        return "Consent withdrawn"


class ConsentCopy(AddedToOnly):
    """The patient's copy as it was made at signing. `sha256` tells whether a file is this one."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="consent_copy")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consent_copies")
    pdf = RecordText(about="consent copy", bound_to="entry_id")
    sha256 = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name_plural = "consent copies"

    def __str__(self) -> str:
        return "Copy of a consent"
