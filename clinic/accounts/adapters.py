"""Adapt allauth: our letters, lengths of sessions and words; sealed second factors; passkeys for our own address."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from clinic.accounts import second_factors
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.models import User
from clinic.accounts.signing_in import devices, known_browsers, letters, notices, session_lengths
from clinic.core import clock
from clinic.core.models import ClinicSettings

WRONG_CODE = "This code is not right. Look at the newest email, and type it as it stands there."
TOO_MANY = "Too many tries. Please wait a few minutes, then ask for a new code."
ADDRESS_CHANGED = "account/email/email_changed"
NEW_DEVICE = "account/email/new_device"
UNKNOWN_ACCOUNT = "account/email/unknown_account"
NO_PASSWORD = "accounts/email/no_password"  # noqa: S105 -- for staff, who set none
PASSKEY = "mfa_reauthenticate:webauthn"
SECOND_STEPS = frozenset({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN})  # what allauth asks about at sign-in


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is closed. Please call us.",
        "cannot_remove_primary_email": "This is the address you sign in with. Change it instead.",
        "duplicate_email": "This is your address already.",
        "email_password_mismatch": "The email address or the password is not right.",
        "email_taken": "This address cannot be used. Please choose another.",
        "enter_current_password": "This is not your password.",
        "incorrect_code": WRONG_CODE,
        "incorrect_password": "This is not your password.",
        "invalid_login": "Enter your email address.",
        "max_email_addresses": "You can have %d addresses at most.",
        "rate_limited": "Please wait a minute before you ask again.",
        "same_as_current": "This is your address already.",
        "too_many_login_attempts": TOO_MANY,
        "unverified_primary_email": "Prove your email address first.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter; staff, whom the form of forgotten passwords leaves out, are not told that nobody is known."""
        if template_prefix == UNKNOWN_ACCOUNT and User.objects.filter(email__iexact=email, is_active=True).exists():
            template_prefix = NO_PASSWORD
        letters.send(template_prefix, email, context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Mail that something was changed; a new address is told to the former one too."""
        told = [email or EmailAddress.objects.get_primary_email(user)]
        if template_prefix == ADDRESS_CHANGED and context:
            told.append(context["to_email"])
        about = {"user_agent": self.request.headers.get("User-Agent", ""), **(context or {})}
        for address in dict.fromkeys(filter(None, told)):
            notices.tell(cast("User", user), template_prefix, about, to=address, now=clock.now())

    def new_user(self, request: HttpRequest) -> User:
        """Make a patient's account: signing up never makes staff."""
        return User(is_staff=False, is_superuser=False)

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin a session, whose key Django changes, and set its length."""
        is_first = user.last_login is None  # which signing in sets
        super().login(request, user)
        session_lengths.set_length(request, user, clock.now())
        devices.note_device(request)
        if known_browsers.greet(request, user) and not is_first:
            self.send_notification_mail(NEW_DEVICE, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Require a fresh sign-in of everyone; allauth lets pass whoever has no password, passkey or app.

        Raises:
            ReauthenticationRequired: they signed in too long ago. allauth's middleware asks them how they wish to.
        """
        require_fresh_sign_in(self.request)
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ask for the passkey first; add an emailed code where allauth knows no way, and for patients without an app."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use your authenticator app or a recovery code",
            PASSKEY: "Use your passkey",
        }
        methods = [{**method, "description": words[method["id"]]} for method in methods]
        if user.is_authenticated and user.is_staff:  # who has a second factor is asked for it, not for a password
            methods = [one for one in methods if one["id"] != "reauthenticate"] or methods
        methods.sort(key=lambda one: one["id"] != PASSKEY)
        known = {method["id"] for method in methods}
        may_use_code = not known or (not user.is_staff and "mfa_reauthenticate" not in known)
        if user.is_authenticated and may_use_code:
            url = reverse("accounts:fresh_code")
            methods.append({"id": "fresh_code", "description": "Email me a code", "url": url})
        return methods


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": "Call us to change the address of this account.",
        "cannot_delete_authenticator": "You sign in with nothing else. Set up another passkey or an app first.",
        "cannot_generate_recovery_codes": "Add a passkey or an authenticator app first.",
        "incorrect_code": "This code is not right. Please try again.",
        "unverified_email": "Prove your email address first: a code is sent to it.",
    }

    def encrypt(self, text: str) -> str:
        return second_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unseal(encrypted_text)

    def is_mfa_enabled(self, user: AbstractBaseUser, types: Any = None) -> bool:
        """Count no passkey of a patient as a second step: it stands beside the code, which must do on another phone."""
        if types is not None and frozenset(types) == SECOND_STEPS and not getattr(user, "is_staff", False):
            types = [Authenticator.Type.TOTP]
        return bool(super().is_mfa_enabled(user, types))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last passkey or app of staff: whoever reads their mailbox could otherwise set up one of their own."""
        if not authenticator.user.is_staff or authenticator.type not in SECOND_STEPS:
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_STEPS).exclude(
            pk=authenticator.pk
        )
        return bool(others.exists())

    def get_totp_issuer(self) -> str:
        """Give the clinic's name; allauth's own gives the host that the request asked for."""
        return str(ClinicSettings.load().name)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Make passkeys for the host of SITE_URL, not for the one that a request names."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's
        """Name a new one: This device, Device 2, …"""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Device {number + 1}" if number else "This device"
