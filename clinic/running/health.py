"""Whether the servers we lean on answer. Each check ends within about two seconds and tells no secret."""

from __future__ import annotations

from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import Error, connection

from clinic.core.sealing import places

Part = dict[str, Any]
OK: Part = {"state": "ok"}


def failing(why: str, **facts: Any) -> Part:
    return {"state": "failing", "why": why, **facts}


def probe() -> psycopg.Connection[Any]:
    """A connection of its own, since the pool would wait ten seconds for a server that is away."""
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert")
    wanted = {name: parameters[name] for name in names if parameters.get(name)}
    return psycopg.connect(**wanted, connect_timeout=2, options="-c statement_timeout=1000")


def database() -> Part:
    try:
        with probe() as asked:
            asked.execute("SELECT 1")
    except psycopg.Error as error:
        return failing(type(error).__name__)
    return OK


def field_keys() -> Part:
    """Whether sealed values open, one of each key tried, and none lies in the clear."""
    try:
        reasons, clear = list(places.unreadable()), list(places.in_the_clear())
    except Error as error:
        return {"state": "unknown", "why": type(error).__name__}
    if reasons:
        return failing("sealed values do not open", reasons=reasons)
    return failing("values lie in the clear: run rotate_field_keys", places=clear) if clear else OK


def broker() -> Part:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return failing(type(error).__name__)
    return OK
