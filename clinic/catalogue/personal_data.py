from clinic.core.personal.registry import not_personal

not_personal("what the clinic offers", "catalogue")
