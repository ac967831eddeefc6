from clinic.core.personal.registry import not_personal

not_personal("what a treatment needs of the record", "records.TreatmentRules")
