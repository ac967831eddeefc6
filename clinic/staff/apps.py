import importlib

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "clinic.staff"
    label = "staff"

    def ready(self) -> None:
        importlib.import_module("clinic.staff.enrolment")  # it listens to allauth
