"""The one place that reads the environment. Everything else imports the typed `Environment` from here."""

from __future__ import annotations

import base64
import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import environs

AdvertisingRules = Literal["uk", "warn", "off"]
PROJECT_DIR = Path(__file__).resolve().parents[2]
DEMO_SECRET_KEY = "demo-only-secret-key-that-production-refuses-to-start-with"  # noqa: S105 -- refused in production
SECRET_KEY_LENGTH = 50
KEY_BYTES = 32
DEMO_FIELD_KEYS = "demo:ZGVtby1vbmx5LWZpZWxkLWtleS10aGF0LXByb2Qtbm8="


class EnvironmentInvalid(Exception):
    """A setting is missing or unusable; the text names the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Each field is the environment variable of the same name in capitals."""

    data_dir: Path
    database_url: str = field(repr=False)
    owner_database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    email_url: str = field(repr=False)
    sms_url: str = field(repr=False)
    anymail_webhook_secret: str = field(repr=False)
    secret_key: str = field(repr=False)
    field_keys: dict[str, bytes] = field(repr=False)  # the newest first
    site_url: str
    allowed_hosts: list[str]
    rate_limits: bool
    staff_second_factor: bool
    advertising_rules: AdvertisingRules
    trusted_proxies: int
    metrics_token: str = field(repr=False)
    alert_sms: str
    alert_email: str


NAMES = tuple(field.name.upper() for field in dataclasses.fields(Environment))


def read() -> Environment:
    """Read and check every variable.

    Raises:
        EnvironmentInvalid: a value is not one of those allowed.
    """
    env = environs.Env()
    data_dir = Path(env.str("DATA_DIR", "") or "var")
    data_dir = data_dir if data_dir.is_absolute() else PROJECT_DIR / data_dir
    site_url = env.str("SITE_URL", "").rstrip("/") or f"http://localhost:{env.str('PORT', '') or '8000'}"
    return Environment(
        data_dir=data_dir,
        database_url=env.str("DATABASE_URL", ""),
        owner_database_url=env.str("OWNER_DATABASE_URL", ""),
        redis_url=env.str("REDIS_URL", ""),
        email_url=env.str("EMAIL_URL", "") or f"file:{data_dir / 'mail'}",
        sms_url=env.str("SMS_URL", "") or f"file:{data_dir / 'sms'}",
        anymail_webhook_secret=env.str("ANYMAIL_WEBHOOK_SECRET", ""),
        secret_key=env.str("SECRET_KEY", "") or DEMO_SECRET_KEY,
        field_keys=_keys(env.str("FIELD_KEYS", "") or DEMO_FIELD_KEYS),
        site_url=site_url,
        allowed_hosts=[host.strip() for host in env.str("ALLOWED_HOSTS", "").split(",") if host.strip()],
        rate_limits=_one_of(env, "RATE_LIMITS", ("on", "off")) == "on",
        staff_second_factor=_one_of(env, "STAFF_SECOND_FACTOR", ("on", "off")) == "on",
        advertising_rules=_one_of(env, "ADVERTISING_RULES", get_args(AdvertisingRules)),  # type: ignore[arg-type]
        trusted_proxies=_whole_number(env, "TRUSTED_PROXIES"),
        metrics_token=env.str("METRICS_TOKEN", ""),
        alert_sms=env.str("ALERT_SMS", ""),
        alert_email=env.str("ALERT_EMAIL", ""),
    )


def require_production_values(environment: Environment) -> None:
    """Refuse to start with a missing or demonstration value, naming each.

    Raises:
        EnvironmentInvalid: at least one value is not fit for production.
    """
    problems = {
        "DATABASE_URL": not environment.database_url,
        "REDIS_URL": not environment.redis_url,
        "SECRET_KEY": environment.secret_key == DEMO_SECRET_KEY or len(environment.secret_key) < SECRET_KEY_LENGTH,
        "FIELD_KEYS": not environment.field_keys or _is_demonstration(environment.field_keys),
        "EMAIL_URL": environment.email_url.startswith("file:"),
        "ANYMAIL_WEBHOOK_SECRET": environment.email_url.startswith("anymail+")
        and not all(environment.anymail_webhook_secret.partition(":")),
        "SITE_URL": not environment.site_url.startswith("https://"),
        "ALLOWED_HOSTS": not environment.allowed_hosts,
        "STAFF_SECOND_FACTOR": not environment.staff_second_factor,
    }
    names = [name for name, is_wrong in problems.items() if is_wrong]
    if names:
        raise EnvironmentInvalid(
            f"Production cannot start: set {', '.join(names)} (see .env.example; "
            f"SECRET_KEY needs at least {SECRET_KEY_LENGTH} characters, SITE_URL starts with https://)."
        )


def _whole_number(env: environs.Env, name: str) -> int:
    value = env.str(name, "") or "0"
    if not value.isdecimal():
        raise EnvironmentInvalid(f"{name} is {value!r}; it takes a whole number.")
    return int(value)


def _keys(text: str) -> dict[str, bytes]:
    """`name:key,name:key`, as `.env.example` shows how to make one. The text of a key is in no error."""
    keys: dict[str, bytes] = {}
    for number, part in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        name, _, written = part.partition(":")
        try:
            key = base64.b64decode(written, altchars=b"-_", validate=True)
        except ValueError:
            key = b""
        if not re.fullmatch(r"[a-z0-9_-]{1,20}", name) or len(key) != KEY_BYTES or name in keys:
            raise EnvironmentInvalid(
                f"FIELD_KEYS: entry {number} must be name:key: a name used once, of at most 20 of a-z, 0-9, _ and -, "
                f"and {KEY_BYTES} bytes in base64 (see .env.example)."
            )
        keys[name] = key
    return keys


def _is_demonstration(keys: dict[str, bytes]) -> bool:
    return any(key in keys.values() for key in _keys(DEMO_FIELD_KEYS).values())


def _one_of(env: environs.Env, name: str, allowed: tuple[str, ...]) -> str:
    value = env.str(name, "") or allowed[0]
    if value not in allowed:
        raise EnvironmentInvalid(f"{name} is {value!r}; it takes one of {', '.join(allowed)}.")
    return value
