from clinic.core.personal.registry import not_personal

not_personal("who checked which public text", "advertising")
