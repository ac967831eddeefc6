"""Resend through anymail, with the header by which Resend takes the same message once in 24 hours."""

from __future__ import annotations

from typing import Any

from anymail.backends import resend


class EmailBackend(resend.EmailBackend):  # type: ignore[misc] # anymail ships no types
    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        if message_id := message.extra_headers.get("Message-ID"):
            payload.headers["Idempotency-Key"] = message_id.strip("<>")
        return payload
