from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "clinic.records"
    label = "records"
    verbose_name = "clinical records"

    def ready(self) -> None:
        from bookings.visits import links as mailboxes  # noqa: PLC0415 -- models are not loaded before
        from clinic.records.answering import message_kinds  # noqa: F401, PLC0415 -- registers them
        from clinic.records.links import giving  # noqa: PLC0415

        mailboxes.register(giving.links_of)
