"""Two wordings of the text reminder that run against each other, so that the owner sees how they compare."""

from __future__ import annotations

from datetime import datetime

from bookings.messages.models import Wording

WORDINGS = (
    (Wording.Variant.A, "Plain", "{{clinic}}: your visit is {{when}}. Can’t come? Tell us: {{link}}"),
    (
        Wording.Variant.B,
        "Someone else could come",
        "{{clinic}}: your visit is {{when}}. If you can’t come, tell us and someone else can have the time: {{link}}",
    ),
)


def load(since: datetime) -> None:
    """In use from `since` on; nothing where the owner has words already."""
    if Wording.objects.exists():
        return
    texts = {"kind": Wording.Kind.REMINDER, "channel": Wording.Channel.SMS, "text_since": since}
    Wording.objects.bulk_create(
        Wording(variant=variant, name=name, body=body, **texts) for variant, name, body in WORDINGS
    )
