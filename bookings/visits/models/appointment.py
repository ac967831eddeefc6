from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from bookings.timetable.models.location import Device, Location, Room
from bookings.timetable.ranges import SpanField, lasts, span, well_formed_constraint
from bookings.visits.models.age_said import WithAgeSaid, age_said_is_whole
from bookings.visits.models.statuses import ACTIVE, ALLOWED_MOVES, UPCOMING, Status
from bookings.visits.models.typed_contact import WithTypedContact
from clinic.catalogue.models import Treatment
from clinic.core.formats import price_in_words
from clinic.core.sealing.fields import SealedField, for_pages, index_of_keys
from clinic.core.sealing.secret_links import LinkQuerySet, WithLink
from clinic.patients.models import Patient
from clinic.patients.references import new_reference
from clinic.practitioners.models import Practitioner

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=8)


class AppointmentQuerySet(LinkQuerySet["Appointment"]):
    def visits(self) -> AppointmentQuerySet:
        """Real visits: neither holds nor what became of them."""
        return self.exclude(status__in=(Status.HELD, Status.EXPIRED))

    def standing(self) -> AppointmentQuerySet:
        """Visits that took or take place: neither holds, nor called off, nor missed."""
        return self.filter(status__in=set(ACTIVE) - {Status.HELD})

    def upcoming(self, now: datetime) -> AppointmentQuerySet:
        return self.filter(status__in=UPCOMING, during__startswith__gt=now)

    def in_span(self, starts_at: datetime, ends_at: datetime) -> AppointmentQuerySet:
        """Visits that share a moment with this time.

        That none is longer than `LONGEST` says where they start, which the index `appointment_starts` can look up; for
        the overlap alone PostgreSQL reads the whole history, 160 ms for a day of a million visits.
        """
        can_reach = self.filter(during__startswith__gt=starts_at - LONGEST, during__startswith__lt=ends_at)
        return can_reach.filter(during__overlap=span(starts_at, ends_at))

    def dead_holds(self, now: datetime) -> AppointmentQuerySet:
        return self.filter(status=Status.HELD, hold_expires_at__lte=now)

    def with_details(self) -> AppointmentQuerySet:
        return self.select_related("patient", "practitioner", "treatment", "location", "room", "device")


AppointmentManager = models.Manager.from_queryset(AppointmentQuerySet)


