from clinic.core.personal.registry import not_personal

not_personal("the clinic itself", "core")
not_personal("bookkeeping of this program", "contenttypes")
