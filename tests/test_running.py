"""The line that shows a run: on a terminal, in a notebook, in a file, and where nobody can see it."""

import io
import os
import pty
import re
import subprocess
import sys
import termios

import numpy as np
import pytest

from dlbook.networks import SimpleNet
from dlbook.running import is_watched
from dlbook.training import train

DATA = np.identity(3).repeat(7, axis=0), np.arange(3).repeat(7)
LINE = r"epoch \d\.\d of 3: loss \d\.\d{4}, train \d+\.\d%, test \d+\.\d%"


class Stream(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return super().isatty() or self.terminal  # which raises an error if the stream is closed


class Notebook(Stream):
    __module__ = "ipykernel.iostream"


def run(**arguments):
    return train(SimpleNet(np.zeros((3, 3))), DATA, DATA, epochs=3, batch_size=5, rng=0, **arguments)


@pytest.mark.parametrize("stream", [Stream(True), Notebook(False)], ids=["terminal", "notebook"])
def test_somebody_who_watches_sees_one_line_that_is_renewed(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr("dlbook.running.PAUSE", 0)
    history = run()
    start, *lines = stream.getvalue().split("\r")
    assert start == ""
    assert len(lines) > 3 * 5
    assert all(re.fullmatch(LINE, line.strip()) for line in lines)
    assert lines[-1].count("\n") == 1
    final = f"epoch 3.0 of 3: loss {np.mean(history['loss'][-100:]):.4f}, train 100.0%, test 100.0%\n"
    assert lines[-1] == final


@pytest.mark.parametrize("stream", [Stream(False), Stream(True)], ids=["captured", "terminal"])
def test_nothing_is_shown_without_progress_or_where_output_is_captured(stream, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", stream)
    run(progress=False)
    run(progress=iter)
    if not stream.terminal:
        run()
    assert stream.getvalue() == ""
    assert capsys.readouterr().out == ""


def test_a_file_gets_a_line_for_each_epoch(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Stream(False))
    run(progress=True)
    lines = sys.stderr.getvalue().splitlines()
    assert len(lines) == 3
    assert all(re.fullmatch(LINE, line) for line in lines)


def test_an_error_begins_on_a_line_of_its_own(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Stream(True))
    with pytest.raises(ZeroDivisionError):
        run(callback=lambda net, history: 1 / 0)
    assert re.fullmatch(rf"(\r{LINE} *)+\n", sys.stderr.getvalue())


@pytest.mark.parametrize("stream", [None, Stream(True)], ids=["none", "closed"])
def test_a_run_goes_on_without_a_stream(stream, monkeypatch):
    if stream:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    assert not is_watched(stream)
    assert len(run(progress=True)["test_accuracy"]) == 4
    assert len(run()["test_accuracy"]) == 4


def test_a_real_terminal_shows_the_line_and_none_is_wider_than_it():
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (9, 30))
    code = "from tests.test_running import run; run()"
    done = subprocess.run([sys.executable, "-c", code], stderr=theirs, stdout=subprocess.PIPE, check=True)
    shown = os.read(ours, 10_000).decode()
    os.close(theirs)
    os.close(ours)
    assert done.stdout == b""
    assert re.fullmatch(r"(\repoch \d\.\d of 3: loss \d\.\d{4}, *)+\r\n", shown)
    assert max(len(line) for line in shown.strip().split("\r")) == 29
