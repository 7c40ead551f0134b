"""Every address of the registry, by app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api_urls")),
]
handler400 = "config.problem_details.bad_request"
handler404 = "config.problem_details.not_found"
handler500 = "config.problem_details.server_error"
