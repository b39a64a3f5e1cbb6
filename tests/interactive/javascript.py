"""Runs functions of docs/interactive in Node, so that their numbers can be compared with dlbook's."""

import json
import subprocess

from scripts.node import find_node
from tests.built import ROOT

CALLER = """
import { text } from "node:stream/consumers"
const { module, calls } = JSON.parse(await text(process.stdin))
const functions = await import(module)
const answers = []
for (const [name, ...inputs] of calls)
    answers.push(functions[name](...inputs.map(it => it?.answer === undefined ? it : answers[it.answer])))
// JSON has no words for these three, nor for typed arrays.
const odd = (key, it) => (typeof it === "number" && !Number.isFinite(it) ? String(it)
    : ArrayBuffer.isView(it) ? [...it] : it)
process.stdout.write(JSON.stringify(answers, odd))
"""
ODD = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def javascript(module, calls):
    """Call functions of a module of docs/interactive: `javascript("maths/losses", [("crossEntropy", 0.1)])`.

    The calls run in one process, in their order, and their answers come back in a list. Numbers keep all
    their digits on both ways. `answer(0)` as an input stands for what the first call gave.
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


def answer(index):
    """Stand for the answer of an earlier call, as an input of a later one."""
    return {"answer": index}


def finite(given):
    """Turn the words for infinities and NaN back into numbers."""
    if isinstance(given, list):
        return [finite(it) for it in given]
    if isinstance(given, dict):
        return {key: finite(it) for key, it in given.items()}
    return ODD.get(given, given) if isinstance(given, str) else given
