import importlib

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "clinic.core"
    label = "core"

    def ready(self) -> None:
        importlib.import_module("clinic.core.sms_providers")  # they register themselves
