"""Posts one webhook delivery over HTTP, signed as Standard Webhooks 1.0 says, to public addresses only.

Python's own client, not `requests`: the address that was checked must be the one that is called (a name may resolve
differently a moment later), which here is a `connect` of our own; and nothing follows redirects or reads proxies from
the environment behind our back.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import ipaddress
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

from bookings.integrations.models import WebhookDelivery
from bookings.integrations.webhook_queue import Answer, Unreachable

TIMEOUT = 5.0  # seconds, for connecting and for each wait
DEADLINE = 10.0  # seconds in all, for those who send a byte now and then
MOST_ADDRESSES = 2
TUNNELS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "2001::/32"))  # lead to IPv4 inside
PORTS = {"https": 443, "http": 80}


def post(delivery: WebhookDelivery, now: datetime) -> Answer:
    """Post it once and give the answer's status; redirects are answers, not followed.

    Raises:
        Unreachable: no answer within ten seconds, or an address that may not be called.
    """
    content = body(delivery)
    connection = _connection(urlsplit(delivery.endpoint.url))
    watch = threading.Timer(DEADLINE, connection.give_up)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", _target(delivery.endpoint.url), content, _headers(delivery, content, now))
        response = connection.getresponse()
        return Answer(response.status, _retry_after(response.headers.get("Retry-After"), now))
    except (OSError, HTTPException, UnicodeError) as error:
        raise Unreachable(_in_words(error)) from error
    finally:
        watch.cancel()
        connection.close()


def sign(secret: str, message_id: str, timestamp: int, content: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.content`; `secret` is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + content
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "No answer in time."
    if isinstance(error, socket.gaierror):
        return "There is no such host."
    if isinstance(error, ConnectionRefusedError):
        return "Nobody answers there."
    return f"{type(error).__name__}: {error}"


def _headers(delivery: WebhookDelivery, content: bytes, now: datetime) -> dict[str, str]:
    message_id, timestamp = str(delivery.pk), int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "clinic-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(delivery.endpoint.secret, message_id, timestamp, content),
    }


class _Checked(HTTPConnection):
    """Connects to the very address that was found to be public."""

    def connect(self) -> None:
        failed: OSError = OSError("no address")
        for address in _addresses(self.host, self.port):
            try:
                self.sock = socket.create_connection((address, self.port), self.timeout)
            except OSError as error:
                failed = error
            else:
                return
        raise failed

    def give_up(self) -> None:
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _CheckedAndSecure(_Checked, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _connection(address: SplitResult) -> _Checked:
    if address.scheme != "https" and not settings.WEBHOOKS_MAY_GO_ANYWHERE:
        raise Unreachable("Only https:// addresses are called.")
    kind = _CheckedAndSecure if address.scheme == "https" else _Checked
    try:
        return kind(address.hostname or "", address.port or PORTS[address.scheme], timeout=TIMEOUT)
    except (ValueError, KeyError, HTTPException) as error:
        raise Unreachable("This address cannot be called.") from error


def _target(url: str) -> str:
    address = urlsplit(url)
    return iri_to_uri((address.path or "/") + (f"?{address.query}" if address.query else ""))


def _addresses(host: str, port: int) -> list[str]:
    """What the name stands for at this moment, public addresses only.

    Raises:
        Unreachable: there is none. OSError: no such name.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    public = [address for address in found if settings.WEBHOOKS_MAY_GO_ANYWHERE or is_public(address)]
    if not public:
        raise Unreachable("It leads to an address that is not public.")
    return public[:MOST_ADDRESSES]


def is_public(written: str) -> bool:
    """Whether anyone on the internet could be meant by this address: not this machine, not a network of ours."""
    address = ipaddress.ip_address(written)
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in tunnel for tunnel in TUNNELS):
            return False
        address = address.ipv4_mapped or address
    return address.is_global and not address.is_multicast


def _retry_after(written: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); None if it says nothing that can be understood."""
    try:
        if written and written.strip().isdecimal():
            return timedelta(seconds=min(int(written), 10**6))
        at = parsedate_to_datetime(written or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now


def body(delivery: WebhookDelivery) -> bytes:
    """The bytes that are signed and sent: the same however often, for they are the stored payload."""
    return json.dumps(delivery.payload, sort_keys=True, separators=(",", ":")).encode()
