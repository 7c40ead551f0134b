"""The page on which anyone checks a signed meter value: no account, nothing kept."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from certificates.views.language import in_readers_language
from charging.domain.meters.carriage.messages import MOST_BYTES
from charging.domain.meters.findings import SENTENCES, Finding, Weight
from charging.domain.meters.key_registry import KeyRegistry, single_key
from charging.domain.meters.report import headline
from charging.domain.meters.verification import GIVEN, MESSAGE, REGISTRY, Verdict, verify_message
from charging.errors import UnreadableKey, UnsupportedKey
from charging.queries.meter_keys import meter_keys
from charging.views import numbers

FORM_BYTES = 64 * 1024  # what a form adds around its file
TEMPLATE = "meter_value.html"
WHO_VOUCHES = {
    REGISTRY: _("a key that this registry knows for the meter"),
    GIVEN: _("the key that you gave"),
    MESSAGE: _("the key that came with the message"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person handed in."""

    data: bytes
    text: str
    key: str


# Nothing is changed or kept, so a foreign page gains nothing by sending this form; and the
# token's check would read a body of any size before this view could refuse it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@in_readers_language
def meter_value(request: HttpRequest) -> HttpResponse:
    """The form; or, asked with a value, the verdict in plain words."""
    if request.method != "POST":
        return render(request, TEMPLATE, _limits())
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + FORM_BYTES:
        return _refuse(request, _too_large(), 413)
    asked = _asked(request)
    if not asked.data:
        return _refuse(request, gettext("Choose a file, or paste the signed value."), 422, asked)
    try:
        keys = single_key(asked.key) if asked.key else KeyRegistry()
    except (UnreadableKey, UnsupportedKey) as error:
        return _refuse(request, str(error), 422, asked)
    try:
        keys = keys if asked.key else meter_keys()
    except (UnreadableKey, UnsupportedKey) as error:
        return _refuse(request, str(error), 503, asked)
    return render(request, TEMPLATE, _limits() | _told(verify_message(asked.data, keys)))


def _asked(request: HttpRequest) -> Asked:
    """A chosen file goes before what was pasted."""
    pasted = request.POST.get("text", "")
    file = request.FILES.get("file")
    # Browsers send line ends as CR LF, whatever was pasted; signed bytes have plain ones.
    data = file.read(MOST_BYTES + 1) if file else pasted.replace("\r\n", "\n").encode()
    return Asked(data.strip(), pasted, request.POST.get("key", "").strip())


def _refuse(
    request: HttpRequest, refusal: str, status: int, asked: Asked | None = None
) -> HttpResponse:
    facts = _limits() | {"refusal": refusal, "asked": asked}
    return render(request, TEMPLATE, facts, status=status)


def _limits() -> dict[str, Any]:
    return {"most_kb": numbers.localised(f"{MOST_BYTES // 1024:,}")}


def _too_large() -> str:
    return gettext("A value has %(most_kb)s kB at most.") % _limits()


def _told(verdict: Verdict) -> dict[str, Any]:
    keys = {each.key.source: each.key for each in verdict.records if each.key}
    return {
        "verdict": verdict,
        "headline": gettext(headline(verdict)),
        "against": _sentences(verdict, Weight.AGAINST),
        "notes": _sentences(verdict, Weight.NOTE),
        "checked_with": [
            f"{WHO_VOUCHES[source]}{f' ({key.owner})' if key.owner else ''}"
            for source, key in keys.items()
        ],
    }


def _sentences(verdict: Verdict, weight: Weight) -> list[str]:
    said = (_sentence(each) for each in verdict.findings if each.weight == weight)
    return list(dict.fromkeys(said))


def _sentence(found: Finding) -> str:
    """The finding in the reader's language; why something cannot be read stays as it is."""
    return gettext(SENTENCES[found.code][1]).format(**dict(found.figures))
