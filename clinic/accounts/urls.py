from django.urls import path

from clinic.accounts import views

app_name = "accounts"
urlpatterns = [
    path("accounts/welcome/", views.after_login, name="after_login"),
]
