from __future__ import annotations

from django.db import models

from clinic.advertising.publishing import PublicTextMixin
from clinic.advertising.rules.check import Surface
from clinic.catalogue.models import DeviceKind, RoomKind


class Location(PublicTextMixin):
    """Where the clinic sees people."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True)
    address = models.TextField(help_text="One line of the address a line.")
    directions = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    advertising_surface = Surface.BOOKING

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def public_texts(self) -> dict[str, str]:
        names = ("name", "address", "directions")
        return {"slug": self.slug.replace("-", " "), **{name: getattr(self, name) for name in names}}

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]


class Room(PublicTextMixin):
    """A room that holds one visit at a time; the engine picks a free one of the kind a treatment needs."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=RoomKind.choices, default=RoomKind.TREATMENT_ROOM)
    is_active = models.BooleanField(default=True)

    advertising_surface = Surface.BOOKING

    class Meta:
        ordering = ["location", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "name"],
                name="a_room_name_is_used_once_at_a_location",
                violation_error_message="There is already a room with this name here.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.location}"

    def public_texts(self) -> dict[str, str]:
        return {"name": self.name}


class Device(models.Model):
    """A device that serves one visit at a time; the engine picks a free one of the kind a treatment needs."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=60)
    kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, related_name="devices")
    is_active = models.BooleanField("in service", default=True)

    class Meta:
        ordering = ["location", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "name"],
                name="a_device_name_is_used_once_at_a_location",
                violation_error_message="There is already a device with this name here.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.location}"
