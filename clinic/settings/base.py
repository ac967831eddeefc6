"""Settings shared by every environment; the other modules only override."""

import importlib

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF

from clinic.core import logs
from clinic.running import static_headers
from clinic.settings import email_providers, environment
from clinic.settings.accounts import *  # noqa: F403
from clinic.settings.cms import *  # noqa: F403

ENV = environment.read()
BASE_DIR = environment.PROJECT_DIR
DATA_DIR = ENV.data_dir
SECRET_KEY = ENV.secret_key
FIELD_KEYS = ENV.field_keys
SITE_URL = ENV.site_url
ALLOWED_HOSTS = ENV.allowed_hosts or ["localhost", "127.0.0.1", "[::1]"]
ADVERTISING_RULES = ENV.advertising_rules
RATE_LIMITS = ENV.rate_limits
SMS_URL = ENV.sms_url
METRICS_TOKEN = ENV.metrics_token
ALERT_SMS = ENV.alert_sms
ALERT_EMAIL = ENV.alert_email
STAFF_SECOND_FACTOR = ENV.staff_second_factor
DEBUG = False

INSTALLED_APPS = [
    "clinic.core",
    "clinic.running",
    "clinic.accounts",
    "clinic.advertising",
    "clinic.catalogue",
    "clinic.practitioners",
    "clinic.staff",
    "clinic.patients",
    "clinic.privacy",
    "bookings",
    "content",
    "clinic.records",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.contrib.forms",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "anymail",
    "csp",
    "django_htmx",
    "ninja",
    "pghistory",
    "pgtrigger",
    "phonenumber_field",
    "template_partials",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "clinic.core.web.middleware.RequestIds",
    "clinic.core.web.middleware.LogRefusals",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.running.page_cache.KeptPages",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "clinic.core.web.cms_middleware.CmsContentPolicy",
    "clinic.core.web.middleware.NoReferrerForPersonalPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "clinic.accounts.signing_in.devices.LastSeen",
    "clinic.accounts.signing_in.known_browsers.KnownBrowsers",
    "clinic.staff.middleware.SecondFactorOfStaff",
    "clinic.staff.idle_lock.IdleLock",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "clinic.advertising.middleware.AdvertisingRefusalMiddleware",
    "clinic.core.web.cms_middleware.DeletionRefused",
    "clinic.core.web.cms_middleware.TakenMeanwhile",
    "content.redirects.RedirectMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["clinic.core.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "clinic.core.web.context_processors.clinic",
            ],
        },
    },
]


def _embedded(name: str) -> str:
    """Address of an embedded server, started if need be; production never imports these packages."""
    return getattr(importlib.import_module("clinic.running.embedded"), name)(DATA_DIR)  # type: ignore[no-any-return]


# --- Postgres: the engine ----------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **dj_database_url.parse(ENV.database_url or _embedded("database_url")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 16, "timeout": 10},
            # A stalled statement is a lost patient; a booking's own transaction allows itself 3 s (domain.booking).
            "options": "-c statement_timeout=10000 -c lock_timeout=3000 -c timezone=UTC",
        },
    },
}
OWNER_DATABASE_URL = ENV.owner_database_url  # for commands of the database's owner alone: clinic.core.database.owner
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis or Valkey: broker and cache; nothing in it that cannot be rebuilt ---------------------------------------
REDIS_URL = ENV.redis_url or _embedded("redis_url")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    },
}
SESSION_ENGINE = "clinic.accounts.signing_in.session_store"  # in Postgres: booking must work while the broker is down
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_TASK_PUBLISH_RETRY = False  # the outbox is in Postgres; a nudge that fails costs two seconds, not a page
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
# Seconds between two runs, by Celery beat and by `send_messages --forever` alike.
BACKGROUND_EVERY = {
    "send_due_messages": 3.0,
    "send_due_webhooks": 3.0,
    "offer_freed_times": 15.0,
    "publish_scheduled": 15.0,
    "make_copies": 10.0,
    "tell_staff": 60.0,
    "end_planned_work": 60.0,
    "watch_the_loop": 60.0,
    "release_dead_holds": 60.0,
    "write_day_sheets": 300.0,
    "forget_old_keys": 3600.0,
    "forget_old_sessions": 3600.0,
}
RECORDS_EVERY = {"ask_questions": 60.0, "forget_drafts_and_links": 3600.0}
# `expires` throws away what piled up while no worker ran: one run catches up with everything that is due.
CELERY_BEAT_SCHEDULE = {
    name.replace("_", "-"): {"task": f"{app}.{name}", "schedule": seconds, "options": {"expires": int(seconds)}}
    for app, every in (("bookings", BACKGROUND_EVERY), ("records", RECORDS_EVERY))
    for name, seconds in every.items()
}

# Webhooks go to https:// and public addresses only: nobody may have this server call one inside its own network.
WEBHOOKS_MAY_GO_ANYWHERE = False

# --- Mail ---------------------------------------------------------------------------------------------------------
try:
    _email = email_providers.parse(ENV.email_url) or dj_email_url.parse(ENV.email_url)
except KeyError as unknown:
    raise environment.EnvironmentInvalid(f"EMAIL_URL begins with {unknown}, which is not known.") from unknown
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_FILE_PATH = ENV.email_url.removeprefix("file:")
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_email.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_email.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = _email.get("DEFAULT_FROM_EMAIL") or "Juvenology Clinic <hello@example.com>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_PROVIDER = _email.get("EMAIL_PROVIDER", "")  # its name with anymail; empty for SMTP and files
ANYMAIL = {
    **_email.get("ANYMAIL", {}),
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    "WEBHOOK_SECRET": [ENV.anymail_webhook_secret] if ENV.anymail_webhook_secret else [],
}

# --- Accounts: clinic.settings.accounts ---------------------------------------------------------------------------
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
if not RATE_LIMITS:
    ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False

# --- Language, time, files ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
PHONENUMBER_DEFAULT_REGION = "GB"
PHONENUMBER_DB_FORMAT = "E164"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
SHEETS_DIR = DATA_DIR / "sheets"
COPIES_DIR = DATA_DIR / "copies"  # of their data, for patients: sealed, for 72 hours
ERASURES_FILE = DATA_DIR / "erasures" / "erasures.jsonl"  # replayed after a restore
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic.running.static_files.MinifiedStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ADD_HEADERS_FUNCTION = static_headers.shut_in

# --- Security headers ---------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
    "EXCLUDE_URL_PREFIXES": ("/cms/",),  # clinic.core.web.cms_middleware.CmsContentPolicy
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # not in a cookie of its own
KNOWN_BROWSER_COOKIE = "known_browser"
TABLET_COOKIE = "tablet"
CSRF_FAILURE_VIEW = "clinic.core.web.views.csrf_failure"
LOGGING = logs.configuration(as_json=False)

# --- Wagtail: clinic.settings.cms ----------------------------------------------------------------------------------
WAGTAILADMIN_BASE_URL = SITE_URL
