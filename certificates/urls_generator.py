"""Addresses for those who act for a producer."""

from django.urls import path

from certificates.views import generator, generator_certificates

urlpatterns = [
    path("", generator.home, name="generator"),
    path("<str:gsrn>/upload/", generator.upload, name="generator_upload"),
    path(
        "<str:gsrn>/certificates/",
        generator_certificates.certificates,
        name="generator_certificates",
    ),
    path("files/<int:pk>/", generator.meter_file, name="generator_file"),
    path("files/<int:pk>/confirm/", generator.confirm, name="generator_confirm"),
    path("files/<int:pk>/progress/", generator.progress, name="generator_progress"),
    path("files/<int:pk>/lines.csv", generator.rejected_lines, name="generator_lines"),
]
