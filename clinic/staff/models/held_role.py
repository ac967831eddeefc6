from __future__ import annotations

import pghistory

from clinic.accounts.models import User


@pghistory.track(pghistory.InsertEvent("given"), pghistory.DeleteEvent("taken"), obj_field=None)
class HeldRole(User.groups.through):  # type: ignore[name-defined,misc]  # made by Django
    """That someone holds a role. Who was given one or lost one is written by the database's triggers."""

    class Meta:
        proxy = True
