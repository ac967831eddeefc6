"""The models of the packages, for Django; nobody else imports this."""
