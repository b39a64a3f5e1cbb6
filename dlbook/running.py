"""Long runs: a line that shows how far they are, steps that Ctrl-C does not cut in two, a history kept."""

import os
import sys
from contextlib import suppress
from signal import SIGINT, getsignal, raise_signal, signal
from time import monotonic
from warnings import warn

import numpy as np

from dlbook.network_base import AT_ONCE

PAUSE = 0.1  # seconds between two looks of the line
RECENT = 100  # mini-batches whose mean loss is shown


class Run:
    """A run of training as people live with it: they watch it, stop it, and want what it has found so far.

    Parameters
    ----------
    net : Network
        What is trained.
    sets : dict of str to (ndarray, ndarray)
        The pairs ``(x, t)`` to measure it on; ``train_set`` is one of them.
    epochs, batch_size, least, progress
        As `train` and `minibatches` take them.

    Attributes
    ----------
    history : dict of str to list
        What the run has found so far. Each step adds to the list ``loss``.
    """

    def __init__(self, net, sets, epochs, batch_size, least, progress):
        self.net, self.sets, self.total = net, sets, epochs
        self.history = {"loss": []} | {name: [value] for name, value in measure(net, sets).items()}
        self.steps = len(range(0, len(sets["train_set"][0]) - least + 1, batch_size))  # in an epoch
        self.epochs = progress(range(epochs)) if callable(progress) else range(epochs)
        self.whole = Whole()
        self.stream = sys.stderr
        watched = is_watched(self.stream)
        self.shown = progress is True or (progress is None and watched)
        self.live = self.shown and watched
        self.length, self.next = 0, 0.0

    def follow(self, batches):
        """Yield the mini-batches of an epoch, and renew the line after their steps."""
        for batch in batches:
            yield batch
            if self.live and monotonic() > self.next:
                self.renew()

    def measure(self):
        """Add to the history what the network can do after an epoch; a file gets its line."""
        measured = measure(self.net, self.sets)
        with self.whole:
            for name, value in measured.items():
                self.history[name].append(value)
        if self.shown and not self.live:
            self.write(f"{self.line()}\n")

    def line(self):
        """Return how far the run has come, in words."""
        loss = self.history["loss"]
        accuracies = [
            f"{name.removesuffix('_accuracy')} {values[-1]:.1%}"
            for name, values in self.history.items()
            if name.endswith("_accuracy")
        ]
        said = f"epoch {len(loss) / self.steps:.1f} of {self.total}: loss {np.mean(loss[-RECENT:]):.4f}"
        return ", ".join([said, *accuracies])

    def renew(self):
        """Write the line over the one before it."""
        line = self.line()[: width(self.stream) - 1]
        self.write(f"\r{line:{self.length}}")
        self.length, self.next = len(line), monotonic() + PAUSE

    def write(self, text):
        """Write to the stream, and go on if it is gone: that nobody can watch a run should not end it."""
        with suppress(AttributeError, OSError, ValueError):
            self.stream.write(text)
            self.stream.flush()

    def __enter__(self):
        self.whole.install()
        return self

    def __exit__(self, kind, error, traceback):
        """End the line; give the history to an exception, or end the run by it where somebody types."""
        self.whole.uninstall()
        if self.live and self.history["loss"]:
            self.renew()
            self.write("\n")
        if error is None:
            return False
        error.history = self.history
        said = f"Training ended after {len(self.history['loss'])} of {self.total * self.steps} updates"
        if isinstance(error, KeyboardInterrupt) and hasattr(sys, "ps1"):  # a prompt, or a notebook
            warn(f"{said}; its history so far is returned", RuntimeWarning, stacklevel=3)
            return True
        error.add_note(f"{said}; its history so far is the attribute `history` of this exception.")
        return False


class Whole:
    """A block that Ctrl-C does not cut in two: it waits for the end. A second Ctrl-C does not wait.

    It is entered in every step, and handlers of signals take long to exchange, so this is done once a run.
    """

    def __init__(self):
        self.inside = self.came = False
        self.handler = getsignal(SIGINT)

    def install(self):
        """Have Ctrl-C come here, if it is Python that handles it."""
        if callable(self.handler):
            with suppress(ValueError):  # Ctrl-C interrupts the main thread; no other may ask for it
                signal(SIGINT, self.interrupt)

    def uninstall(self):
        """Have it go where it went before, unless somebody else has changed that."""
        if getsignal(SIGINT) == self.interrupt:
            signal(SIGINT, self.handler)

    def interrupt(self, *arguments):
        """Let the first Ctrl-C in a block wait, and pass on any other."""
        self.came = self.inside and not self.came
        if not self.came and callable(self.handler):
            self.handler(*arguments)

    def __enter__(self):
        self.inside = True

    def __exit__(self, *_):
        self.inside = False
        if self.came:
            raise_signal(SIGINT)


def is_watched(stream):
    """Tell whether somebody sees at once what is written: on a terminal, or in a notebook."""
    try:
        return stream.isatty() or type(stream).__module__.startswith("ipykernel")
    except (AttributeError, ValueError):  # there is no stream, or it is closed
        return False


def width(stream):
    """Return how many characters a line of a terminal has; of a notebook, what most lines have room for."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (AttributeError, OSError, ValueError):
        return 100


def measure(net, sets):
    """Return the accuracy on each set, and the loss on that of validation; errors name the set."""
    measured = {}
    for name, (x, t) in sets.items():
        try:
            measured[f"{name.removesuffix('_set')}_accuracy"] = net.accuracy(x, t)
            if name == "validation":
                measured["validation_loss"] = mean_loss(net, x, t)
        except (TypeError, ValueError) as error:
            if not str(error).startswith(("x ", "t ")):
                raise
            raise type(error)(f"{name}: {error}") from error
    return measured


def mean_loss(net, x, t):
    """Return the loss over many samples, not all of them at once, because what is in between needs room."""
    cuts = range(AT_ONCE, len(x), AT_ONCE)
    parts = list(zip(np.split(x, cuts), np.split(t, cuts), strict=True))
    return float(np.average([net.loss(*part) for part in parts], weights=[len(t) for _, t in parts]))


def least_samples(net):
    """Return how many samples a mini-batch needs: with batch normalization two, for one has no variance."""
    return 2 if getattr(net, "batch_norm", False) else 1


def is_true(answer):
    """Tell whether an answer is True itself, Python's or NumPy's."""
    return isinstance(answer, bool | np.bool_) and bool(answer)
