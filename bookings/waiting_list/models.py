"""The waiting list: what would suit a patient, and the times that were offered."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from bookings.timetable.models.hours import Weekday
from bookings.visits.access import Reader, known_to, sees_all, without_limited
from bookings.visits.models.appointment import Appointment
from bookings.visits.models.typed_contact import WithTypedContact
from clinic.catalogue.models import Treatment
from clinic.core.sealing.fields import SealedField, for_pages, index_of_keys
from clinic.core.sealing.secret_links import LinkQuerySet, WithLink
from clinic.patients.models import Patient
from clinic.patients.references import new_reference
from clinic.practitioners.models import Practitioner


class DayPart(models.TextChoices):
    """By the clock on the wall: before 12:00, before 17:00, and from then on."""

    MORNING = "morning", "Morning"
    AFTERNOON = "afternoon", "Afternoon"
    EVENING = "evening", "Evening"


def every_weekday() -> list[int]:
    return list(Weekday.values)


def every_part() -> list[str]:
    return list(DayPart.values)


class WaitingEntryQuerySet(LinkQuerySet["WaitingEntry"]):
    def visible_to(self, reader: Reader) -> WaitingEntryQuerySet:
        """Wishes of patients whose record they may open, and those for anyone or for them."""
        rows = without_limited(self, reader)
        if sees_all(reader):
            return rows
        named = WaitingEntry.practitioners.through.objects.filter(waitingentry=OuterRef("pk"))
        is_for_them = Q(~Exists(named)) | Q(Exists(named.filter(practitioner__user=reader.pk)))
        return rows.filter(Q(patient__in=known_to(reader, Patient.objects.all()).values("pk")) | is_for_them)

    def waiting(self) -> WaitingEntryQuerySet:
        return self.filter(state=WaitingEntry.State.WAITING)


class WaitingEntry(WithTypedContact, WithLink):
    """One patient's wish for an earlier or any time of one treatment. `first_day` and `last_day` are local days."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        BOOKED = "booked", "Booked"
        LEFT = "left", "Left the list"
        ENDED = "ended", "Days have passed"

    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="waiting_entries")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="waiting_entries")
    practitioners = models.ManyToManyField(
        Practitioner, blank=True, related_name="+", help_text="None chosen: anyone who gives the treatment."
    )
    first_day = models.DateField()
    last_day = models.DateField()
    weekdays = ArrayField(models.PositiveSmallIntegerField(choices=Weekday.choices), default=every_weekday)
    parts = ArrayField(models.CharField(max_length=10, choices=DayPart.choices), default=every_part)
    known_times = ArrayField(
        models.DateTimeField(),
        default=list,
        db_default=[],
        help_text="Starts that suit and could be booked by anyone since the wish was made: not kept for this person.",
    )
    note = SealedField("note from the patient", blank=True, max_length=1000, about="waiting note", bound_to="reference")
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[WaitingEntry]] = models.Manager.from_queryset(WaitingEntryQuerySet)()
    shown_note = for_pages("note")

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = "waiting-list entry"
        verbose_name_plural = "waiting-list entries"
        indexes = [index_of_keys("note", "waiting_note_keys")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "treatment"],
                condition=Q(state="waiting"),
                name="patient_waits_for_a_treatment_once",
                violation_error_message="You are already on the waiting list for this.",
            ),
            models.CheckConstraint(
                name="waiting_last_day_is_not_before_the_first",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message="The last day cannot be before the first day.",
            ),
            models.CheckConstraint(
                name="waiting_entry_names_weekdays",
                condition=Q(weekdays__len__gt=0, weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                violation_error_message="Choose at least one day of the week.",
            ),
            models.CheckConstraint(
                name="waiting_entry_names_parts_of_the_day",
                condition=Q(parts__len__gt=0, parts__contained_by=["morning", "afternoon", "evening"]),
                violation_error_message="Choose at least one part of the day.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.treatment}"


class OfferQuerySet(LinkQuerySet["Offer"]):
    def open(self, now: datetime) -> OfferQuerySet:
        return self.filter(state=Offer.State.OPEN, expires_at__gt=now)


class Offer(WithLink):
    """A freed time kept for one person on the waiting list until `expires_at`; `appointment` is the hold."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "Not answered in time"

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="offer")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Offer]] = models.Manager.from_queryset(OfferQuerySet)()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "waiting-list offer"
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state="open"),
                name="waiting_entry_has_one_open_offer",
                violation_error_message="There is an open offer already.",
            ),
            models.UniqueConstraint(
                fields=["entry", "practitioner", "starts_at"],
                name="nobody_is_offered_a_time_twice",
                violation_error_message="This time has been offered to this person before.",
            ),
            models.CheckConstraint(
                name="offer_ends_after_it_is_made",
                condition=Q(expires_at__gt=F("created_at")),
                violation_error_message="An offer must end after it is made.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry.reference}: {self.starts_at:%Y-%m-%d %H:%M} ({self.get_state_display()})"
