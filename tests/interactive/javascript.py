"""Runs functions of docs/interactive in Node, so that their numbers can be compared with dlbook's."""

import atexit
import json
import subprocess
from functools import cache

from scripts.node import find_node
from tests.built import ROOT

CALLER = """
import { createInterface } from "node:readline"
// JSON has no words for these three, nor for typed arrays.
const odd = (key, it) => (typeof it === "number" && !Number.isFinite(it) ? String(it)
    : ArrayBuffer.isView(it) ? [...it] : it)
for await (const line of createInterface({ input: process.stdin })) {
    const { module, calls } = JSON.parse(line), answers = []
    try {
        const functions = await import(module)
        const given = it => it?.answer === undefined ? it : answers[it.answer]
        for (const [name, ...inputs] of calls) answers.push(functions[name](...inputs.map(given)))
        console.log(JSON.stringify(answers, odd))
    } catch (error) {
        console.log(JSON.stringify(error.stack))
    }
}
"""
ODD = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def javascript(module, calls):
    """Call functions of a module of docs/interactive: `javascript("maths/losses", [("crossEntropy", 0.1)])`.

    The calls run in their order, and their answers come back in a list. Numbers keep all
    their digits on both ways. `answer(0)` as an input stands for what the first call gave.
    """
    request = {"module": (ROOT / "docs/interactive" / f"{module}.js").as_uri(), "calls": calls}
    node().stdin.write(f"{json.dumps(request)}\n")
    answers = json.loads(node().stdout.readline())
    assert isinstance(answers, list), answers
    return finite(answers)


@cache
def node():
    """One process, which answers line by line: most calls are shorter than its start."""
    command = [find_node(), "--input-type=module", "--eval", CALLER]
    process = subprocess.Popen(command, stdin=-1, stdout=-1, encoding="utf-8", bufsize=1)
    atexit.register(process.communicate)
    return process


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
