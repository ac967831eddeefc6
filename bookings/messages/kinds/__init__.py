"""Each kind of message in a module of its own; those of the waiting list are in its own package.

To add one: its name in `Message.Kind`, its module here, and its e-mail in `templates/emails/`.
"""

from bookings.messages.kinds.after_visit import FollowUp, Recall, Review
from bookings.messages.kinds.cancelled import Cancelled
from bookings.messages.kinds.confirmation import Confirmation
from bookings.messages.kinds.kind import all_kinds, kind_named, kind_of, register
from bookings.messages.kinds.moved import Moved
from bookings.messages.kinds.reminder import Reminder
from bookings.messages.kinds.staff_notice import StaffNotice
from bookings.messages.kinds.visit_links import VisitLinks

for kind in (Confirmation, Moved, Cancelled, Reminder, FollowUp, Review, Recall, VisitLinks, StaffNotice):
    register(kind())

__all__ = ["all_kinds", "kind_named", "kind_of", "register"]
