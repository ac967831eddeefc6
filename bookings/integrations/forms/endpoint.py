"""The address that the owner types, of a program to be told."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from bookings.integrations.forms.fields import NameField, SeveralField
from bookings.integrations.models import WebhookEndpoint
from bookings.integrations.webhook_http import is_public


class EndpointForm(forms.Form):
    use_required_attribute = False
    prefix = "webhook"
    name = NameField(hint="Which program is told.")
    url = forms.URLField(
        label="Address",
        max_length=500,
        assume_scheme="https",
        help_text="Starts with https://. The program that answers there tells you what to enter.",
        error_messages={"required": "Enter an address", "invalid": "Enter an address, like https://example.com/hook"},
        widget=forms.URLInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )
    events = SeveralField(
        label="Tell it when a visit is",
        choices=WebhookEndpoint.Event.choices,
        missing="Choose at least one thing to tell it",
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        address = urlsplit(url)
        if address.username or address.password:
            raise ValidationError("Leave out the user name and password: deliveries are signed instead", code="user")
        is_free = settings.WEBHOOKS_MAY_GO_ANYWHERE
        if address.scheme not in (("https", "http") if is_free else ("https",)):
            raise ValidationError("Enter an address that starts with https://", code="https")
        if not is_free and not _may_be_public(address.hostname or ""):
            raise ValidationError("Enter an address that can be reached from the internet", code="private")
        return url


def _may_be_public(host: str) -> bool:
    """What can be said before the name is resolved, which is done again for each delivery."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))
    return is_public(host)
