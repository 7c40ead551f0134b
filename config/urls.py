"""Every address of the registry, by app."""

from django.contrib import admin
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.urls import include, path, reverse_lazy

from certificates.views.language import in_readers_language
from config import views
from config.log_in import Unhurried

log_in = LoginView.as_view(template_name="login.html", authentication_form=Unhurried)
change_password = PasswordChangeView.as_view(
    template_name="password.html", success_url=reverse_lazy("home")
)
new_password = PasswordResetConfirmView.as_view(
    template_name="password_new.html",
    success_url=reverse_lazy("home"),
    post_reset_login=True,
    post_reset_login_backend="django.contrib.auth.backends.ModelBackend",
)
urlpatterns = [
    path("ocpi/", include("charging.api.ocpi.urls")),
    path("", views.front, name="front"),
    path("favicon.ico", views.icon, name="icon"),
    path("look-up/", views.lookup, name="lookup"),
    path("home/", views.home, name="home"),
    path("log-in/", in_readers_language(log_in), name="login"),
    path("password/", in_readers_language(change_password), name="password"),
    path(
        "password/<str:uidb64>/<str:token>/", in_readers_language(new_password), name="new-password"
    ),
    path("log-out/", LogoutView.as_view(), name="logout"),
    path("", include("certificates.urls_public")),
    path("", include("charging.urls")),
    path("generator/", include("certificates.urls_generator")),
    path("", include("certificates.urls_holdings")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api_urls")),
    path("", include("ledger.urls")),
]
handler400 = "config.problem_details.bad_request"
handler403 = "config.problem_details.forbidden"
handler404 = "config.problem_details.not_found"
handler500 = "config.problem_details.server_error"
