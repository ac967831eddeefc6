import importlib

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        for name in (
            "visits.owner_texts",
            "messages.planning.rule_advice",
            "desk.late.message_kind",
            "waiting_list.message_kinds",
        ):
            importlib.import_module(f"bookings.{name}")  # they register advice and kinds of messages
        from bookings.desk import leavers  # noqa: PLC0415 -- models are not loaded before
        from bookings.messages.planning import account_letters  # noqa: PLC0415
        from bookings.online.views.my import waiting  # noqa: PLC0415
        from bookings.visits import links  # noqa: PLC0415
        from bookings.waiting_list import entries  # noqa: PLC0415
        from bookings.waiting_list.leavers import Wishes  # noqa: PLC0415
        from clinic.core.sealing import places  # noqa: PLC0415
        from clinic.sending import post  # noqa: PLC0415
        from clinic.staff import leaving  # noqa: PLC0415

        links.register(entries.links_of)
        waiting.register(entries.waiting_of)
        post.keep_in(account_letters.post)
        places.register(account_letters.WaitingLetters())
        leaving.register(leavers.Diary())
        leaving.register(Wishes())
