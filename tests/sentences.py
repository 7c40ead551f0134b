"""Every sentence that pages ask a translation of, read from the sources without gettext."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
TEXT = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALLS = re.compile(rf"\b(n?p?gettext)\({TEXT}(?:, *{TEXT})?")
TRANSLATED = (
    "templates/*.html",
    "templates/parts/*.html",
    "templates/certificate/*.html",
    "templates/driver/*.html",
    "templates/receipt/*.html",
    "templates/score/*.html",
    "templates/statement/*.html",
    "templates/storage/chain.html",
)
CODE = (
    "charging/views/*.py",
    "charging/views/driver/*.py",
    "charging/views/receipts/*.py",
    "config/story.py",
    "config/templatetags/language.py",
)
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext"}


def of_templates() -> Iterator[str]:
    """Keys as a catalogue has them: context, end of transmission, text."""
    for pattern in TRANSLATED:
        for path in sorted(ROOT.glob(pattern)):
            yield from _of_template(path.read_text("utf-8"))


def of_views() -> Iterator[str]:
    """Sentences of the Python code that makes these pages."""
    for path in sorted(path for pattern in CODE for path in ROOT.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in FUNCTIONS:
                wanted = 2 if _name(node.func) == "ngettext" else 1
                texts = [a.value for a in node.args[:wanted] if isinstance(a, ast.Constant)]
                if texts:
                    yield "\0".join(texts)


def _of_template(source: str) -> Iterator[str]:
    for call, first, second in CALLS.findall(templatize(source)):
        one, two = ast.literal_eval(first), ast.literal_eval(second) if second else ""
        if call == "pgettext":
            yield f"{one}\x04{two}"
        elif call == "ngettext":
            yield f"{one}\0{two}"
        else:
            yield one


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
