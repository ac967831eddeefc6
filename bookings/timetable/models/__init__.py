from bookings.timetable.models.hours import ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.models.location import Device, Location, Room

__all__ = ["Device", "ExtraHours", "Location", "OpenedHoliday", "RegularTimeOff", "Room", "TimeOff", "WorkingHours"]
