"""Runs functions of docs/interactive in Node, so that their numbers can be compared with dlbook's."""

import json
import subprocess

from scripts.node import find_node
from tests.built import ROOT

CALLER = """
import { text } from "node:stream/consumers"
const { module, calls } = JSON.parse(await text(process.stdin))
const functions = await import(module)
const answers = calls.map(([name, ...inputs]) => functions[name](...inputs))
// JSON has no words for these three, nor for typed arrays.
const odd = (key, it) => (typeof it === "number" && !Number.isFinite(it) ? String(it)
    : ArrayBuffer.isView(it) ? [...it] : it)
process.stdout.write(JSON.stringify(answers, odd))
"""
ODD = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def javascript(module, calls):
    """Call functions of a module of docs/interactive: `javascript("maths/losses", [("crossEntropy", 0.1)])`.

    The calls run in one process, in their order, and their answers come back in a list. Numbers keep all
    their digits on both ways.
    """
    request = {"module": (ROOT / "docs/interactive" / f"{module}.js").as_uri(), "calls": calls}
    done = subprocess.run(
        [find_node(), "--input-type=module", "--eval", CALLER],
        input=json.dumps(request),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return finite(json.loads(done.stdout))


def finite(answer):
    """Turn the words for infinities and NaN back into numbers."""
    if isinstance(answer, list):
        return [finite(it) for it in answer]
    if isinstance(answer, dict):
        return {key: finite(it) for key, it in answer.items()}
    return ODD.get(answer, answer) if isinstance(answer, str) else answer
