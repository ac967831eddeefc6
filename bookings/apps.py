import importlib

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        for name in ("visits.owner_texts", "messages.planning.rule_advice"):
            importlib.import_module(f"bookings.{name}")  # what they advise stands in the clinic's settings
