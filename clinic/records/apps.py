from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "clinic.records"
    label = "records"
    verbose_name = "clinical records"

    def ready(self) -> None:
        from bookings.openings import gates  # noqa: PLC0415 -- models are not loaded before
        from bookings.visits import links as mailboxes  # noqa: PLC0415
        from clinic.records.answering import message_kinds  # noqa: F401, PLC0415 -- registers them
        from clinic.records.answering import showing as answers  # noqa: PLC0415
        from clinic.records.answering.reviewing import showing as reviews  # noqa: PLC0415
        from clinic.records.assessing import showing as assessments  # noqa: PLC0415
        from clinic.records.entries import showing  # noqa: PLC0415
        from clinic.records.entries.models import Kind  # noqa: PLC0415
        from clinic.records.gates.gate import RecordGate  # noqa: PLC0415
        from clinic.records.links import giving  # noqa: PLC0415

        gates.register(RecordGate())
        showing.register(Kind.QUESTIONNAIRE, answers.lines)
        showing.register(Kind.REVIEW, reviews.lines)
        showing.register(Kind.ASSESSMENT, assessments.lines)
        mailboxes.register(giving.links_of)
