"""Production: refuses to start with a missing or demonstration value, and says which."""

from clinic.settings.environment import read, require_production_values

require_production_values(read())  # before base, which would start the embedded servers for a missing URL

from clinic.settings.base import *  # noqa: E402, F403 -- overrides only, after the check above

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
KNOWN_BROWSER_COOKIE = "__Secure-known_browser"
TABLET_COOKIE = "__Host-tablet"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LOGGING = logs.configuration(as_json=True)
