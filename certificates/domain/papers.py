"""Which files may be a plant's papers, told by their first bytes and not by their names."""

from certificates.errors import DocumentRefused

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PAPERS = 50  # of one plant
HEAD = 16  # bytes that tell
# PDF: ISO 32000-1, 7.5.2. PNG: ISO/IEC 15948, 5.2. JPEG: ISO/IEC 10918-1, B.1.1.3 (SOI, marker).
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
SUFFIX = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}
LONGEST_NAME = 200


def media_type_of(head: bytes) -> str:
    """What a file is by its first bytes. Raises: DocumentRefused."""
    for signature, media_type in SIGNATURES:
        if head.startswith(signature):
            return media_type
    if not head:
        raise DocumentRefused("The file is empty. Choose another.")
    raise DocumentRefused("Papers are PDF, PNG or JPEG files; this is none of them.")


def plain_name(name: str, media_type: str) -> str:
    """A file's name without folders or characters that are no text, with the suffix of its kind."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(each for each in last if each.isprintable()).strip(" .") or "paper"
    suffix = SUFFIX[media_type]
    known = (".jpg", ".jpeg") if suffix == ".jpg" else (suffix,)
    if shown.lower().endswith(known):
        stem, _, own = shown.rpartition(".")
        return f"{stem[: LONGEST_NAME - len(own) - 1]}.{own}"
    return shown[: LONGEST_NAME - len(suffix)] + suffix
