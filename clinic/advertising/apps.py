from django.apps import AppConfig


class AdvertisingConfig(AppConfig):
    name = "clinic.advertising"
    label = "advertising"

    def ready(self) -> None:
        from clinic.advertising import gate, own_forms  # noqa: PLC0415 -- they need the app registry to be ready

        gate.connect()
        own_forms.connect()
