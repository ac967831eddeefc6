"""Text messages through Twilio or Vonage, over their HTTP APIs.

Apprise, django-sms and their like cover more providers, but tell neither the provider's own id of a message nor refused
from not taken from perhaps taken; hence Python's own client, with which connecting is a step apart from asking.

SMS_URL is `twilio://<account SID>:<auth token>@/?from=<number, name or messaging service>`, or
`vonage://<API key>:<API secret>@/?from=<number or name>&signature=<signature secret>`. `&api=<address>` stands in for
the provider's own address, for a regional one or a trial: https, or http on this machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.conf import settings

from clinic.core import clock
from clinic.sending import sms, sms_length
from clinic.sending.outcomes import PerhapsSent, ProviderDown, Refused, wait

TIMEOUT = 15.0  # seconds, for connecting and for each wait
LONGEST_ANSWER = 65_536  # bytes
THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}

# https://www.twilio.com/docs/api/errors: about the number or this text. Any other refusal is about the account.
TWILIO_REFUSALS = frozenset(
    {21211, 21214, 21217, 21219, 21408, 21602, 21604, 21605, 21608, 21610, 21612, 21614, 21617, 21635}
)
# https://developer.vonage.com/api-errors/sms
VONAGE_DONE, VONAGE_INVALID = "0", "3"
VONAGE_REFUSALS = frozenset({"6", "7", "12", "22", "29", "33"})
VONAGE_ABOUT_US = frozenset({"1", "2", VONAGE_INVALID, "4", "8", "9", "10", "11", "13", "14", "15"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    user: str
    secret: str
    sender: str
    api: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    content: dict[str, Any]
    retry_after: timedelta | None


def account(url: str, *, api: str) -> Account:
    """What SMS_URL says; `api` is the provider's address if the URL names none.

    Raises:
        ProviderDown: something is missing, or the address would carry the secret in the open.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    sender = options.get("from", "")
    found = Account(
        user=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        sender=f"+{sender[1:]}" if sender.startswith(" ") else sender,  # a "+" left as it is reads as a space
        api=options.get("api", api).rstrip("/"),
        signature=options.get("signature", ""),
    )
    if not (found.user and found.secret and found.sender):
        raise ProviderDown("SMS_URL lacks an account, its secret or the sender (from=).")
    address = urlsplit(found.api)
    if not address.hostname or (
        address.scheme != "https" and (address.scheme, address.hostname in THIS_MACHINE) != ("http", True)
    ):
        raise ProviderDown("SMS_URL: api= takes an https:// address.")
    return found


def reports_address(provider: str, **query: str) -> str:
    """Where the provider is to tell what became of a message; empty where it could not reach us."""
    if not settings.SITE_URL.startswith("https://"):
        return ""
    return f"{settings.SITE_URL}/webhooks/sms/{provider}/{'?' if query else ''}{urlencode(query)}"


@sms.provider("twilio")
def twilio(url: str) -> sms.Provider:
    """https://www.twilio.com/docs/messaging/api/message-resource. It knows no idempotency key: ours is in the callback."""
    known = account(url, api="https://api.twilio.com")

    def text_by(*, to: str, text: str, key: str) -> str:
        sender = "MessagingServiceSid" if known.sender.startswith("MG") else "From"
        form = {"To": to, sender: known.sender, "Body": text}
        if callback := reports_address("twilio", message=key):
            form["StatusCallback"] = callback
        answer = _post(f"{known.api}/2010-04-01/Accounts/{known.user}/Messages.json", form, known)
        code = answer.content.get("code")
        if answer.status == HTTPStatus.BAD_REQUEST and code in TWILIO_REFUSALS:
            raise Refused(f"Twilio: {code} {answer.content.get('message', '')}")
        _raise_unless_taken(answer, f"Twilio answered {answer.status}{f' ({code})' if code else ''}.")
        return _id(answer.content.get("sid"), "Twilio")

    return text_by


@sms.provider("vonage")
def vonage(url: str) -> sms.Provider:
    """https://developer.vonage.com/en/api/sms: our key is its `client-ref`, and a refusal is a number in a 200."""
    known = account(url, api="https://rest.nexmo.com")

    def text_by(*, to: str, text: str, key: str) -> str:
        form = {"to": to.removeprefix("+"), "from": known.sender.removeprefix("+"), "text": text, "client-ref": key}
        if not sms_length.is_gsm7(text):
            form["type"] = "unicode"
        if known.signature and (callback := reports_address("vonage")):
            form["callback"] = callback
        answer = _post(f"{known.api}/sms/json", form, known)
        _raise_unless_taken(answer, f"Vonage answered {answer.status}.")
        parts = answer.content.get("messages")
        if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
            raise PerhapsSent("Vonage's answer says nothing of the message.")
        _raise_unless_done([str(part.get("status", "")) for part in parts], str(parts[0].get("error-text", "")), answer)
        return _id(parts[0].get("message-id"), "Vonage")

    return text_by


def _raise_unless_done(statuses: list[str], words: str, answer: Answer) -> None:
    """A long text goes in parts, each with a status: a part that went is not to go again."""
    [status, *others] = sorted(set(statuses))
    if status == VONAGE_DONE and not others:
        return
    said = f"Vonage: {status} {words}"
    if VONAGE_DONE in statuses:
        raise PerhapsSent("Vonage took a part of the message.")
    if status in VONAGE_REFUSALS or (status == VONAGE_INVALID and words.rstrip(".").endswith((" to", ":to"))):
        raise Refused(said)
    if status in VONAGE_ABOUT_US:
        raise ProviderDown(said, retry_after=answer.retry_after)
    raise PerhapsSent(said)


def _raise_unless_taken(answer: Answer, said: str) -> None:
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ProviderDown(said, retry_after=answer.retry_after)
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise PerhapsSent(said)


def _id(value: object, provider: str) -> str:
    if not isinstance(value, str) or not value:
        raise PerhapsSent(f"{provider}'s answer holds no id.")
    return value[:200]


def _post(address: str, form: Mapping[str, str], known: Account) -> Answer:
    """Post it once.

    Raises:
        ProviderDown: no connection, so that nothing was asked. Anything else may have come after the asking.
    """
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    login = base64.b64encode(f"{known.user}:{known.secret}".encode()).decode()
    headers = {
        "Authorization": f"Basic {login}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    try:
        try:
            connection.connect()
        except OSError as error:
            raise ProviderDown(f"{type(error).__name__}: {error}") from error
        connection.request("POST", parts.path, urlencode(form), headers)
        response = connection.getresponse()
        content = response.read(LONGEST_ANSWER)
    finally:
        connection.close()
    return Answer(
        status=response.status,
        content=_json(content),
        retry_after=wait(response.headers.get("Retry-After"), clock.now()),
    )


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
