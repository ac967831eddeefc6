from django.urls import path

from clinic.accounts import views

app_name = "accounts"
urlpatterns = [
    path("accounts/logout/", views.SignOut.as_view()),  # before allauth's own of that name
    path("accounts/welcome/", views.after_login, name="after_login"),
]
