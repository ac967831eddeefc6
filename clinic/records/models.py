"""The models of the packages, for Django; nobody else imports this."""

from clinic.records.links.models import RecordLink

__all__ = ["RecordLink"]
