"""KaTeX in one long-lived Node process: started with the first formula, ended with Python."""

import atexit
import json
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Lock

from scripts.extensions.location import ROOT
from scripts.node import find_node

SERVER = Path(__file__).with_name("katex_server.mjs")
KATEX = ROOT / "node_modules" / "katex"

Formula = tuple[str, bool]  # TeX, and whether it is displayed


class NoRenderer(Exception):
    """KaTeX cannot be run at all."""


class Renderer:
    """One Node process, started with the first formula, and what it has rendered so far."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.lock = Lock()
        self.known: dict[Formula, dict[str, str]] = {}
        atexit.register(self.stop)

    def render(self, formulas: list[Formula]) -> list[dict[str, str]]:
        """Give `{"html": …}` or `{"error": …}` for each formula."""
        with self.lock:
            new = [it for it in dict.fromkeys(formulas) if it not in self.known]
            if new:
                self.known.update(zip(new, self.ask(json.dumps(new)), strict=True))
            return [self.known[it] for it in formulas]

    def ask(self, request: str) -> list[dict[str, str]]:
        for _ in range(2):  # once more, if the process has died since the last page
            process = self.process or self.start()
            assert process.stdin
            assert process.stdout
            try:
                process.stdin.write(request + "\n")
                process.stdin.flush()
                if answer := process.stdout.readline():
                    answers: list[dict[str, str]] = json.loads(answer)
                    return answers
            except BrokenPipeError:
                pass
            self.stop()
        raise NoRenderer(f"{SERVER.name} ended without an answer: run make setup")

    def start(self) -> subprocess.Popen[str]:
        node = find_node()
        if not node or not KATEX.is_dir():
            raise NoRenderer(f"formulas need {'node_modules/katex' if node else 'node'}: run make setup")
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([node, SERVER], stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
        return self.process

    def stop(self) -> None:
        process, self.process = self.process, None
        if not process:
            return
        with suppress(BrokenPipeError):
            process.communicate(timeout=5)  # closes its input, at whose end it ends
        process.kill()
        process.wait()


RENDERER = Renderer()
