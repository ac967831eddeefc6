from django.urls import path

from clinic.privacy.views import desk, my

app_name = "privacy"

my_urls = [
    path("my/data/", my.my_data, name="my_data"),
    path("my/data/copy/", my.ask_copy, name="ask_copy"),
    path("my/data/copy/<slug:reference>/", my.take_copy, name="take_copy"),
    path("my/data/delete/", my.delete, name="delete"),
    path("my/data/ask/", my.ask, name="ask"),
    path("my/data/requests/<slug:reference>/withdraw/", my.withdraw, name="withdraw"),
    path("deleted/", my.deleted, name="deleted"),
]

desk_urls = [
    path("diary/requests/", desk.requests, name="requests"),
    path("diary/requests/new/<slug:reference>/", desk.take_in, name="take_in"),
    path("diary/requests/limits/<slug:reference>/end/", desk.end_limit, name="end_limit"),
    path("diary/requests/<slug:reference>/", desk.request, name="request"),
    path("diary/requests/<slug:reference>/erase/", desk.erase, name="erase"),
]

urlpatterns = [*my_urls, *desk_urls]
