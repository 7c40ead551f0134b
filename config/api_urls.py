"""Addresses under /api/v1/: every app's, the schema and its viewer."""

from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", TemplateView.as_view(template_name="api/docs.html"), name="docs"),
    path("", include("ledger.api.urls")),
    path("", include("certificates.api.urls")),
    path("", include("charging.api.urls")),
]
