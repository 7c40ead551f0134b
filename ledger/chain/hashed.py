"""What a store keeps under its own hash: one after the other, and found by a layered index.

Hashes come in no order. A table in their order is written all over: of a million nodes, each
of the ten thousand that a block adds falls on a page of its own, which is then read, logged
and written as a whole. Here values follow each other as they come, and only their places are
kept by hash, in layers of which the newest is small; a full layer is merged into the next in
the order of the hashes (the log-structured merge tree of O'Neil, Cheng, Gawlick and O'Neil,
Acta Informatica 33, 1996). What a block writes then hardly depends on what lies there already.
"""

from collections.abc import Sequence
from sqlite3 import Connection

DIGEST_BYTES = 32
LAYERS = (0, 1, 2)  # newest first; the last takes whatever comes
ROOM = (1 << 16, 1 << 20)  # places that a layer holds before it is merged into the next
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS hashed (n INTEGER PRIMARY KEY, v BLOB NOT NULL)",
    *(
        f"CREATE TABLE IF NOT EXISTS place{layer} "
        "(k BLOB PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID"
        for layer in LAYERS
    ),
)
PLACE = " UNION ALL ".join(f"SELECT n FROM place{layer} WHERE k = ?1" for layer in LAYERS)  # noqa: S608
GET = f"SELECT v FROM hashed WHERE n = ({PLACE} LIMIT 1)"  # noqa: S608
ASKED_AT_ONCE = 512


class HashedValues:
    """Values under 32 bytes, in a connection's open transaction; what comes last counts.

    `room` is that of each layer but the last.
    """

    def __init__(self, connection: Connection, room: Sequence[int] = ROOM) -> None:
        self._run = connection.execute
        self._run_each = connection.executemany
        self._room = room
        self._held: list[int] | None = None  # about how many places each layer holds

    def get(self, key: bytes) -> bytes | None:
        row = self._run(GET, (key,)).fetchone()
        return row[0] if row else None

    def get_each(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those that are here, which must lie under their own hash: some statements.

        Such a value is the same in whatever layer it lies. The largest layer is asked first, as
        most are there; what a merge moves meanwhile may be missed, and `get` finds it.
        """
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), ASKED_AT_ONCE):
            open_keys = keys[start : start + ASKED_AT_ONCE]
            for layer in reversed(LAYERS):
                if not open_keys:
                    break
                marks = ",".join("?" * len(open_keys))
                rows = self._run(
                    f"SELECT k, v FROM place{layer} JOIN hashed USING (n) WHERE k IN ({marks})",  # noqa: S608
                    open_keys,
                )
                found.update(rows)
                open_keys = [key for key in open_keys if key not in found]
        return found

    def write(self, puts: Sequence[tuple[bytes, bytes]], deletes: Sequence[bytes]) -> None:
        """Raises: sqlite3.Error; the caller's transaction undoes what was done."""
        if puts:
            (last,) = self._run("SELECT coalesce(max(n), 0) FROM hashed").fetchone()
            places = range(last + 1, last + 1 + len(puts))
            values = [value for _, value in puts]
            self._run_each("INSERT INTO hashed (n, v) VALUES (?, ?)", zip(places, values))  # noqa: B905
            self._run_each(
                "INSERT OR REPLACE INTO place0 (k, n) VALUES (?, ?)",
                sorted(zip((key for key, _ in puts), places, strict=True)),
            )
            self._merge(len(puts))
        for layer in LAYERS if deletes else ():
            self._run_each(f"DELETE FROM place{layer} WHERE k = ?", [(key,) for key in deletes])  # noqa: S608

    def recount(self) -> None:
        """Call when a write was undone: what its layers held is not known then."""
        self._held = None

    def _merge(self, added: int) -> None:
        """Pour full layers into the next."""
        if self._held is None:
            counts = [self._run(f"SELECT count(*) FROM place{n}") for n in range(len(self._room))]  # noqa: S608
            self._held = [count.fetchone()[0] for count in counts]
        else:
            self._held[0] += added
        for layer, room in enumerate(self._room):
            if self._held[layer] <= room:
                break
            self._run(
                f"INSERT OR REPLACE INTO place{layer + 1} SELECT k, n FROM place{layer} ORDER BY k"  # noqa: S608
            )
            self._run(f"DELETE FROM place{layer}")  # noqa: S608
            if layer + 1 < len(self._room):
                self._held[layer + 1] += self._held[layer]
            self._held[layer] = 0
