"""What a page leaves in English when German is asked for."""

import re
from html.parser import HTMLParser

# What is the same in both: figures with their units, codes, names, titles of sources, and the
# words that both languages have.
FIGURES = r"(?:[\W\d_]|BST|UTC|CO|CO2e|e|[km]?g|[kM]?W|[kMG]?Wh|km|l|MJ)*"
CODES = r"[\W\d_]*[A-Z0-9][A-Z0-9-]*[\W\d_]*|[0-9a-fx…]{18,}|.*(?:@|https?:|OCMF|secp).*"
NAMES = (
    r".*(?:Kelmarsh|Broxden|Mill Street|Plant \d|Perth|Council|Great Britain|Wind Ltd).*"
    r"|(?:UK conversion factors|Hourly mean of|IPCC).*|English|Deutsch"
)
WORDS = (
    r"Block|Block \d+|Format|Wind|April|August|September|November|doi:.*"
    r"|an|eb|pr|un|ul|ug|ep|ov"  # the months' short names behind their first letter
)
SAME = re.compile("|".join((FIGURES, CODES, NAMES, WORDS)))
DRAWN_WITH_COMMA = re.compile(r'<(?:rect|circle|text|tspan)[^>]* (?:x|y|width|height|r)="[\d-]*,')
SPOKEN = {"aria-label", "title", "alt", "placeholder", "content"}


class Words(HTMLParser):
    """What a person reads or hears of a page, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "link", "input", "br", "rect", "path", "circle"}:
            self._open.append(tag)
        if tag != "meta" or dict(attrs).get("name") == "description":
            self._take(value for name, value in attrs if name in SPOKEN and value)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"script", "style", "code", "textarea"} & {*self._open}:
            self._take([data])

    def _take(self, texts):
        self.found += [" ".join(text.split()) for text in texts if text.strip()]


def words_of(answer):
    reader = Words()
    reader.feed(answer.text)
    return reader.found


def left_in_english(client, path, status=200, **more):
    """Pieces that read the same in both languages and are no names."""
    said = {}
    for language in ("en-gb", "de"):
        ask = client.post if more else client.get
        answer = ask(path, more or None, headers={"accept-language": language})
        assert answer.status_code == status, (path, answer.status_code)
        assert f'<html lang="{language}">' in answer.text, path
        assert not DRAWN_WITH_COMMA.search(answer.text), path
        said[language] = words_of(answer)
    assert len(said["de"]) >= 5
    both = {*said["en-gb"]} & {*said["de"]}
    return sorted(piece for piece in both if not SAME.fullmatch(piece))
