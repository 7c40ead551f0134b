"""A burst of CDRs over sockets to the registry as `manage.py up` runs it.

Server, worker, queue, chain writer, database and sender share the machine's cores. A CDR is
told to have been taken when its answer came; then it is awaited that each is a charge.
"""

import base64
import faulthandler
import os
import select
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.figures import machine, measured
from benchmarks.ocpi import cdr, connected
from benchmarks.processes import between, children, parent, spent
from benchmarks.registry import empty_registry

CDRS = 5_000
CONNECTIONS = 16  # a sender's; each has one request on its way
GOAL = 1_000  # CDRs a second, everything included
PATIENCE_S = 60  # for an answer, a start, or charges to be placed
STEP_S = 180
NAMES = {"granian": "web", "celery": "worker", "chain_writer": "chain", "valkey": "queue"}


def main() -> None:
    """Print CDRs a second on the clock, and who spent the processor time of one."""
    count = int(sys.argv[1]) if sys.argv[1:] else CDRS
    print(machine(), flush=True)
    _watch()
    with empty_registry():
        token = connected()
        _watch()
        with running() as (port, root):
            _burst(port, token, [cdr(n) for n in range(count, count + count // 5)])  # warms up
            _await(count // 5)
            roots = _roots(root)
            for step, expected in (("taken", 201), ("sent again", 200)):
                _measured(step, expected, roots, port, token, [cdr(n) for n in range(count)])


def _watch() -> None:
    """From here on a step may take its time; one that takes longer says where it stands and ends.

    On a busy machine the tables alone take more than a minute to make.
    """
    faulthandler.dump_traceback_later(STEP_S, exit=True)


def _measured(
    step: str, expected: int, roots: dict[str, int], port: int, token: str, bodies: list[bytes]
) -> None:
    _watch()
    before, start = spent(roots), time.perf_counter()
    with measured() as own:
        answers = _burst(port, token, bodies)
    wall = own.wall_s
    cost = between(before, spent(roots)) | {"sender": own.cpu_s}
    _await(len(bodies) + len(bodies) // 5)
    placed_s, placing = time.perf_counter() - start, between(before, spent(roots))
    if set(answers) != {expected}:
        raise SystemExit(f"{step}: HTTP {answers}")
    parts = ", ".join(f"{name} {1000 * s / len(bodies):.2f}" for name, s in sorted(cost.items()))
    rate, each = len(bodies) / wall, 1000 * sum(cost.values()) / len(bodies)
    print(
        f"{step}: {len(bodies):,} in {wall:.2f} s, {rate:,.0f}/s on the clock (goal {GOAL:,}); "
        f"ms of processor time each: {parts}, in all {each:.2f}; all are charges after "
        f"{placed_s:.1f} s and {1000 * sum(placing.values()) / len(bodies):.2f} ms each",
        flush=True,
    )


@contextmanager
def running() -> Iterator[tuple[int, int]]:
    """The registry on a free port, and the process above all of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: text for name, text in os.environ.items() if name != "REDIS_URL"}
    environment |= {"PORT": str(port), "PUBLIC_URL": f"http://localhost:{port}"}
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _listening(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def _listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            time.sleep(3)  # worker and chain writer start beside it
            return
    raise SystemExit("the registry does not start")


def _roots(up: int) -> dict[str, int]:
    from django.db import connection

    roots = {}
    for pid, command in children(up).items():
        name = next((name for word, name in NAMES.items() if word in command), f"other {pid}")
        roots[name] = pid
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            roots["database"] = parent(cursor.fetchone()[0])
    return roots


def _burst(port: int, token: str, bodies: Sequence[bytes]) -> Counter[int]:
    """Post all bodies over kept connections, as fast as they are answered; statuses counted."""
    word = base64.b64encode(token.encode()).decode()
    head = (
        f"POST /ocpi/2.2.1/cdrs HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Token {word}"
        "\r\nContent-Type: application/json\r\nContent-Length: "
    ).encode()
    waiting = iter(bodies)
    answers: Counter[int] = Counter()
    poll = select.epoll()
    sockets = {}
    for body in waiting:
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[one.fileno()] = one
        poll.register(one.fileno(), select.EPOLLIN)
        one.sendall(b"%s%d\r\n\r\n%s" % (head, len(body), body))
        if len(sockets) == CONNECTIONS:
            break
    while sum(answers.values()) < len(bodies):
        ready = poll.poll(PATIENCE_S)
        if not ready:
            raise SystemExit(f"no answer for {PATIENCE_S} s after {dict(answers)}")
        for number, _ in ready:
            answers[_answer(sockets[number])] += 1
            body = next(waiting, b"")
            if body:
                sockets[number].sendall(b"%s%d\r\n\r\n%s" % (head, len(body), body))
    for one in sockets.values():
        one.close()
    poll.close()
    return answers


def _answer(one: socket.socket) -> int:
    """The status of the next answer, which is read whole. Raises: SystemExit where it ends."""
    data, whole = b"", sys.maxsize
    while len(data) < whole:
        more = one.recv(65536)
        if not more:
            raise SystemExit(f"the server hung up after {data[:200]!r}")
        data += more
        top, end, _ = data.partition(b"\r\n\r\n")
        if end:
            length = top.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            whole = len(top) + len(end) + int(length)
    return int(data[9:12])


def _await(count: int) -> None:
    """Until so many charges are recorded, each once."""
    from charging.models import Session

    deadline = time.monotonic() + PATIENCE_S
    while Session.objects.filter(final=True).count() < count:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {Session.objects.count()} of {count} CDRs became charges")
        time.sleep(0.2)
    if Session.objects.count() != count:
        raise SystemExit(f"{Session.objects.count()} charges of {count} CDRs")


if __name__ == "__main__":
    main()
