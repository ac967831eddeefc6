from clinic.core.personal.registry import not_personal

not_personal("the public profiles of staff", "practitioners")
