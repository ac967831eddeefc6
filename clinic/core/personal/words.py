"""What a patient reads beside fields that many models have, where the programmer's name says little."""

from __future__ import annotations

LABELS = {
    "accepted_at": "Accepted on",
    "asked_at": "Asked for on",
    "channel": "Sent by",
    "created_at": "Noted on",
    "delivered_at": "Arrived on",
    "disputed_at": "You said it was not you on",
    "ends_at": "Until",
    "evidence": "Papers seen",
    "expires_at": "Good until",
    "kind": "What it is",
    "may": "What it opens",
    "note": "Your note",
    "outcome": "What came of it",
    "pgh_created_at": "As it stood from",
    "phone": "Telephone number",
    "revoked_at": "Ended on",
    "sent_at": "Sent on",
    "settled_at": "Dealt with by us on",
    "source": "How it came about",
    "starts_at": "From",
    "state": "Where it stands",
    "typed_contact_by": "Reminders you asked for",
    "typed_phone": "Number you typed",
    "what": "What it was",
}
