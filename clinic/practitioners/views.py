from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.catalogue.models import Treatment
from clinic.core.pictures import sizes_of
from clinic.practitioners.models import Credential, Practitioner
from clinic.running.page_cache import public_page

Kind = Credential.Kind
# A membership is never shown as a register, and only a statutory register regulates anyone (uk-rules REG-04).
GROUPS = (
    (Kind.STATUTORY_REGISTER, "On the statutory register", "The law requires this registration. Anyone can check it."),
    (Kind.VOLUNTARY_REGISTER, "Voluntary registers", "Joined by choice, beside the statutory register."),
    (Kind.QUALIFICATION, "Training and experience", ""),
    (Kind.MEMBERSHIP, "Memberships", "A membership is a professional home, not a licence."),
    (Kind.NETWORK, "Professional networks", ""),
)


@require_safe
@public_page
def index(request: HttpRequest) -> HttpResponse:
    people = Practitioner.objects.public().select_related("image").prefetch_related("credentials", sizes_of("image"))
    return render(request, "practitioners/index.html", {"people": people, "section": "practitioners"})


@require_safe
@public_page
def practitioner(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Practitioner.objects.public().select_related("image"), slug=slug)
    return render(request, "practitioners/practitioner.html", practitioner_context(found))


def practitioner_context(practitioner: Practitioner) -> dict[str, object]:
    """What a profile shows; the CMS preview uses it too."""
    given = (
        Treatment.objects.public().filter(practitioners=practitioner) if practitioner.pk else Treatment.objects.none()
    )
    credentials = list(practitioner.credentials.all())
    groups = [(title, note, [row for row in credentials if row.kind == kind]) for kind, title, note in GROUPS]
    return {
        "practitioner": practitioner,
        "credential_groups": [group for group in groups if group[2]],
        "treatments": given.select_related("category"),
        "section": "practitioners",
    }
