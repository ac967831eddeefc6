"""Every model of this app, where Django looks for them. Import a model from its own package instead."""

from bookings.desk import models as desk
from bookings.desk.feeds import models as feeds
from bookings.integrations import models as integrations
from bookings.messages import models as messages
from bookings.timetable import models as timetable
from bookings.visits import models as visits
from bookings.waiting_list import models as waiting_list

__all__ = ["desk", "feeds", "integrations", "messages", "timetable", "visits", "waiting_list"]
