from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.core.pictures import sizes_of
from clinic.practitioners.models import Practitioner
from clinic.running.page_cache import public_page


@require_safe
@public_page
def index(request: HttpRequest) -> HttpResponse:
    people = Practitioner.objects.public().select_related("image").prefetch_related("credentials", sizes_of("image"))
    return render(request, "practitioners/index.html", {"people": people, "section": "practitioners"})


@require_safe
@public_page
def practitioner(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Practitioner.objects.public().select_related("image"), slug=slug)
    return render(request, "practitioners/practitioner.html", found.page_context())
