"""Tests: quick hashing, mail in memory unless a test starts a server."""

import os

from clinic.settings.dev import *  # noqa: F403 -- overrides only

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
RATE_LIMITS = False
STAFF_SECOND_FACTOR = False  # tests of it switch it on
SITE_URL = "http://testserver"
CELERY_TASK_ALWAYS_EAGER = False
DATABASES["default"]["OPTIONS"].pop("pool")
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # no test takes the power away
# Joins in the order they are written: of a few rows no other is quicker, and to look for one takes longer than they do.
DATABASES["default"]["OPTIONS"]["options"] += " -c join_collapse_limit=1 -c from_collapse_limit=1"
MIDDLEWARE.remove(
    "clinic.running.page_cache.KeptPages"
)  # a test sees its changes at once; the cache has tests of its own
CACHES["default"]["KEY_PREFIX"] = os.environ.get("PYTEST_XDIST_WORKER", "")  # each process has a site of its own
