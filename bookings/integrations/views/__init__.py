"""What the owner sees of other programs; `urls` names these."""

from bookings.integrations.views.endpoint import endpoint, replay, switch
from bookings.integrations.views.overview import index, revoke_key

__all__ = ["endpoint", "index", "replay", "revoke_key", "switch"]
