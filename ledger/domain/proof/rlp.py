"""Strict reading of RLP (Ethereum yellow paper, appendix B): one form for each value."""

MAX_DEPTH = 16

Item = bytes | list["Item"]


def decode(data: bytes) -> Item:
    """The item that the bytes are, nothing before or after it.

    Raises: ValueError when they are not canonical RLP, or lists lie deeper than 16.
    """
    item, end = _item(data, 0, len(data), 0)
    if end != len(data):
        raise ValueError("RLP: bytes follow the item")
    return item


def encode(item: Item) -> bytes:
    """The bytes of an item."""
    if isinstance(item, list):
        content = b"".join(encode(each) for each in item)
        return _prefix(len(content), 0xC0) + content
    if len(item) == 1 and item[0] < 0x80:
        return item
    return _prefix(len(item), 0x80) + item


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(size)]) + size


def _item(data: bytes, at: int, end: int, depth: int) -> tuple[Item, int]:
    if at >= end:
        raise ValueError("RLP: an item is missing")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    is_list = first >= 0xC0
    start, stop = _content(data, at, end, first - (0xC0 if is_list else 0x80))
    if not is_list:
        content = data[start:stop]
        if len(content) == 1 and content[0] < 0x80:
            raise ValueError("RLP: a single byte is written longer than needed")
        return content, stop
    if depth == MAX_DEPTH:
        raise ValueError(f"RLP: lists lie deeper than {MAX_DEPTH}")
    items: list[Item] = []
    while start < stop:
        item, start = _item(data, start, stop, depth + 1)
        items.append(item)
    return items, stop


def _content(data: bytes, at: int, end: int, length: int) -> tuple[int, int]:
    """Where the content of a string or list lies; `length` is its first byte's."""
    start = at + 1
    if length > 55:
        size = length - 55
        written = data[start : start + size]
        start += size
        length = int.from_bytes(written, "big")
        if start > end or written[0] == 0 or length < 56:
            raise ValueError("RLP: a length is cut off or written longer than needed")
    if start + length > end:
        raise ValueError("RLP: an item is cut off")
    return start, start + length
