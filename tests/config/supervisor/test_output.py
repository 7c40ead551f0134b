"""Several voices on one terminal."""

import io

import pytest

from config.supervisor.output import Printer

pytestmark = pytest.mark.once


def test_without_colour_each_line_names_its_process_and_progress_is_left_out():
    stream = io.StringIO()
    printer = Printer(stream, colour=False)
    printer.line("web", "hello")
    printer.progress("demo", "12 %")
    printer.line("worker", "hello")
    assert stream.getvalue() == "web    | hello\nworker | hello\n"


def test_progress_is_written_over_by_whatever_comes_next():
    stream = io.StringIO()
    printer = Printer(stream, colour=True)
    printer.progress("demo", "12 %")
    printer.progress("demo", "13 %")
    printer.say("done")
    pieces = stream.getvalue().split("\r\x1b[K")
    assert len(pieces) == 3
    assert pieces[0].endswith("12 %")
    assert pieces[1].endswith("13 %")
    assert pieces[2] == "done\n"


def test_a_terminal_that_was_closed_silences_the_printer_and_does_no_harm():
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    printer = Printer(Closed(), colour=False)
    printer.say("one")
    printer.say("two")
