from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import HttpRequest  # noqa: TID251 -- Wagtail's preview hands it over
from django.urls import reverse
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.fields import RichTextField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin
from wagtail.search import index

from clinic.advertising.publishing import PublicTextMixin, words_of_picture
from clinic.advertising.rules.check import Surface
from clinic.catalogue.models import PLAIN_TEXT_FEATURES, Treatment
from clinic.core.addresses import KeepsOldAddresses


class PractitionerQuerySet(models.QuerySet["Practitioner"]):
    def public(self) -> PractitionerQuerySet:
        return self.filter(live=True)

    def bookable_for(self, treatment: Treatment) -> PractitionerQuerySet:
        """Published practitioners who take bookings for `treatment`."""
        return self.public().filter(is_bookable=True, offered__treatment=treatment)


PractitionerManager = models.Manager.from_queryset(PractitionerQuerySet)


class Practitioner(
    PublicTextMixin,
    KeepsOldAddresses,
    PreviewableMixin,
    DraftStateMixin,
    RevisionMixin,
    index.Indexed,
    ClusterableModel,
):
    """A person who sees patients: their public profile, and whose diary it is."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True, max_length=80)
    job_title = models.CharField(max_length=120)
    summary = models.CharField(max_length=240, blank=True)
    biography = RichTextField(blank=True, features=PLAIN_TEXT_FEATURES)
    image = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    art = models.CharField(
        "drawn portrait", max_length=80, blank=True, help_text="File name in static/img/art, no ending."
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_demo = models.BooleanField("demonstration person", default=False)
    is_bookable = models.BooleanField("takes bookings", default=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="practitioner"
    )
    treatments: models.ManyToManyField[Treatment, OfferedTreatment] = models.ManyToManyField(
        Treatment, through="OfferedTreatment", related_name="practitioners"
    )

    advertising_surface = Surface.PROFILE
    objects: ClassVar[PractitionerManager] = PractitionerManager()
    search_fields: ClassVar = [
        index.SearchField("name", boost=3),
        index.SearchField("job_title"),
        index.SearchField("summary"),
        index.SearchField("biography"),
        index.AutocompleteField("name"),
        index.FilterField("live"),
    ]

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("practitioners:practitioner", args=[self.slug])

    def public_texts(self) -> dict[str, str]:
        names = ("name", "job_title", "summary", "biography")
        texts = {"slug": self.slug.replace("-", " "), **{name: getattr(self, name) for name in names}}
        for number, row in enumerate(self.credentials.all(), start=1):
            texts[f"credentials.{number}"] = " ".join([row.organisation, row.short_name, row.number, row.check_url])
        return {**texts, "image": words_of_picture(self.image)}

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "practitioners/practitioner.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, object]:
        return {**super().get_preview_context(request, mode_name), **self.page_context()}

    def page_context(self) -> dict[str, object]:
        """What the profile shows, published or in the CMS preview."""
        given = Treatment.objects.public().filter(practitioners=self) if self.pk else Treatment.objects.none()
        credentials = list(self.credentials.all())
        groups = [(title, note, [row for row in credentials if row.kind == kind]) for kind, title, note in GROUPS]
        return {
            "practitioner": self,
            "credential_groups": [group for group in groups if group[2]],
            "treatments": given.select_related("category"),
            "section": "practitioners",
        }


class OfferedTreatment(models.Model):
    """That a practitioner gives a treatment, and how long they take for it (blank: the usual time)."""

    practitioner = ParentalKey(Practitioner, on_delete=models.CASCADE, related_name="offered")
    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="offered_by")
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practitioner", "treatment"],
                name="a_practitioner_offers_a_treatment_once",
                violation_error_message="This practitioner already offers this treatment.",
            ),
            models.CheckConstraint(
                name="offered_treatment_lasts_5_minutes_to_8_hours",
                condition=Q(duration_minutes=None) | Q(duration_minutes__range=(5, 480)),
                violation_error_message="A treatment lasts between 5 minutes and 8 hours.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner} offers {self.treatment}"


class Credential(models.Model):
    """Something that speaks for a practitioner. A membership is never shown as a register."""

    class Kind(models.TextChoices):
        STATUTORY_REGISTER = "statutory_register", "Statutory register"
        VOLUNTARY_REGISTER = "voluntary_register", "Voluntary register"
        MEMBERSHIP = "membership", "Membership"
        NETWORK = "network", "Professional network"
        QUALIFICATION = "qualification", "Training and experience"

    practitioner = ParentalKey(Practitioner, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    organisation = models.CharField(max_length=160)
    short_name = models.CharField(max_length=20, blank=True)
    number = models.CharField("registration number", max_length=30, blank=True)
    check_url = models.URLField("where to check it", blank=True)
    checked_on = models.DateField("last checked", null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="statutory_registration_has_a_number",
                condition=~Q(kind="statutory_register", number=""),
                violation_error_message="Give the registration number, so that anyone can check it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.short_name or self.organisation} ({self.get_kind_display()})"


Kind = Credential.Kind
# A membership is never shown as a register, and only a statutory register regulates anyone.
GROUPS = (  # of a profile
    (Kind.STATUTORY_REGISTER, "On the statutory register", "The law requires this registration. Anyone can check it."),
    (Kind.VOLUNTARY_REGISTER, "Voluntary registers", "Joined by choice, beside the statutory register."),
    (Kind.QUALIFICATION, "Training and experience", ""),
    (Kind.MEMBERSHIP, "Memberships", "A membership is a professional home, not a licence."),
    (Kind.NETWORK, "Professional networks", ""),
)
