"""What Twilio and Vonage report of a text message, believed only with their signature."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from clinic.sending.outcomes import Fate, Forged, ProviderDown, Report
from clinic.sending.providers.sms import Account, account

Fields = Mapping[str, Sequence[str]]
Reader = Callable[[Account, str, Fields, str], Report]

# https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
TWILIO_FATES = {
    "sent": Fate.SENT,
    "delivered": Fate.DELIVERED,
    "read": Fate.DELIVERED,
    "undelivered": Fate.FAILED,
    "failed": Fate.FAILED,
    "canceled": Fate.FAILED,
}
# https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts
VONAGE_FATES = {
    "accepted": Fate.SENT,
    "buffered": Fate.SENT,
    "delivered": Fate.DELIVERED,
    "failed": Fate.FAILED,
    "rejected": Fate.FAILED,
    "expired": Fate.FAILED,
}
UNTOLD = "0"


def read(provider: str, *, address: str, fields: Fields, signature: str) -> Report:
    """The report in a request to `address`, as the provider wrote that address, with `signature` from its header.

    Raises:
        Forged: not signed with the secret in SMS_URL.
    """
    try:
        known = account(settings.SMS_URL, api="https://unused.invalid")
    except ProviderDown as error:
        raise Forged(str(error)) from error
    return READERS[provider](known, address, fields, signature)


def twilio_signature(secret: str, address: str, fields: Fields) -> str:
    """https://www.twilio.com/docs/usage/security#validating-requests (HMAC-SHA1 is what Twilio offers)."""
    signed = address + "".join(f"{name}{value}" for name in sorted(fields) for value in sorted(set(fields[name])))
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), "sha1")).decode()


def vonage_signature(secret: str, fields: Fields) -> str:
    """https://developer.vonage.com/en/getting-started/concepts/signing-messages, by SHA-256 HMAC."""
    plain = {name: values[-1].replace("&", "_").replace("=", "_") for name, values in fields.items() if name != "sig"}
    signed = "".join(f"&{name}={plain[name]}" for name in sorted(plain))
    return hmac.new(secret.encode(), signed.encode(), "sha256").hexdigest()


def _twilio(known: Account, address: str, fields: Fields, signature: str) -> Report:
    if not _same(signature, twilio_signature(known.secret, address, fields)):
        raise Forged("X-Twilio-Signature is not ours.")
    status, code = _last(fields, "MessageStatus"), _last(fields, "ErrorCode")
    return Report(
        fate=TWILIO_FATES.get(status, Fate.OTHER),
        words=f"{status} (Twilio {code})" if code not in {"", UNTOLD} else status,
        provider_id=_last(fields, "MessageSid"),
        key=parse_qs(urlsplit(address).query).get("message", [""])[0],
    )


def _vonage(known: Account, _address: str, fields: Fields, _signature: str) -> Report:
    if not known.signature or not _same(_last(fields, "sig").lower(), vonage_signature(known.signature, fields)):
        raise Forged("The field sig is not ours.")
    status, code = _last(fields, "status"), _last(fields, "err-code")
    return Report(
        fate=VONAGE_FATES.get(status, Fate.OTHER),
        words=f"{status} (Vonage {code})" if code not in {"", UNTOLD} else status,
        provider_id=_last(fields, "messageId"),
        key=_last(fields, "client-ref"),
    )


def _same(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode(), ours.encode())


def _last(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[-1] if values else ""


READERS: dict[str, Reader] = {"twilio": _twilio, "vonage": _vonage}
