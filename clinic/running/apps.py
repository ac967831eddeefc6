import importlib

from django.apps import AppConfig


class RunningConfig(AppConfig):
    name = "clinic.running"
    label = "running"

    def ready(self) -> None:
        importlib.import_module("clinic.running.checks")  # they register themselves
