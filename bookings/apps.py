import importlib

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        for name in (
            "visits.owner_texts",
            "messages.planning.rule_advice",
            "desk.late.message_kind",
            "waiting_list.message_kinds",
        ):
            importlib.import_module(f"bookings.{name}")  # they register advice and kinds of messages
