from allauth.account import views as account
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_required
from django.urls import path

from clinic.accounts import views
from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.signing_in import views as signing_in
from clinic.accounts.signing_in.passwords import not_for_staff

app_name = "accounts"
urlpatterns = [
    path("accounts/welcome/", views.after_login, name="after_login"),
    path("accounts/confirm/code/", signing_in.EnterFreshCode.as_view(), name="fresh_code"),
    path("my/security/", signing_in.security, name="security"),
    # In place of allauth's own of these addresses, which keep their names:
    path("accounts/login/", signing_in.only_if_counted(account.login)),
    path("accounts/login/code/", signing_in.only_if_counted(account.request_login_code)),
    path("accounts/login/code/confirm/", signing_in.SignInCode.as_view()),
    path("accounts/logout/", views.SignOut.as_view()),
    path("accounts/signup/", signing_in.only_if_counted(account.signup)),
    path("accounts/confirm-email/", signing_in.AddressCode.as_view()),
    path("accounts/password/set/", login_required(not_for_staff(fresh_sign_in_required(account.password_set)))),
    path("accounts/password/change/", login_required(not_for_staff(account.password_change))),
    path("accounts/password/reset/", signing_in.only_if_counted(account.password_reset)),
    path("accounts/password/reset/confirm/", signing_in.PasswordCode.as_view()),
    path("accounts/2fa/webauthn/add/", login_required(signing_in.AddPasskey.as_view())),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", login_required(signing_in.RemovePasskey.as_view())),
    path("accounts/2fa/webauthn/login/", signing_in.only_if_counted(webauthn.login_webauthn)),
    path("accounts/sessions/", signing_in.devices),
]
