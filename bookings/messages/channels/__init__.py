"""Each way by which messages go in a module of its own.

To add one: its name in `Channel`, its module here, and the patient's choice of it in `Patient`.
"""

from importlib import import_module
from pkgutil import iter_modules

from bookings.messages.channels.channel import all_channels, channel_named

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")

__all__ = ["all_channels", "channel_named"]
