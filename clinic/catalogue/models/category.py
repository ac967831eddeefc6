from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from clinic.advertising.publishing import PublicTextMixin
from clinic.advertising.rules.check import Surface

PLAIN_TEXT_FEATURES = ["h3", "bold", "italic", "ul", "ol", "link"]
NAME_IS_TAKEN = "There is already a category of this name."


class Category(PublicTextMixin, models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    summary = models.CharField(max_length=240, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    consultations: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "Treatment",
        blank=True,
        related_name="opens_categories",
        limit_choices_to={"kind": "consultation"},
        help_text="Which consultations count for treatments of this category that need one. None chosen: those that "
        "stand in this category, else the clinic's first consultation.",
    )

    advertising_surface = Surface.CARD

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="one_category_of_each_name", violation_error_message=NAME_IS_TAKEN
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def public_texts(self) -> dict[str, str]:
        return {"name": self.name, "slug": self.slug.replace("-", " "), "summary": self.summary}


class RoomKind(models.TextChoices):
    """What kind of room a treatment needs; blank needs none."""

    TREATMENT_ROOM = "treatment", "Treatment room"
    CONSULTING_ROOM = "consulting", "Consulting room"


class DeviceKind(models.Model):
    """What kind of device a treatment needs, such as a laser: the engine picks a free one."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
