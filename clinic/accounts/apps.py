from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clinic.accounts"
    label = "accounts"

    def ready(self) -> None:
        from clinic.accounts.second_factors import SecondFactors  # noqa: PLC0415 -- models are not loaded before
        from clinic.core.sealing import places  # noqa: PLC0415

        places.register(SecondFactors())
