from clinic.catalogue.models.category import PLAIN_TEXT_FEATURES, Category, DeviceKind, RoomKind
from clinic.catalogue.models.treatment import Treatment, TreatmentQuerySet

__all__ = ["PLAIN_TEXT_FEATURES", "Category", "DeviceKind", "RoomKind", "Treatment", "TreatmentQuerySet"]
