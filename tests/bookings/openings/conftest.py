from tests.bookings.one_nurse import location, nurse, treatment

__all__ = ["location", "nurse", "treatment"]
