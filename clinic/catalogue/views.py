from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.catalogue.models import Treatment
from clinic.core.pictures import sizes_of
from clinic.running.page_cache import public_page


@require_safe
@public_page
def index(request: HttpRequest) -> HttpResponse:
    treatments = Treatment.objects.public().select_related("category", "image").prefetch_related(sizes_of("image"))
    groups = [(category, list(rows)) for category, rows in groupby(treatments, key=attrgetter("category"))]
    return render(request, "catalogue/index.html", {"groups": groups, "section": "treatments"})


@require_safe
@public_page
def treatment(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Treatment.objects.public().select_related("category", "image"), slug=slug)
    return render(request, "catalogue/treatment.html", found.page_context())
