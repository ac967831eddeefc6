from clinic.privacy.models.copy import DataCopy
from clinic.privacy.models.erasure import ErasureLog, LimitedRecord
from clinic.privacy.models.request import DataRequest, DataRequestQuerySet

__all__ = ["DataCopy", "DataRequest", "DataRequestQuerySet", "ErasureLog", "LimitedRecord"]
