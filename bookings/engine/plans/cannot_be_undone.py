from __future__ import annotations

from bookings.visits.refusals import Refusal


class CannotBeUndone(Refusal):
    """A patient has been told of it, or a visit or the hours were changed again since."""

    code = "cannot_be_undone"
