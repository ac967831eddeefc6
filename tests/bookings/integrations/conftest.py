from tests.bookings.api.conftest import ask, clinic

__all__ = ["ask", "clinic"]
