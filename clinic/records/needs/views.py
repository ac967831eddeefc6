"""What each treatment needs of the record: a list, and a form for each."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.catalogue.models import Treatment
from clinic.core.web.flash import leave_notice, take_notice
from clinic.records.needs.forms import RulesForm
from clinic.records.needs.models import TreatmentRules


@require_safe
@needs(Right.WRITE_TEXTS)
def index(request: HttpRequest) -> HttpResponse:
    treatments = Treatment.objects.select_related("category", "record_rules").prefetch_related(
        "record_rules__questionnaires"
    )
    context = {
        "section": "needs",
        "rows": [(treatment, getattr(treatment, "record_rules", None)) for treatment in treatments],
        "notice": take_notice(request),
    }
    return render(request, "records/needs/list.html", context)


@transaction.atomic
def save(treatment: Treatment, said: Mapping[str, Any]) -> None:
    """Keep the rules of a treatment, and which questions it asks."""
    asked = said["questionnaires"]
    defaults = {name: value for name, value in said.items() if name != "questionnaires"}
    rules, _ = TreatmentRules.objects.update_or_create(treatment=treatment, defaults=defaults)
    rules.questionnaires.set(asked)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    treatment = get_object_or_404(Treatment.objects.select_related("record_rules"), pk=pk)
    known = getattr(treatment, "record_rules", None) or TreatmentRules(treatment=treatment)
    form = RulesForm.of(known, request.POST if request.method == "POST" else None)
    if form.is_valid():
        save(treatment, form.cleaned_data)
        leave_notice(request, f"{treatment}: saved.")
        return redirect("records:treatments")
    context = {"section": "needs", "treatment": treatment, "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "records/needs/rules.html", context, status=status)
