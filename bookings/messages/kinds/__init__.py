"""Each kind of message in a module of its own; those of the waiting list are in its own package.

To add one: its name in `Kind`, its module here, and its e-mail in `templates/emails/`.
"""

from importlib import import_module
from pkgutil import iter_modules

from bookings.messages.kinds.kind import all_kinds, kind_named, kind_of

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")

__all__ = ["all_kinds", "kind_named", "kind_of"]
