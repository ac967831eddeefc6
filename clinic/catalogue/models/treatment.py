from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import HttpRequest  # noqa: TID251 -- Wagtail's preview hands it over
from django.urls import reverse
from wagtail.fields import RichTextField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin
from wagtail.search import index

from clinic.advertising.publishing import PublicTextMixin, words_of_picture
from clinic.advertising.rules.check import Surface
from clinic.catalogue.models.category import PLAIN_TEXT_FEATURES, Category, DeviceKind, RoomKind
from clinic.core.addresses import KeepsOldAddresses
from clinic.core.formats import price_in_words


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def public(self) -> TreatmentQuerySet:
        """Published and lawful to show: prescription-only medicines only where ADVERTISING_RULES is off."""
        live = self.filter(live=True)
        return live if settings.ADVERTISING_RULES == "off" else live.filter(is_prescription_only=False)

    def bookable_online(self) -> TreatmentQuerySet:
        return self.public().filter(is_bookable_online=True)

    def for_newcomers(self) -> TreatmentQuerySet:
        """Those that do not ask for an earlier visit."""
        return self.exclude(open_to=Treatment.OpenTo.RETURNING)


TreatmentManager = models.Manager.from_queryset(TreatmentQuerySet)


class Treatment(
    PublicTextMixin, KeepsOldAddresses, PreviewableMixin, DraftStateMixin, RevisionMixin, index.Indexed, models.Model
):
    """What the clinic does: how long it takes, what it costs, and how it may be shown and booked.

    Numbers named `_minutes`, `_hours` and `_days` are in those units. A blank rule falls back to the clinic's.
    """

    class Kind(models.TextChoices):
        CONSULTATION = "consultation", "Consultation"
        TREATMENT = "treatment", "Treatment"
        REVIEW = "review", "Review"

    class OpenTo(models.TextChoices):
        EVERYONE = "everyone", "Everyone"
        NEW = "new", "New patients only"
        RETURNING = "returning", "Returning patients only"

    name = models.CharField(max_length=100, help_text="The true name, as staff and the patient's own record show it.")
    slug = models.SlugField(unique=True, max_length=80)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="treatments")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TREATMENT)
    summary = models.CharField(max_length=200, blank=True)
    body = RichTextField(blank=True, features=PLAIN_TEXT_FEATURES)
    risks_and_recovery = RichTextField(blank=True, features=PLAIN_TEXT_FEATURES)
    image = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    art = models.CharField(
        "drawn picture", max_length=80, blank=True, help_text="File name in static/img/art, no ending."
    )
    position = models.PositiveSmallIntegerField(default=0)
    reviewed_on = models.DateField("clinical review", null=True, blank=True)

    duration_minutes = models.PositiveSmallIntegerField(default=30)
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)
    price = models.DecimalField("price (£)", max_digits=7, decimal_places=2, null=True, blank=True)
    is_price_from = models.BooleanField("price is a starting price", default=False)

    is_prescription_only = models.BooleanField(
        "prescription-only medicine",
        default=False,
        help_text="May not be advertised to the public (Human Medicines Regulations 2012 reg. 284; CAP Code 12.12).",
    )
    is_bookable_online = models.BooleanField(default=True)
    asks_date_of_birth_first = models.BooleanField(
        default=False,
        help_text="Toxin, filler, or a concern that may lead to them: asked before any time is held "
        "(Botulinum Toxin and Cosmetic Fillers (Children) Act 2021 s.2).",
    )
    minimum_age = models.PositiveSmallIntegerField(default=18)
    requires_consultation = models.BooleanField("needs a consultation first", default=False)
    reflection_hours = models.PositiveSmallIntegerField(default=24, help_text="Time to think after that consultation.")
    consultation_valid_days = models.PositiveSmallIntegerField(
        "a consultation counts for (days)", null=True, blank=True, help_text="Blank: as in the clinic settings."
    )
    room_kind = models.CharField(
        max_length=20,
        choices=RoomKind.choices,
        blank=True,
        default=RoomKind.TREATMENT_ROOM,
        verbose_name="needs a room",
    )
    device_kind = models.ForeignKey(
        DeviceKind,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="treatments",
        verbose_name="needs a device",
    )
    open_to = models.CharField(
        "who can book it online",
        max_length=10,
        choices=OpenTo.choices,
        default=OpenTo.EVERYONE,
        help_text="A returning patient has had a visit here that was completed.",
    )
    follow_up = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The visit that should follow, such as a review.",
    )
    follow_up_after_days = models.PositiveSmallIntegerField(
        default=14, help_text="How many days after the visit it is due."
    )
    course_visits = models.PositiveSmallIntegerField(default=1, help_text="How many visits a full course has.")
    course_interval_days = models.PositiveSmallIntegerField(
        default=28, help_text="Days between the visits of a course."
    )
    slot_step_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    last_start_at = models.TimeField(
        "last start of the day", null=True, blank=True, help_text="No visit starts later, by the clock on the wall."
    )
    minimum_notice_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField(null=True, blank=True)
    change_window_hours = models.PositiveSmallIntegerField(null=True, blank=True)

    advertising_surface = Surface.TREATMENT
    objects: ClassVar[TreatmentManager] = TreatmentManager()
    search_fields: ClassVar = [
        index.SearchField("name", boost=3),
        index.SearchField("summary"),
        index.SearchField("body"),
        index.AutocompleteField("name"),
        index.FilterField("live"),
        index.FilterField("is_prescription_only"),
    ]

    class Meta:
        ordering = ["category__position", "position", "name"]
        constraints = [
            models.CheckConstraint(
                name="prescription_only_has_no_public_price_or_picture",
                condition=Q(is_prescription_only=False) | Q(price=None, image=None, art=""),
                violation_error_message="A prescription-only medicine has no price and no picture of its own: "
                "show and price the consultation instead.",
            ),
            models.CheckConstraint(
                name="treatment_lasts_5_minutes_to_8_hours",
                condition=Q(duration_minutes__range=(5, 480)),
                violation_error_message="A treatment lasts between 5 minutes and 8 hours.",
            ),
            models.CheckConstraint(
                name="treatment_buffers_are_2_hours_at_most",
                condition=Q(buffer_before_minutes__lte=120, buffer_after_minutes__lte=120),
                violation_error_message="A buffer is two hours at the most.",
            ),
            models.CheckConstraint(
                name="treatment_price_is_not_negative",
                condition=Q(price=None) | Q(price__gte=0),
                violation_error_message="A price cannot be below zero.",
            ),
            models.CheckConstraint(
                name="treatment_course_has_1_to_12_visits",
                condition=Q(course_visits__range=(1, 12), course_interval_days__range=(1, 365)),
                violation_error_message="A course has 1 to 12 visits, 1 to 365 days apart.",
            ),
            models.CheckConstraint(
                name="treatment_follow_up_is_due_within_a_year",
                condition=Q(follow_up_after_days__range=(1, 365)),
                violation_error_message="A follow-up is due 1 to 365 days after the visit.",
            ),
            models.CheckConstraint(
                name="treatment_consultation_counts_for_1_to_730_days",
                condition=Q(consultation_valid_days=None) | Q(consultation_valid_days__range=(1, 730)),
                violation_error_message="A consultation counts for between 1 and 730 days.",
            ),
            models.CheckConstraint(
                name="treatment_slot_step_is_5_to_120_minutes",
                condition=Q(slot_step_minutes=None) | Q(slot_step_minutes__range=(5, 120)),
                violation_error_message="The slot step is between 5 and 120 minutes.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue:treatment", args=[self.slug])

    @property
    def is_offered_online(self) -> bool:
        """One of `Treatment.objects.bookable_online()`, as far as this row knows."""
        is_lawful = settings.ADVERTISING_RULES == "off" or not self.is_prescription_only
        return self.live and self.is_bookable_online and is_lawful

    @property
    def price_in_words(self) -> str:
        """£60, from £60, Free, or nothing where the price is not fixed."""
        return price_in_words(self.price, is_from=self.is_price_from)

    @property
    def is_gated(self) -> bool:
        """Whether something has to come before it: a consultation, or any visit."""
        return self.requires_consultation or self.open_to == self.OpenTo.RETURNING

    def public_texts(self) -> dict[str, str]:
        """Nothing for a prescription-only medicine: it is never public where the check applies."""
        if self.is_prescription_only:
            return {}
        names = ("name", "summary", "body", "risks_and_recovery")
        texts = {"slug": self.slug.replace("-", " "), **{name: getattr(self, name) for name in names}}
        return {
            **texts,
            "price": f"£{self.price}" if self.price else "",
            "image": words_of_picture(self.image),
        }

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "catalogue/treatment.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, object]:
        return {**super().get_preview_context(request, mode_name), **self.page_context()}

    def page_context(self) -> dict[str, object]:
        """What its page shows, published or in the CMS preview."""
        practitioners = self.practitioners.filter(live=True) if self.pk else []
        return {"treatment": self, "practitioners": practitioners, "section": "treatments"}
