"""People write numbers in many ways."""

import pytest

from config.lookup import Kind, Meaning, meaning

GSRN = "299900000000000023"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{GSRN}/5204", Meaning(Kind.CERTIFICATE, gsrn=GSRN, number=5204)),
        (f" {GSRN} / 5,204 ", Meaning(Kind.CERTIFICATE, gsrn=GSRN, number=5204)),
        (
            f"https://r.example/certificates/{GSRN}/7/",
            Meaning(Kind.CERTIFICATE, gsrn=GSRN, number=7),
        ),
        (GSRN, Meaning(Kind.PLANT, gsrn=GSRN)),
        ("2999 0000 0000 0000 23", Meaning(Kind.PLANT, gsrn=GSRN)),
        ("12", Meaning(Kind.BLOCK, number=12)),
        ("Block no. 1,204", Meaning(Kind.BLOCK, number=1204)),
        (
            "http://localhost:8000/r/zBF-RLnG4_wplP-_S3-R3Dr6PVk/?x=1",
            Meaning(Kind.RECEIPT, public_id="zBF-RLnG4_wplP-_S3-R3Dr6PVk"),
        ),
        (
            "zBF-RLnG4_wplP-_S3-R3Dr6PVk",
            Meaning(Kind.RECEIPT, public_id="zBF-RLnG4_wplP-_S3-R3Dr6PVk"),
        ),
        ("wind", Meaning(Kind.NOTHING)),
        ("9" * 400, Meaning(Kind.NOTHING)),
    ],
)
def test_a_text_is_read_as_what_it_names(text, found):
    assert meaning(text) == found
