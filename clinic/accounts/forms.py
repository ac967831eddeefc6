"""Put allauth's forms in our words: labels without placeholders, hints that say what to type."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from clinic.accounts.models import User
from clinic.accounts.signing_in import session_lengths
from clinic.accounts.signing_in.passwords import may_have_password
from clinic.core import clock

PASSWORD_HINT = "At least 8 characters, and not one that many people use."  # noqa: S105 -- words of a page
CODE_HINT = "The eight letters in the email. Capitals and the dash do not matter."
EMAIL = "Email address"
REQUIRED = {
    "login": "Enter your email address.",
    "email": "Enter your email address.",
    "password": "Enter your password.",
    "oldpassword": "Enter your password.",
    "password1": "Enter a new password.",
    "password2": "Enter the new password once more.",
    "code": "Enter the code.",
    "name": "Enter a name.",
    "credential": "No passkey was used. Try again.",
}
GARBLED = (LookupError, struct.error, ValueError)  # what fido2 raises of bytes that no key has sent
FOR_STAFF = ("/diary/", "/staff/", "/cms/")


class InOurWords(forms.Form):
    """Replace labels, hints and the attributes of boxes, each given by the name of its field."""

    use_required_attribute = False
    labels: ClassVar[Mapping[str, str]] = {}
    hints: ClassVar[Mapping[str, str]] = {}
    attributes: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.update(self.attributes.get(name, {}))
            field.error_messages["required"] = REQUIRED.get(name, "Fill this in.")


class _Code(InOurWords):
    labels = {"code": "Code"}
    hints = {"code": CODE_HINT}
    attributes = {
        "code": {"class": "w-10", "autocapitalize": "characters", "spellcheck": "false", "autocorrect": "off"},
    }


class _AppCode(InOurWords):
    labels = {"code": "Code"}
    hints = {"code": "The six digits that your app shows, or one of your recovery codes."}
    attributes = {"code": {"class": "w-10", "inputmode": "numeric", "spellcheck": "false"}}


class _Address(InOurWords):
    labels = {"email": EMAIL}
    attributes = {"email": {"spellcheck": "false", "autocapitalize": "off"}}


class SignInForm(InOurWords, account.LoginForm):  # type: ignore[misc]
    """Keep the box for a password: allauth leaves it out where signing up asks for none."""

    labels = {"login": EMAIL, "password": "Password", "remember": "Keep me signed in on this phone"}
    attributes = {"login": {"spellcheck": "false", "autocapitalize": "off"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"] = forms.BooleanField(label=self.labels["remember"], required=False)
        asked = self.request.GET.get("next", "") if self.request else ""
        self.is_on_tablet = bool(self.request and settings.TABLET_COOKIE in self.request.COOKIES)
        self.is_for_staff = self.is_on_tablet or asked.startswith(FOR_STAFF)

    def _setup_password_field(self) -> None:
        """Do nothing: allauth's own takes the box away."""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> Any:
        session_lengths.keep_tick(request)
        answer = super().login(request, redirect_url=redirect_url)
        if request.user.is_authenticated:  # allauth has set another length
            session_lengths.set_length(request, request.user, clock.now())
        return answer


class NewAccountForm(_Address, account.SignupForm):  # type: ignore[misc]
    hints = {"email": "We send a code there. There is no password to think of."}


class NewAddressForm(_Address, account.AddEmailForm):  # type: ignore[misc]
    labels = {"email": "New email address"}
    hints = {"email": "We send a code there. Until you have typed it, nothing changes."}


class AskForCodeForm(_Address, account.RequestLoginCodeForm):  # type: ignore[misc]
    pass


class ForgottenPasswordForm(_Address, account.ResetPasswordForm):  # type: ignore[misc]
    """Answer staff as anyone; their letter says that they have none (`AccountAdapter.send_mail`)."""

    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [user for user in self.users if may_have_password(user)]
        return email


class _TwoPasswords(InOurWords):
    labels = {"oldpassword": "Password now", "password1": "New password", "password2": "New password once more"}
    hints = {"password1": PASSWORD_HINT}

    def clean(self) -> dict[str, Any] | None:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        cleaned = super().clean()
        if first and second and first != second:
            self.errors["password2"] = self.error_class(["This is not the same as above."], renderer=self.renderer)
        return cleaned


class NewPasswordForm(_TwoPasswords, account.ChangePasswordForm):  # type: ignore[misc]
    pass


class FirstPasswordForm(_TwoPasswords, account.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(_TwoPasswords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class PasswordOnceMoreForm(InOurWords, account.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": "Password"}


class SignInCodeForm(_Code, account.ConfirmLoginCodeForm):  # type: ignore[misc]
    pass


class AddressCodeForm(_Code, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class PasswordCodeForm(_Code, account.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    pass


class FreshCodeForm(_Code, account.BaseConfirmCodeForm):  # type: ignore[misc]
    pass


class _UsedOnce(mfa.BaseAuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        """Refuse an app's code that was used before, for as long as it stands; allauth remembers it for 30 seconds."""
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not self._is_first_use(code):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code

    def _is_first_use(self, code: str) -> bool:
        """False, too, while the cache is away."""
        stands = (2 * mfa_settings.TOTP_TOLERANCE + 1) * mfa_settings.TOTP_PERIOD
        digits = "".join(filter(str.isdecimal, code))
        return bool(cache.add(f"second-step-used:{self.user.pk}:{digits}", 1, timeout=stands))


class SecondStepForm(_AppCode, _UsedOnce, mfa.AuthenticateForm):  # type: ignore[misc]
    pass


class SecondStepOnceMoreForm(_AppCode, _UsedOnce, mfa.ReauthenticateForm):  # type: ignore[misc]
    pass


class NewAppForm(_AppCode, ActivateTOTPForm):  # type: ignore[misc]
    hints = {"code": "The six digits that your app shows now."}


class NewPasskeyForm(InOurWords, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Every passkey signs in alone (allauth takes it so whatever is ticked), so the device must know its owner."""

    labels = {"name": "Name of this passkey"}
    hints = {"name": "So that you can tell it from others, for example “My phone”."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]  # the template has it hidden and on, for allauth's script

    def clean(self) -> dict[str, Any]:
        """Refuse a key that did not ask who is there, whatever was sent with it."""
        self.cleaned_data["passwordless"] = True
        try:
            super().clean()
        except GARBLED as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return self.cleaned_data


class _PasskeyUsed(forms.Form):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]  # allauth's
        except GARBLED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeySignInForm(_PasskeyUsed, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeySecondStepForm(_PasskeyUsed, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyOnceMoreForm(_PasskeyUsed, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyNameForm(InOurWords, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    labels = {"name": "Name"}
