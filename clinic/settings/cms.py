"""How Wagtail serves the site and its editors."""

WAGTAIL_SITE_NAME = "Juvenology Clinic"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_USAGE_COUNT_ENABLED = False
# Off: whoever presses Publish while the first autosave is on its way is told that the slug is in use.
WAGTAIL_AUTOSAVE_INTERVAL = 0
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # tells nobody who works here
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False  # one way in: allauth
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
# A password that everyone shares could be guessed without limit: people sign in instead.
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILIMAGES_IMAGE_FORM_BASE = "content.file_forms.PictureForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "content.file_forms.DocumentForm"
WAGTAILDOCS_EXTENSIONS = ["pdf"]  # what can be cleaned of who wrote it and when: content/documents.py
WAGTAILIMAGES_EXTENSIONS = ["avif", "jpeg", "jpg", "png", "webp"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "english"}}
TAGGIT_CASE_INSENSITIVE = True
