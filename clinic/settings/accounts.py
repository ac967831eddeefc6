"""Who signs in and how: by passkey or e-mailed code, and by password only whoever has one."""

SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique by a constraint on lower(email), which the check cannot see
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "clinic.accounts.backends.Passwords",
    "clinic.accounts.backends.AllauthWithRoles",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:after_login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clinic.accounts.signing_in.password_words.OwnWords"},
]

ACCOUNT_ADAPTER = "clinic.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]  # no password is asked for
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False  # lengths of sessions: AccountAdapter.login
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True

ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600  # as of every code
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False  # only a new account could: it would tell who has one
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2  # the one that is proved, and the one that it is being changed to

ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600  # seconds; three minutes, as by default, lose slow mail
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_TIMEOUT = 1800  # a code, and two more that are sent anew
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED = False
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds

# Beside allauth's own: 5 wrong passwords in 5 minutes for an account and 10 in a minute from an address, 3 codes asked
# for in a minute for an account. One of the clinic's routers stands for all who work there.
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,10/h/key", "signup": "10/m/ip,60/h/ip"}

MFA_ADAPTER = "clinic.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
MFA_TRUST_ENABLED = False
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1

USERSESSIONS_TRACK_ACTIVITY = False  # would write a row with every request: see clinic.accounts.signing_in.devices

ACCOUNT_FORMS = {
    "login": "clinic.accounts.forms.SignInForm",
    "signup": "clinic.accounts.forms.NewAccountForm",
    "add_email": "clinic.accounts.forms.NewAddressForm",
    "change_password": "clinic.accounts.forms.NewPasswordForm",
    "set_password": "clinic.accounts.forms.FirstPasswordForm",
    "reset_password": "clinic.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "clinic.accounts.forms.ResetPasswordForm",
    "reauthenticate": "clinic.accounts.forms.PasswordOnceMoreForm",
    "request_login_code": "clinic.accounts.forms.AskForCodeForm",
    "confirm_login_code": "clinic.accounts.forms.SignInCodeForm",
    "confirm_email_verification_code": "clinic.accounts.forms.AddressCodeForm",
    "confirm_password_reset_code": "clinic.accounts.forms.PasswordCodeForm",
}
MFA_FORMS = {
    "authenticate": "clinic.accounts.forms.SecondStepForm",
    "reauthenticate": "clinic.accounts.forms.SecondStepOnceMoreForm",
    "activate_totp": "clinic.accounts.forms.NewAppForm",
    "add_webauthn": "clinic.accounts.forms.NewPasskeyForm",
    "edit_webauthn": "clinic.accounts.forms.PasskeyNameForm",
    "login_webauthn": "clinic.accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "clinic.accounts.forms.PasskeySecondStepForm",
    "reauthenticate_webauthn": "clinic.accounts.forms.PasskeyOnceMoreForm",
}
