"""The project's own app (process tree, front page) and its admin."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"


class RegistryAdminConfig(AdminConfig):
    default_site = "config.admin.RegistryAdminSite"
