from clinic.records.entries.models.draft import Draft, DraftPast
from clinic.records.entries.models.entry import AuthorIs, Entry, EntryQuerySet, Kind
from clinic.records.entries.models.key import RecordKey

__all__ = ["AuthorIs", "Draft", "DraftPast", "Entry", "EntryQuerySet", "Kind", "RecordKey"]
