"""The reader's language: dates as it writes them, and the switch to another one."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.template.defaultfilters import date
from django.utils.translation import get_language, gettext

from certificates.views.language import CHOICE

register = template.Library()


@register.filter(expects_localtime=True)
def day(value: datetime | None) -> str:
    """A date in words: 14 July 2018."""
    return str(date(value, gettext("j F Y")))


@register.filter(expects_localtime=True)
def day_short(value: datetime | None) -> str:
    """A date for tight places: 14 Jul."""
    return str(date(value, gettext("j M")))


@register.filter(expects_localtime=True)
def day_of_year(value: datetime | None) -> str:
    """A date whose year is known: 14 July."""
    return str(date(value, gettext("j F")))


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """A date and time: 14 July 2018, 13:05."""
    return str(date(value, gettext("j F Y, H:i")))


@register.filter(expects_localtime=True)
def moment_exact(value: datetime | None) -> str:
    """A date and time to the second: 14 July 2018, 13:05:09."""
    return str(date(value, gettext("j F Y, H:i:s")))


@register.filter(expects_localtime=True)
def moment_of_year(value: datetime | None) -> str:
    """A date and time whose year is known: 14 July, 13:05."""
    return str(date(value, gettext("j F, H:i")))


@register.filter(expects_localtime=True)
def month(value: datetime | None) -> str:
    """A month: July 2018."""
    return str(date(value, "F Y"))


@register.inclusion_tag("parts/language.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """Links to this very address in each language."""
    asked = context["request"].GET.copy()
    links = []
    for code, name in settings.LANGUAGES:
        asked[CHOICE] = code
        current = code == get_language()
        links.append(
            {"code": code, "name": name, "query": asked.urlencode(), "is_current": current}
        )
    return {"links": links}
