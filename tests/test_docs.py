"""What the documentation names is there: links, headings, files, commands, pages, variables."""

import re
import shlex
from argparse import _SubParsersAction
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import get_resolver

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ("README.md", "CHANGELOG.md", "benchmarks/README.md", "sample_data/ATTRIBUTION.md")
PAGES = [*(ROOT / name for name in BESIDE), *sorted(ROOT.glob("docs/**/*.md"))]
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)")
FENCED = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?<!\w)manage\.py ([a-z_]+)((?: [^`&|;<>#\n]*)?)")
SOURCE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|json|css|html|vy|csv|gz))`")
VARIABLE = re.compile(r"\benv\.(?:text|flag|words|secret)\(\"(\w+)\"|environ\.get\(\"(\w+)\"")
PAGE = re.compile(r"`/([^`?]*)")
# A convention of the terminal; what a web server says of a request.
NOT_OURS = {"NO_COLOR", "CONTENT_LENGTH"}
WRITTEN = ("DATA_DIR/", "CHAIN_DIR/", "evidence/", "/")  # a registry writes or serves these

of_every_page = pytest.mark.parametrize(
    "document", PAGES, ids=lambda document: str(document.relative_to(ROOT))
)


@cache
def text_of(page):
    return page.read_text().replace("\\\n", " ")


def prose_of(page):
    return FENCED.sub("", text_of(page))


def headings_of(page):
    """The names under which a page's headings are linked to, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@of_every_page
def test_every_link_leads_somewhere(document):
    for path, heading in LINK.findall(prose_of(document)):
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{path} is not there"
        assert not heading or heading in headings_of(target), f"{path}#{heading} is not there"


@of_every_page
def test_every_file_that_is_named_is_there(document):
    for name in SOURCE.findall(prose_of(document)):
        there = any((folder / name).exists() for folder in (ROOT, document.parent))
        assert there or name.startswith(WRITTEN), f"{name} is not there"


@of_every_page
def test_every_command_is_there_with_its_options(document):
    apps = get_commands()
    for name, words in COMMAND.findall(text_of(document)):
        assert name in apps, f"there is no command {name}"
        parser = load_command_class(apps[name], name).create_parser("manage.py", name)
        stated = {word.partition("=")[0] for word in shlex.split(words) if word.startswith("--")}
        known = set(parser._option_string_actions) | options_of_parts(parser)
        assert stated <= known, f"{name} has no {stated - known}"


def options_of_parts(parser):
    """Options of a command's own commands, as `witness check --db`."""
    parted = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    parts = [part for action in parted for part in action.choices.values()]
    return {option for part in parts for option in part._option_string_actions}


def test_every_page_is_linked_from_another():
    linked = {
        (page.parent / path).resolve()
        for page in PAGES
        for path, _ in LINK.findall(prose_of(page))
        if path
    }
    alone = {page for page in PAGES if page not in linked and page.parent.name != "decisions"}
    assert alone == {ROOT / "README.md", ROOT / "CHANGELOG.md"}


def routes(patterns, before=""):
    for each in patterns:
        path = before + str(each.pattern)
        yield from routes(each.url_patterns, path) if hasattr(each, "url_patterns") else [path]


def test_every_page_that_is_described_is_served():
    table = text_of(ROOT / "docs/pages.md").split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `/")]
    described = {re.sub("<[^>]*>", "<>", name) for row in rows for name in PAGE.findall(row)}
    served = {re.sub("<[^>]*>", "<>", path) for path in routes(get_resolver().url_patterns)}
    assert len(described) > 50
    assert described - served == set()


def test_every_variable_that_is_read_is_explained():
    sources = [path for app in ("config", "ledger") for path in ROOT.glob(f"{app}/**/*.py")]
    read = {
        name for path in sources for pair in VARIABLE.findall(path.read_text()) for name in pair
    } - {""}
    assert len(read) > 20
    said = set(re.findall(r"`?\b([A-Z][A-Z_]+)\b", "".join(map(text_of, PAGES))))
    assert read - said - NOT_OURS == set()


def test_the_table_of_variables_names_none_that_nobody_reads():
    table = text_of(ROOT / "README.md").split("## Configure it")[1].split("\n## ")[0]
    sources = "".join(path.read_text() for path in ROOT.glob("config/*.py"))
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) > 15
    assert {name for name in named if f'"{name}"' not in sources} == set()
