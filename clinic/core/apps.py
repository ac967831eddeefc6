import importlib

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "clinic.core"
    label = "core"

    def ready(self) -> None:
        importlib.import_module("clinic.sending.providers.sms")  # they register themselves
