"""What was taken from elsewhere is what its manifest says, and nothing more."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "config" / "static" / "vendor" / "manifest.json"


def test_vendored_files_are_those_of_the_manifest():
    for entry in json.loads(MANIFEST.read_text())["files"]:
        content = (ROOT / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["path"]
        assert entry["name"]
        assert entry["version"]
        assert entry["licence"]


def test_no_page_asks_for_anything_from_elsewhere_or_styles_inline():
    for page in (ROOT / "templates").rglob("*.html"):
        if page.is_relative_to(ROOT / "templates" / "admin"):
            continue
        text = page.read_text()
        for forbidden in ('src="http', "style=", "<style", "onclick=", "@import"):
            assert forbidden not in text, f"{page}: {forbidden}"
