from __future__ import annotations

import ipaddress

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address, behind as many proxies as TRUSTED_PROXIES says; of IPv6 its /64, which is one household.

    What a client itself writes into `X-Forwarded-For` is left of what the trusted proxies add and is not read.
    """
    try:
        written = get_adapter(request).get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        written = request.META.get("REMOTE_ADDR") or "unknown"
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return str(written)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
