"""What becomes of the fields of the clinical record."""

from __future__ import annotations

from clinic.core.personal.registry import register
from clinic.core.personal.vocabulary import ERASE, ON_ITS_WAY, SECRET, Personal, of_patient

register(
    Personal(
        "records.RecordLink",
        "Links to what is asked or kept",
        of_patient("patient", "records.RecordLink"),
        {
            (SECRET, ERASE): "link_salt link_digest",
            (ON_ITS_WAY, ERASE): ("id reference patient purpose subject made_at expires_at revoked_at birthday_tries"),
        },
        is_listed=False,
    ),
)
