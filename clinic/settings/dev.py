"""Development and demonstration: embedded servers, files for mail, no TLS."""

from clinic.settings.base import *  # noqa: F403 -- overrides only

DEBUG = False
ALLOWED_HOSTS = ["*"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
WEBHOOKS_MAY_GO_ANYWHERE = True  # to a receiver on this very machine
