"""The owner's page about other programs: keys with which they ask, addresses that are told what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from bookings.integrations import api_keys
from bookings.integrations.forms.endpoint import EndpointForm
from bookings.integrations.forms.key import KeyForm
from bookings.integrations.models import ApiKey, WebhookEndpoint
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right, rights_of
from clinic.core import clock
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page


@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_INTEGRATIONS)
def index(request: HttpRequest) -> HttpResponse:
    """What there is, and both forms; `make=key|webhook` says which was sent."""
    make = request.POST.get("make")
    key_form = KeyForm(request.POST if make == "key" else None, rights=rights_of(request.user))
    endpoint_form = EndpointForm(request.POST if make == "webhook" else None)
    if make == "key" and key_form.is_valid():
        return _made_key(request, key_form)
    if make == "webhook" and endpoint_form.is_valid():
        made = WebhookEndpoint.objects.create(created_at=clock.now(), **endpoint_form.cleaned_data)
        leave_notice(request, f"{made.name} is told from now on. Give it the signing secret below.")
        return redirect("bookings:webhook", made.pk)
    return _index_page(request, key_form, endpoint_form, status=200 if request.method == "GET" else 422)


@require_POST
@needs(Right.MANAGE_INTEGRATIONS)
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    api_keys.revoke(key, clock.now())
    leave_notice(request, f"{key.name}: revoked. It opens nothing from now on.")
    return redirect("bookings:integrations")


def _made_key(request: HttpRequest, form: KeyForm) -> HttpResponse:
    """Shown in the answer itself, not after a redirect: the secret would have to be kept for that."""
    key, secret = api_keys.make_key(**form.cleaned_data, by=user_of(request), now=clock.now())
    return _index_page(
        request, KeyForm(rights=rights_of(request.user)), EndpointForm(), made={"key": key, "secret": secret}
    )


def _index_page(
    request: HttpRequest,
    key_form: KeyForm,
    endpoint_form: EndpointForm,
    *,
    made: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    scopes = dict(ApiKey.Scope.choices)
    found = ApiKey.objects.select_related("created_by").prefetch_related("created_by__groups")
    context = {
        "section": "integrations",
        "keys": [(key, [scopes[one] for one in key.scopes], [] if key.revoked_at else key.lost()) for key in found],
        "endpoints": WebhookEndpoint.objects.all(),
        "key_form": key_form,
        "endpoint_form": endpoint_form,
        "made": made,
        "notice": take_notice(request),
    }
    return render_page(request, "bookings/integrations/index.html", context, status=status)