@pghistory.track(
    exclude=["link_salt", "link_digest", "age_said", "age_said_at", "age_said_to"],
    meta={"indexes": [index_of_keys("note", "visit_event_note_keys")]},
)
class Appointment(WithTypedContact, WithAgeSaid, WithLink):
    """A visit, or the hold of a time that may become one.

    `during` is the visit itself; `occupied` adds the buffers before and after. Both are `[)`, in UTC.
    """

    class Source(models.TextChoices):
        ONLINE = "online", "Online"
        API = "api", "Interface"
        DESK = "desk", "Desk"
        IMPORT = "import", "Import"

    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.BOOKED)
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="appointments")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="appointments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="appointments")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    series = models.UUIDField(
        null=True, blank=True, db_index=True, help_text="Shared by the visits that were booked together."
    )
    follows = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="follow_ups",
        help_text="Booked to follow.",
    )
    during = SpanField()
    occupied = SpanField()
    price = models.DecimalField(
        "agreed price (£)",
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What the catalogue said when the time was held or booked; empty where no price was named.",
    )
    price_is_from = models.BooleanField("agreed price is a starting price", default=False, db_default=False)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    note = SealedField("note from the patient", blank=True, max_length=1000, about="visit note", bound_to="reference")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.ONLINE)
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change that a message tells of.")
    created_at = models.DateTimeField(auto_now_add=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    was_cancelled_late = models.BooleanField(default=False)

    objects: ClassVar[AppointmentManager] = AppointmentManager()
    shown_note = for_pages("note")
    is_withheld = False  # whether its reader may see the time, the name and the treatment alone: see `access`
    is_limited = False  # because its patient's record is of limited use

    class Meta:
        ordering = ["during"]
        verbose_name = "visit"
        indexes = [
            models.Index(fields=["hold_expires_at"], name="appointment_holds", condition=Q(status=Status.HELD)),
            models.Index(models.Func(F("during"), function="lower"), name="appointment_starts"),
            index_of_keys("note", "appointment_note_keys"),
        ]
        constraints = [
            # what the foreign key `follow_up_is_of_the_same_patient` of migration 0014 points to
            models.UniqueConstraint(name="appointment_and_its_patient", fields=["id", "patient"]),
            ExclusionConstraint(
                name="practitioner_sees_one_patient_at_a_time",
                expressions=[("practitioner", RangeOperators.EQUAL), ("occupied", RangeOperators.OVERLAPS)],
                condition=Q(status__in=ACTIVE),
                violation_error_message="This time has just been taken.",
            ),
            ExclusionConstraint(
                name="room_holds_one_visit_at_a_time",
                expressions=[("room", RangeOperators.EQUAL), ("occupied", RangeOperators.OVERLAPS)],
                condition=Q(status__in=ACTIVE, room__isnull=False),
                violation_error_message="The room has just been taken.",
            ),
            ExclusionConstraint(
                name="device_serves_one_visit_at_a_time",
                expressions=[("device", RangeOperators.EQUAL), ("occupied", RangeOperators.OVERLAPS)],
                condition=Q(status__in=ACTIVE, device__isnull=False),
                violation_error_message="The device has just been taken.",
            ),
            ExclusionConstraint(
                name="patient_has_one_visit_at_a_time",
                expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(status__in=ACTIVE, patient__isnull=False),
                violation_error_message="You already have a visit at this time.",
            ),
            well_formed_constraint("during", of="appointment"),
            well_formed_constraint("occupied", of="appointment"),
            models.CheckConstraint(
                name="appointment_lasts_5_minutes_to_8_hours",
                condition=lasts("during", at_least=SHORTEST, at_most=LONGEST),
                violation_error_message="A visit lasts between 5 minutes and 8 hours.",
            ),
            models.CheckConstraint(
                name="appointment_occupies_at_least_its_visit",
                condition=Q(occupied__contains=F("during")),
                violation_error_message="The buffers lie around the visit.",
            ),
            models.CheckConstraint(
                name="appointment_has_a_patient_unless_held",
                condition=Q(patient__isnull=False) | Q(status__in=(Status.HELD, Status.EXPIRED)),
                violation_error_message="A visit needs a patient.",
            ),
            models.CheckConstraint(
                name="appointment_hold_has_an_expiry",
                condition=~Q(status=Status.HELD) | Q(hold_expires_at__isnull=False),
                violation_error_message="A held time needs an end.",
            ),
            models.CheckConstraint(
                name="appointment_price_is_not_negative",
                condition=Q(price=None, price_is_from=False) | Q(price__isnull=False, price__gte=0),
                violation_error_message="A price cannot be below zero, and a starting price needs an amount.",
            ),
            models.CheckConstraint(
                name="appointment_cancelled_has_a_time",
                condition=~Q(status=Status.CANCELLED) | Q(cancelled_at__isnull=False),
                violation_error_message="A cancelled visit says when it was cancelled.",
            ),
            age_said_is_whole(),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.starts_at:%Y-%m-%d %H:%M} {self.get_status_display()}"

    @property
    def starts_at(self) -> datetime:
        return self.during.lower  # type: ignore[no-any-return]

    @property
    def ends_at(self) -> datetime:
        return self.during.upper  # type: ignore[no-any-return]

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def whose(self) -> str:
        """Initial and surname, for screens: people look over shoulders."""
        return self.patient.short_name if self.patient else "Being booked online"

    @property
    def agreed_price(self) -> str:
        """The price that was named when this visit was held or booked; nothing where none was."""
        return price_in_words(self.price, is_from=self.price_is_from)

    @property
    def is_upcoming(self) -> bool:
        return self.status in UPCOMING

    @property
    def leads_on(self) -> bool:
        """Whether further visits can follow this one: it stands."""
        return self.status in set(ACTIVE) - {Status.HELD}

    @property
    def books_on(self) -> bool:
        """Whether its patient can book further visits after it online: it stands, and their birthday is known."""
        return self.leads_on and self.patient is not None and self.patient.date_of_birth is not None

    def has_begun(self, now: datetime) -> bool:
        return self.starts_at <= now

    def may_be_confirmed(self, now: datetime) -> bool:
        """Whether there is still something for the patient to confirm."""
        return self.status == Status.BOOKED and not self.has_begun(now)

    def can_become(self, status: str) -> bool:
        return status in ALLOWED_MOVES[self.status]
