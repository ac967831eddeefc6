"""The clinic that the journeys' browser meets: its own database, files and mail, and no broker at all."""

import os
from pathlib import Path

from clinic.settings.test import *  # noqa: F403 -- overrides only

DATABASES["default"]["NAME"] = os.environ["JOURNEY_DATABASE"]  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
DATA_DIR = Path(os.environ["JOURNEY_DATA_DIR"])
MEDIA_ROOT = DATA_DIR / "media"
COPIES_DIR = DATA_DIR / "copies"
ERASURES_FILE = DATA_DIR / "erasures.jsonl"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
SMS_URL = f"file:{DATA_DIR / 'sms'}"
SITE_URL = os.environ["JOURNEY_URL"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "journeys"}}
CELERY_BROKER_URL = "memory://"
