from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clinic.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_used  # noqa: PLC0415 -- models are not loaded before

        from clinic.accounts.second_factors import SecondFactors  # noqa: PLC0415 -- models are not loaded before
        from clinic.accounts.signing_in import notices, security_log  # noqa: PLC0415
        from clinic.core.sealing import places  # noqa: PLC0415

        places.register(SecondFactors())
        security_log.connect()
        authenticator_used.connect(notices.tell_of_recovery_code)
