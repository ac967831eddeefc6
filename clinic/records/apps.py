from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "clinic.records"
    label = "records"
    verbose_name = "clinical records"

    def ready(self) -> None:
        from bookings.openings import gates  # noqa: PLC0415 -- models are not loaded before
        from bookings.visits import links as mailboxes  # noqa: PLC0415
        from clinic.records.gates.gate import RecordGate  # noqa: PLC0415
        from clinic.records.links import giving  # noqa: PLC0415

        gates.register(RecordGate())
        mailboxes.register(giving.links_of)
