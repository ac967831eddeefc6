from django.apps import AppConfig


class AdvertisingConfig(AppConfig):
    name = "clinic.advertising"
    label = "advertising"

    def ready(self) -> None:
        from clinic.advertising import gate  # noqa: PLC0415 -- its receivers need the app registry to be ready

        gate.connect()
