"""allauth's pages where ours do more: codes whose tries are counted, and pages that ask once more who it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core.ratelimit import respond_429
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.accounts.forms import FreshCodeForm
from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.models import User
from clinic.accounts.permissions import user_of
from clinic.accounts.signing_in.code_tries import CannotCount, can_count, renew, take_try
from clinic.accounts.signing_in.devices import in_words
from clinic.accounts.signing_in.fresh_code import FreshCode
from clinic.accounts.signing_in.passwords import may_have_password
from clinic.accounts.signing_in.security_log import note_refused
from clinic.accounts.signing_in.session_lengths import keep_tick

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
SERVICE_UNAVAILABLE = 503


def _cannot_count(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/codes_away.html", status=SERVICE_UNAVAILABLE)


def only_if_counted(view: View[P]) -> View[P]:
    """Refuse what is sent while tries cannot be counted, and say how to go on without signing in."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "POST" and not can_count():
            return _cannot_count(request)
        return view(request, *args, **kwargs)

    return guarded


class CountedTries:
    """A page that asks for a code: each try is taken from those the code has, before it is looked at."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        process: Any = self._process  # type: ignore[attr-defined]  # allauth's name for what waits for a code
        is_try = getattr(self, "_action", "verify") == "verify"
        if is_try:
            try:
                is_counted = take_try(process)
            except CannotCount:
                return _cannot_count(request)
            if not is_counted:
                note_refused(method="code", user=process.state.get("user_id"))
                process.abort()
                adapter = get_adapter()
                wrong = adapter.error_messages["too_many_login_attempts"]
                adapter.add_message(request, messages.ERROR, message=wrong)
                return redirect("account_login")
        else:
            renew(process)
        before = process.state["resend_count"]
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        if is_try and answer.status_code == HTTPStatus.OK:  # the form once more
            note_refused(method="code", user=process.state.get("user_id"))
        if process.state["resend_count"] > before:
            messages.success(request, "A new code is on its way. The one before no longer works.")
        return answer


class SignInCode(CountedTries, account.ConfirmLoginCodeView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        keep_tick(self.request)
        answer: HttpResponse = super().form_valid(form)
        return answer


class AddressCode(CountedTries, account.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    """Note a code that ends a sign-up as a sign-in, which allauth does not."""

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        if self.stage:
            record_authentication(self.request, self._process.user, method="code", email=self._process.email)
        answer: HttpResponse = super()._verify_form_valid(form)
        return answer


class PasswordCode(CountedTries, account.ConfirmPasswordResetCodeView):  # type: ignore[misc]
    pass


@method_decorator([login_required, never_cache], name="dispatch")
class EnterFreshCode(CountedTries, account.BaseReauthenticateView):  # type: ignore[misc]
    """Send a code to somebody signed in and ask for it, then go on with what they asked for."""

    template_name = "accounts/fresh_code.html"
    _process: FreshCode

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can_count():
            return _cannot_count(request)
        process = FreshCode.resume(request)
        if process is None and request.method == "POST":  # ended meanwhile: a new one begins with its own page
            return HttpResponseRedirect(self.passthrough_next_url(request.path))
        if process is None and not FreshCode.may_begin(request):
            return respond_429(request)  # type: ignore[no-any-return]
        process = process or FreshCode.begin(request)
        if process is None:
            return redirect("account_email")
        self._process = process
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def _check_ratelimit(self, request: HttpRequest) -> HttpResponse | None:
        return None  # three tries for each code, counted above

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs if self._action == "resend" else {**kwargs, "code": self._process.code}

    @property
    def _action(self) -> str:
        is_asked = self.request.POST.get("action") == "resend"
        return "resend" if is_asked and self._process.can_resend else "verify"

    def get_form_class(self) -> type[Form]:
        return Form if self._action == "resend" else FreshCodeForm

    def form_invalid(self, form: Any) -> HttpResponse:
        if self._process.record_invalid_attempt():
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]
        get_adapter().add_message(
            self.request, messages.ERROR, message=get_adapter().error_messages["too_many_login_attempts"]
        )
        return redirect("accounts:security")

    def form_valid(self, form: Any) -> HttpResponse:
        if self._action == "resend":
            self._process.resend()
            return HttpResponseRedirect(self.passthrough_next_url(self.request.path))
        self._process.finish()
        answer: HttpResponse = super().form_valid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "email": self._process.state["email"], "can_resend": self._process.can_resend}


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey. A patient gets no recovery codes with it: without it they sign in by an emailed code."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        if self.request.user.is_staff and self.did_generate_recovery_codes:
            return answer
        if self.did_generate_recovery_codes:
            Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.RECOVERY_CODES).delete()
        return redirect("mfa_list_webauthn")


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    """Refuse to remove the last one of staff, as allauth does for an app alone."""

    http_method_names = ("get", "head", "post")  # Django answers DELETE without a form, so without asking

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.request.user.pk)  # two that are removed at once wait here
            adapter = get_mfa_adapter()
            if adapter.can_delete_authenticator(self.get_object()):
                answer: HttpResponse = super().form_valid(form)
                return answer
        form.add_error(None, adapter.validation_error("cannot_delete_authenticator"))
        refused: HttpResponse = self.form_invalid(form)
        return refused


class Devices(usersessions.ListUserSessionsView):  # type: ignore[misc]
    """List the browsers somebody is signed in with, the one in use first."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        sessions = sorted(context["sessions"], key=lambda one: (not one.is_current(), -one.last_seen_at.timestamp()))
        return {**context, "devices": [(in_words(one.user_agent), one) for one in sessions]}


def devices(request: HttpRequest) -> HttpResponseBase:
    """List the devices; ending others takes a fresh sign-in."""
    view: Callable[[HttpRequest], HttpResponseBase] = Devices.as_view()
    return fresh_sign_in_required(view)(request) if request.method == "POST" else view(request)


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Show how somebody signs in, and where they are signed in."""
    user = user_of(request)
    kinds = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "has_password": user.has_usable_password() and may_have_password(user),
        "address": EmailAddress.objects.get_verified(request.user),
        "devices": len(UserSession.objects.purge_and_list(request.user)),
    }
    return render(request, "accounts/security.html", context)
