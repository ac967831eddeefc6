"""Adapt allauth's second factors: seal their secrets, name the clinic, make passkeys for the clinic's own address."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from clinic.accounts import second_factors
from clinic.core.models import ClinicSettings


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    def encrypt(self, text: str) -> str:
        return second_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        """The clinic's name, whatever host the request asked for."""
        return str(ClinicSettings.load().name)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey is made for the clinic's own address, not for the one that a request names."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's
        """This device, Device 2, …"""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Device {number + 1}" if number else "This device"
