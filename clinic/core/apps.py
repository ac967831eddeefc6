import importlib

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "clinic.core"
    label = "core"

    def ready(self) -> None:
        importlib.import_module("clinic.sending.providers.sms")  # they register themselves
        from clinic.core.sealing import columns, places  # noqa: PLC0415 -- models are not loaded before

        for column in columns.sealed_columns():
            places.register(column)
