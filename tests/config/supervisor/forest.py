"""A process tree of small stand-ins, run as a program so that tests can kill it.

    python -m tests.config.supervisor.forest DIRECTORY [SCENARIO]

Each stand-in writes its process id to DIRECTORY/NAME.pid, and when it is stopped its name
to DIRECTORY/stopped. `parent` has a child of its own, as a web server or a worker has.
"""

import sys
from pathlib import Path

from config.supervisor.child import Plan
from config.supervisor.output import Printer
from config.supervisor.tree import Tree

PERSON = """
import os, pathlib, signal, subprocess, sys, time
folder, name, kind = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def stop(number, frame):
    with (folder / "stopped").open("a") as log:
        log.write(name + "\\n")
    if kind != "deaf":
        sys.exit(0)

def note(whose, pid):  # whole or not at all: others read it at any moment
    (folder / (whose + ".new")).write_text(str(pid))
    (folder / (whose + ".new")).replace(folder / (whose + ".pid"))

signal.signal(signal.SIGTERM, stop)
if kind == "parent":
    grandchild = subprocess.Popen([sys.executable, "-c", "import signal, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"])
    note("grandchild", grandchild.pid)
note(name, os.getpid())
print("here is", name)
if kind == "short":
    sys.exit(3)
while True:
    time.sleep(0.05)
"""


def person(folder: Path, name: str, kind: str = "plain", *, once: bool = False) -> Plan:
    """A stand-in that others may count on as soon as it has written its process id."""
    command = (sys.executable, "-c", PERSON, str(folder), name, kind)
    mark = folder / f"{name}.pid"
    return Plan(name, command, is_ready=mark.exists, once=once, grace_s=1.0)


SCENARIOS = {
    "plain": [("first", "plain"), ("second", "parent"), ("third", "plain")],
    "deaf": [("first", "plain"), ("second", "deaf")],
    "dying": [("first", "short"), ("second", "plain")],
}


def main(folder: Path, scenario: str) -> None:
    plans = [person(folder, name, kind) for name, kind in SCENARIOS[scenario]]
    plans.append(person(folder, "errand", "short", once=True))
    printer = Printer(colour=False)
    Tree(
        plans,
        printer,
        on_ready=lambda: printer.say("all ready"),
        on_done=lambda name, lines, code: printer.say(f"{name} done {code}: {' / '.join(lines)}"),
    ).run()
    printer.say("all stopped")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "plain")
