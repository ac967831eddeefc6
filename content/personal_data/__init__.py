from clinic.core.personal.registry import not_personal

not_personal("the website, and who edits it", "content", "taggit")
not_personal(
    "the website, and who edits it",
    *(f"wagtail{name}" for name in ("core", "redirects", "embeds", "users", "docs", "images", "search", "admin")),
)
not_personal("no page has a form of Wagtail's", "wagtailforms")
