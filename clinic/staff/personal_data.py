from clinic.core.personal.registry import not_personal

not_personal("of staff alone: docs/privacy.md says how long", "staff")
