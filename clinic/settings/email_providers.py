"""EMAIL_URL for an e-mail provider: `anymail+<provider>://<key>@<domain>`, read for django-anymail.

`?_default_from_email=` names the sender (else hello@<domain>), `?api=` another address of the provider's API (Mailgun's
in the EU: https://api.eu.mailgun.net/v3), `?signing=` the key with which the provider signs its webhooks, if it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from clinic.settings.environment import EnvironmentInvalid

SCHEME = "anymail+"


@dataclass(frozen=True, slots=True)
class Provider:
    """The names of anymail's settings; see its documentation of each provider."""

    key: str
    backend: str
    domain: str = ""
    signing: str = ""


PROVIDERS = {
    "brevo": Provider("BREVO_API_KEY", "anymail.backends.brevo.EmailBackend"),
    "mailgun": Provider(
        "MAILGUN_API_KEY",
        "anymail.backends.mailgun.EmailBackend",
        domain="MAILGUN_SENDER_DOMAIN",
        signing="MAILGUN_WEBHOOK_SIGNING_KEY",
    ),
    "postmark": Provider("POSTMARK_SERVER_TOKEN", "anymail.backends.postmark.EmailBackend"),
    "resend": Provider("RESEND_API_KEY", "clinic.sending.providers.resend.EmailBackend"),
    "sendgrid": Provider(
        "SENDGRID_API_KEY",
        "anymail.backends.sendgrid.EmailBackend",
        signing="SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    ),
}


def parse(url: str) -> dict[str, Any] | None:
    """Django's and anymail's settings, by name; None if the URL is of another kind.

    Raises:
        EnvironmentInvalid: an unknown provider, or no key, or no domain. The key itself is never named.
    """
    if not url.startswith(SCHEME):
        return None
    parts = urlsplit(url)
    name = parts.scheme.removeprefix(SCHEME)
    provider, options = PROVIDERS.get(name), dict(parse_qsl(parts.query))
    if provider is None:
        raise EnvironmentInvalid(f"EMAIL_URL names {name!r}; anymail+ takes one of {', '.join(PROVIDERS)}.")
    if not parts.username or not parts.hostname:
        raise EnvironmentInvalid(f"EMAIL_URL is incomplete: {SCHEME}{name}://<key>@<domain>.")
    return {
        "EMAIL_BACKEND": provider.backend,
        "EMAIL_PROVIDER": name,
        "DEFAULT_FROM_EMAIL": options.get("_default_from_email") or f"Juvenology Clinic <hello@{parts.hostname}>",
        "ANYMAIL": _anymail(provider, name, unquote(parts.username), parts.hostname, options),
    }


def _anymail(provider: Provider, name: str, key: str, domain: str, options: dict[str, str]) -> dict[str, str]:
    found = {provider.key: key}
    if provider.domain:
        found[provider.domain] = domain
    if "api" in options:
        found[f"{name.upper()}_API_URL"] = options["api"]
    if "signing" in options:
        if not provider.signing:
            raise EnvironmentInvalid(f"EMAIL_URL has signing=, but {name} webhooks are known by their secret alone.")
        found[provider.signing] = options["signing"]
    return found
