import importlib

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        for name in ("owner_texts", "rule_advice"):
            importlib.import_module(f"bookings.domain.{name}")  # what they advise stands in the clinic's settings
