"""The page that checks a receipt's proof, to use here or to keep; and what it needs."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.views.language import in_readers_language
from charging.models import Receipt
from charging.queries.receipts.proof import receipt_proof
from ledger.domain.proof import files, trust
from ledger.errors import ChainCorrupt, ChainMissing, LedgerError, ProofUnavailable
from ledger.services.trust import registry_trust

SCRIPTS = (
    "vendor/noble-crypto.js",
    "js/proof-keccak.js",
    "js/proof-file.js",
    "js/proof-bytes.js",
    "js/proof-trees.js",
    "js/proof-example.js",
    "js/proof-check.js",
    "js/verify-words.js",
    "js/verify.js",
)
STYLES = ("css/palette.css", "css/base.css", "css/layout.css", "css/forms.css", "css/verify.css")
KEPT_NAME = "check-a-receipt.html"
STATUS = {ProofUnavailable: 404, ChainMissing: 503, ChainCorrupt: 503}


@require_safe
@in_readers_language
def verify_page(request: HttpRequest) -> HttpResponse:
    """Check a file in the browser; nothing is sent anywhere."""
    kept = kept_page()
    facts = {"kept_sha256": hashlib.sha256(kept).hexdigest(), "kept_kb": len(kept) // 1000}
    return render(request, "verify.html", facts)


@require_safe
@in_readers_language
def verify_page_to_keep(request: HttpRequest) -> HttpResponse:
    """The same page in one file that asks nobody for anything, to keep with a receipt."""
    return _attachment(kept_page(), "text/html; charset=utf-8", KEPT_NAME)


@require_safe
@cache_control(public=True, max_age=60)
def trust_file(request: HttpRequest) -> HttpResponse:
    """Whom this registry says to trust; 404 before anything was sealed."""
    try:
        written = trust.dump(registry_trust())
    except LedgerError as error:
        return _refusal(error)
    return _attachment(written, "application/json", "trust.json")


@require_safe
@cache_control(private=True, max_age=0, must_revalidate=True)
@in_readers_language
def proof_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A receipt's proof; 404 while there is none, 410 once the link was revoked.

    With `choose`, it discloses only the fields named by `show`.
    """
    receipt = Receipt.objects.select_related(
        "session__operator", "session__claimant", "session__evse"
    ).filter(public_id=public_id)
    found = receipt.first()
    if found is None:
        return _words(gettext("No receipt has this link. Check that it was copied whole."), 404)
    if found.link_revoked_at is not None:
        return _words(gettext("The link to this receipt was revoked."), 410)
    try:
        written = files.dump(receipt_proof(found, _chosen(request)))
    except LedgerError as error:
        return _refusal(error)
    name = f"receipt-{found.session.started_at:%Y-%m-%d}-proof.json"
    return _private(_attachment(written, "application/json", name))


def _chosen(request: HttpRequest) -> list[str] | None:
    """The fields to disclose; `None` for all of them."""
    return request.GET.getlist("show") if "choose" in request.GET else None


def kept_page() -> bytes:
    """One HTML file with scripts and styles inside, allowed by their hashes and nothing else.

    In the language in use.
    """
    return _kept_page(get_language() or settings.LANGUAGE_CODE)


@cache
def _kept_page(language: str) -> bytes:
    style = "\n".join(_static(name) for name in STYLES)
    script = "\n".join(_static(name) for name in SCRIPTS)
    if "</script" in script or "</style" in style:
        raise ValueError("a script or style would end too early in the page")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "form-action 'none'; base-uri 'none'"
    )
    parts = {
        "language": language,
        "policy": mark_safe(policy),  # noqa: S308
        "style": mark_safe(f"<style>{style}</style>"),  # noqa: S308
        "script": mark_safe(f"<script>{script}</script>"),  # noqa: S308
    }
    return render_to_string("verify_kept.html", parts).encode()


def _static(name: str) -> str:
    path = finders.find(name)
    if not path:
        raise FileNotFoundError(f"{name} is not among the static files")
    return Path(str(path)).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _refusal(error: LedgerError) -> HttpResponse:
    return _words(str(error), STATUS.get(type(error), 503))


def _words(text: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
    return _private(response)


def _attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
