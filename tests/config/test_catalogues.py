"""Catalogues are compiled without gettext, and gettext reads what was written."""

import gettext
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from config.catalogues import UnreadableCatalogue, compile_catalogue, read

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
PLURAL = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def opened(text):
    return gettext.GNUTranslations(BytesIO(compile_catalogue(text)))


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters='\n\t"\\'), min_size=1
)


@given(st.dictionaries(TEXTS, TEXTS, max_size=12))
def test_gettext_finds_every_message_that_was_compiled(messages):
    entries = [f"msgid {quoted(k)}\nmsgstr {quoted(v)}\n" for k, v in messages.items()]
    catalogue = opened("\n".join([HEADER, *entries]))
    assert {key: catalogue.gettext(key) for key in messages} == messages


def test_plurals_and_contexts_are_kept_apart():
    catalogue = opened(
        HEADER
        + PLURAL
        + '\nmsgctxt "until"\nmsgid "to"\nmsgstr "bis"\n\nmsgid "to"\nmsgstr "zu"\n'
        + '\nmsgid "%d hour"\nmsgid_plural "%d hours"\n'
        + 'msgstr[0] "%d Stunde"\nmsgstr[1] "%d Stunden"\n'
    )
    assert (catalogue.pgettext("until", "to"), catalogue.gettext("to")) == ("bis", "zu")
    assert [catalogue.ngettext("%d hour", "%d hours", n) for n in (1, 2)] == [
        "%d Stunde",
        "%d Stunden",
    ]


def test_what_is_fuzzy_or_empty_is_not_translated():
    text = '#, fuzzy\nmsgid "a"\nmsgstr "x"\n\nmsgid "b"\nmsgstr ""\n\nmsgid "c"\nmsgstr "z"\n'
    assert read(text) == {"c": "z"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('msgid "a\nmsgstr "b"\n', "line 1: .* is not a quoted text"),
        ('msgid "a"\nmessage "b"\n', "line 2: 'message' is no word of a catalogue"),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', "'a' is there twice"),
    ],
)
def test_a_bad_line_is_named(text, words):
    with pytest.raises(UnreadableCatalogue, match=words):
        compile_catalogue(text)


def test_the_compiled_catalogues_are_those_of_their_sources():
    """If this fails: manage.py compile_catalogues."""
    sources = list(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po"))
    assert sources
    for path in sources:
        assert path.with_suffix(".mo").read_bytes() == compile_catalogue(path.read_text("utf-8"))


def test_the_command_writes_beside_each_source(tmp_path, settings, capsys):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(HEADER + '\nmsgid "a"\nmsgstr "b"\n')
    settings.LOCALE_PATHS = [tmp_path]
    call_command("compile_catalogues")
    assert (folder / "django.mo").read_bytes()[:4] == b"\xde\x12\x04\x95"
