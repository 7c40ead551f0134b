"""The project's own app (process tree, front page) and its admin."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ConfigConfig(AppConfig):
    name = "config"
    default = True


class RegistryAdminConfig(admin.AdminConfig):
    default = False  # or the entry "config" would mean this one
    default_site = "config.admin.RegistryAdminSite"
