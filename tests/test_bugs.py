"""The gallery of bugs as readers get it: each program is wrong as the page says, and its fix is right."""

import contextlib
import io
import itertools
import json
import math
import os
import re
import subprocess
import sys
import warnings
from fractions import Fraction
from types import SimpleNamespace

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from scipy import special

from dlbook.layers import Convolution, MaxPooling
from scripts.checks.page_code import ONE_THREAD, Ran, problem
from tests.built import CHAPTERS, PYTHON, ROOT, code_blocks, html, pages, soup

GALLERY = "bugs.html"
MARKER = re.compile(r"<!-- --8<-- \[(start|end):bug-([\w-]+)\] -->")


# The gallery and the chapters


def bugs():
    """The bugs of the gallery, by the names that their headings have as ids."""
    return [heading["id"].removeprefix("bug-") for heading in soup(GALLERY).select("h3[id^=bug-]")]


def blocks(name):
    """A bug's blocks: before the answer, and in it."""
    own = [code for code in code_blocks(GALLERY) if code.tag.find_previous("h3")["id"] == f"bug-{name}"]
    folded = [bool(code.tag.find_parent("details")) for code in own]
    return tuple(
        [code for code, inside in zip(own, folded, strict=True) if inside == part] for part in (False, True)
    )


def markers(kind):
    """The markers of all sources that have bugs, in order: page and name."""
    texts = {page: (ROOT / f"docs/en/{page}.md").read_text(encoding="utf-8") for page in (*CHAPTERS, "speed")}
    found = [(page, *it.groups()) for page, text in texts.items() for it in MARKER.finditer(text)]
    return [(page, name) for page, it, name in found if it == kind]


def test_each_bug_stands_on_one_page_and_in_the_gallery(site):
    assert markers("start") == markers("end")
    assert [name for _, name in markers("start")] == bugs(), "docs/en/bugs.md has others, or another order"


def test_each_bug_is_tested_and_each_test_has_a_bug(site):
    tests = {name.removeprefix("test_bug_") for name in globals() if name.startswith("test_bug_")}
    assert {name.replace("-", "_") for name in bugs()} == tests


def test_each_bug_prints_and_has_a_folded_answer_that_runs(site):
    for name in bugs():
        wrong, fix = blocks(name)
        for part in (wrong, fix):
            assert part[0].language in PYTHON, name
            assert any(code.title == "Output" for code in part), name
        assert not fix[0].tag.find_parent("details").has_attr("open"), name


def test_the_table_leads_to_every_bug(site):
    rows = [[it["href"] for it in row.select("td a")] for row in soup(GALLERY).table.select("tbody tr")]
    assert rows == [[f"#bug-{name}", f"{page}.html#bug-{name}"] for page, name in markers("start")]


def test_no_marker_is_left_on_a_page(site):
    assert [page for page in pages() if re.search("8(<|&lt;)-", html(page))] == []


def test_search_finds_a_bug_once(site):
    """In its chapter, and not in the gallery as well."""
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))["docs"]
    assert [entry["location"] for entry in index if entry["location"].startswith("bugs")] == [GALLERY]


# Running them


def play(name, fixed=True):
    """Run a bug alone, as a reader copies it, with its fix or without: its names, and what it printed.

    Each of its blocks has to print what the page shows after it, or nothing.
    """
    wrong, fix = blocks(name)
    names, printed, messages = {"__name__": "__main__"}, "", []
    codes = [*wrong, *(fix if fixed else [])]
    for code, following in itertools.pairwise([*codes, None]):
        if code.language in PYTHON:
            out = io.StringIO()
            with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(out):
                warnings.simplefilter("always")
                exec(compile(code.text, f"<{name}>", "exec"), names)
            said = "\n".join(f"{it.category.__name__}: {it.message}" for it in warned)
            shown = following.text if following and following.title == "Output" else None
            assert not (found := problem(Ran(out.getvalue(), said), shown)), f"{name}: {found}"
            printed += out.getvalue()
            messages += [str(it.message) for it in warned]
    return SimpleNamespace(**names, printed=printed, warned=messages)


def exact(value):
    """A number that is written with few digits, exactly."""
    return Fraction(str(value))


def one_hot(labels, classes):
    return np.eye(classes)[labels]


# Chapter 1


def test_bug_on_the_boundary():
    it = play("on-the-boundary")
    for inputs in itertools.product((0, 1), repeat=3):
        total = sum(exact(w) * x for w, x in zip((0.3, 0.2, 0.1), inputs, strict=True))
        rings = int(total > exact(0.3))
        assert it.cautious_alarm(*inputs) == (1 if inputs == (0, 1, 1) else rings)
        assert it.in_the_gap(*inputs) == it.whole(*inputs) == rings
    assert exact(0.2) + exact(0.1) == exact(0.3)
    assert 0.2 + 0.1 > 0.3
    assert 0.1 + 0.7 < 0.8  # rounding helps here, and a tolerance would not


# Chapter 2


def test_bug_sigmoid_overflows():
    it = play("sigmoid-overflows")
    s = np.array([-1000.0, -1, 0, 1, 1000])
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_allclose(it.naive_sigmoid(s), special.expit(s), rtol=1e-15)
        np.testing.assert_allclose(it.both_sigmoids(s), special.expit(s), rtol=1e-15)
        assert np.isnan(it.other_sigmoid(s)).tolist() == [False] * 4 + [True]
    for wrong in (it.naive_sigmoid, it.both_sigmoids):
        with pytest.warns(RuntimeWarning, match="overflow"), np.errstate(invalid="ignore"):
            wrong(s)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(it.sigmoid(s), special.expit(s), rtol=1e-15)


def test_bug_sigmoid_cancels():
    it = play("sigmoid-cancels")
    s = np.array([-2.0, -20, -40, -700])
    wrong = np.abs(it.tanh_sigmoid(s) / special.expit(s) - 1)
    assert wrong[0] < 1e-14
    assert 1e-9 < wrong[1] < 1e-6, "half of its digits at -20"
    assert wrong[2:].tolist() == [1, 1], "all of them at -40"
    np.testing.assert_allclose(it.sigmoid(s), special.expit(s), rtol=1e-14)
    assert 1 - special.expit(40) == 0 < special.expit(-40)


def test_bug_gone_from_numpy():
    it = play("gone-from-numpy")
    x = np.array([-1.0, 0.0, 2.0])
    with pytest.raises(AttributeError, match=r"numpy.*int"):
        it.old_step(x)
    with pytest.raises(TypeError, match="integer"):
        it.old_relu_grad(x)
    assert it.old_relu_grad(np.array([2, 3])).tolist() == [[1] * 3] * 2
    assert it.new_step(x).tolist() == it.new_relu_grad(x).tolist() == np.heaviside(x, 0).tolist()
    assert it.new_relu_grad(np.array([2, 3])).tolist() == [1, 1]


# Chapter 3


def test_bug_softmax_without_axis():
    it = play("softmax-without-axis")
    scores = np.random.default_rng(4).normal(size=(5, 3))
    np.testing.assert_allclose(it.softmax_without_axis(scores[0]), special.softmax(scores[0]), rtol=1e-14)
    np.testing.assert_allclose(it.softmax_without_axis(scores), special.softmax(scores), rtol=1e-14)
    np.testing.assert_allclose(it.softmax_without_axis(it.near).sum(axis=1), 0.5)
    assert it.softmax_without_axis(it.far)[1].tolist() == [0, 0, 0]
    for rows in (scores, it.near, it.far):
        np.testing.assert_allclose(it.softmax_of_rows(rows), special.softmax(rows, axis=1), rtol=1e-14)
    flat = np.zeros((100, 10))
    assert -np.log(it.softmax_without_axis(flat)[0, 0]) == pytest.approx(math.log(1000))
    assert -np.log(it.softmax_of_rows(flat)[0, 0]) == pytest.approx(math.log(10))


def test_bug_loss_without_log():
    it = play("loss-without-log")
    rng = np.random.default_rng(9)
    y, t = rng.dirichlet(np.ones(4), size=6), rng.integers(4, size=6)
    assert it.batch_loss(y, t) == pytest.approx(-np.sum(y * one_hot(t, 4)) / 6)
    assert it.batch_loss(y, t) < 0 < it.fixed_loss(y, t)
    assert it.fixed_loss(y, t) == pytest.approx(-np.sum(special.xlogy(one_hot(t, 4), y)) / 6)
    # How far each loss falls when the right score rises, and that both are least for the same prediction.
    before, after = (special.log_softmax([8.0, score])[1] for score in (0.0, 1.0))
    assert f"batch_loss falls by {np.exp(after) - np.exp(before):.4f}" in it.printed
    assert f"fixed_loss falls by {after - before:.4f}" in it.printed
    for loss in (it.batch_loss, it.fixed_loss):
        assert loss(one_hot(t, 4), t) < loss(y, t)


def test_bug_one_hot_as_labels():
    it = play("one-hot-as-labels")
    picked = [it.y[k, column] for row in it.one_hot for k, column in enumerate(row)]
    assert len(picked) == 100
    assert it.cross_entropy_of_labels(it.y, it.one_hot) == pytest.approx(-np.mean(np.log(picked)))
    with pytest.raises(IndexError):
        it.cross_entropy_of_labels(it.y[:5], it.one_hot[:5])
    for targets in (it.labels, it.one_hot):
        assert it.cross_entropy_error(it.y, targets, delta=0) == pytest.approx(-math.log(0.91))
    assert it.cross_entropy_of_labels(it.y, it.labels) == pytest.approx(-math.log(0.91))
    assert it.labels.size == it.one_prediction.size
    with pytest.raises(np.exceptions.AxisError):
        it.labels.argmax(axis=1)


def test_bug_delta_outside_the_log():
    it = play("delta-outside-the-log")
    assert {"divide by zero encountered in log", "invalid value encountered in multiply"} == set(it.warned)
    with np.errstate(all="ignore"):
        assert math.isnan(it.guarded_loss(np.array([0.0, 1, 0]), it.t))
        assert it.guarded_loss(np.array([0.5, 0, 0.5]), it.t) == math.inf
    for p in (0.0, 0.2, 1.0):
        y = np.array([1 - p, p, 0.0])
        assert it.fixed_loss(y, it.t) == pytest.approx(-math.log(p + 1e-7), rel=1e-12)
    assert it.fixed_loss(np.array([0.0, 1, 0]), it.t) == pytest.approx(-1e-7, rel=1e-6)


# Chapter 4


def test_bug_step_too_small():
    it = play("step-too-small")
    for f, x, slope in ((np.exp, 1.0, math.e), (np.sin, 2.0, math.cos(2)), (np.square, 3.0, 6.0)):
        assert it.derivative(f, x) == 0
        assert it.fixed_derivative(f, x) == pytest.approx(slope, rel=1e-9)
    assert 2 * np.spacing(1 - 1e-9) < 1e-15 < np.nextafter(1.0, 2) - 1 + 1e-15


def test_bug_check_in_float32():
    it = play("check-in-float32")
    wrong = it.numerical_gradient(lambda x: np.sum(x**2), it.point, h=1e-4)
    assert f"{wrong[0]:.3f}" == "5.989"
    step = exact(np.float64(np.spacing(np.float32(25)))) / exact("0.0002")
    assert round(float(step), 4) == 0.0095
    assert float(wrong[0] / float(step)) == pytest.approx(round(float(wrong[0] / float(step))), abs=1e-4)
    assert abs(6 / step - round(6 / step)) > Fraction(1, 10), "6 is not one of the multiples"
    *_, double, longer = re.findall(r"\[ *(\S+) +([^\]]+)\]", it.printed)
    np.testing.assert_allclose([float(slope) for slope in double], [6, 8], atol=1e-8)
    np.testing.assert_allclose([float(slope) for slope in longer], [6, 8], atol=1e-4)


# Chapter 5


def test_bug_integer_array():
    it = play("integer-array")
    for x in ([1, 2], [3, -4, 7]):
        wrong = []
        for entry in x:
            above, below = (int(entry + exact(step)) for step in ("0.0001", "-0.0001"))
            wrong.append((above**2 - below**2) / exact("0.0002"))
        assert it.unchecked_gradient(it.f, np.array(x)).tolist() == pytest.approx(wrong, abs=1)
        np.testing.assert_allclose(
            it.unchecked_gradient(it.f, np.array(x, float)), 2 * np.array(x), atol=1e-8
        )
        with pytest.raises(TypeError, match="x must be floats"):
            it.numerical_gradient(it.f, np.array(x))
    assert it.unchecked_gradient(it.f, np.array([1, 2])).tolist() == [5000, 15000]


def test_bug_rows_for_entries():
    it = play("rows-for-entries")
    x = np.random.default_rng(2).normal(size=(4, 3))
    sums = np.repeat(x.sum(axis=1, keepdims=True), 3, axis=1)  # half of the sum of the slopes 2 x
    np.testing.assert_allclose(it.gradient_by_rows(lambda W: np.sum(W**2), x.copy()), sums, atol=1e-3)
    np.testing.assert_allclose(it.gradient_by_entries(lambda W: np.sum(W**2), x.copy()), 2 * x, atol=1e-8)
    slopes = grad(lambda W: anp.sum(anp.sin(W) * W))(x)
    found = it.gradient_by_entries(lambda W: np.sum(np.sin(W) * W), x.copy())
    np.testing.assert_allclose(found, slopes, atol=1e-7)
    # A loop over all entries asks for more rows than there are.
    text = blocks("rows-for-entries")[0][0].text
    assert "range(len(x))" in text
    with pytest.raises(IndexError, match="index 2 is out of bounds"):
        exec(text.replace("range(len(x))", "range(x.size)"), {})


def test_bug_return_in_the_loop():
    it = play("return-in-the-loop")
    x = np.array([3.0, 4, 5])
    np.testing.assert_allclose(it.hasty_gradient(it.f, x), [6, 0, 0], atol=1e-8)
    np.testing.assert_allclose(it.patient_gradient(it.f, x), 2 * x, atol=1e-8)
    assert it.gradient_check(it.f, x, it.hasty_gradient(it.f, x)) == pytest.approx(1)
    assert it.gradient_check(it.f, x, it.patient_gradient(it.f, x)) < 1e-9


def test_bug_name_from_the_notebook():
    def ten_steps(W):
        """The loss after ten steps by the formula for the gradient, the outer product of x and y - t."""
        W = W.copy()
        for _ in range(10):
            W -= np.outer(it.x, special.softmax(it.x @ W) - it.t)
        return -special.log_softmax(it.x @ W) @ it.t

    it = play("name-from-the-notebook", fixed=False)
    first, second = (it.SimpleNet(rng=seed) for seed in (0, 1))
    before = -special.log_softmax(it.x @ second.W) @ it.t
    learned, idle = re.findall(r"loss (\S+), after ten steps (\S+)", it.printed)
    assert idle == (f"{before:.4f}",) * 2
    assert learned[1] == f"{ten_steps(first.W):.4f}"
    assert not it.numerical_gradient(it.f, second.W).any()

    it = play("name-from-the-notebook")
    assert "name 'f' is not defined" in it.printed
    *_, one, two = re.findall(r"after ten steps (\S+)", it.printed)
    assert [one, two] == [f"{ten_steps(net.W):.4f}" for net in (first, second)]


# Chapter 6


def test_bug_second_name():
    def after(lr, steps):
        return (1 - 2 * lr) ** steps * np.array([-3, 4])

    it = play("second-name", fixed=False)
    assert it.slow is it.fast is it.start
    np.testing.assert_allclose(it.start, 0.98**100 * after(0.1, 100), rtol=1e-6)
    assert not np.ptp(it.slow_history, axis=0).any()
    np.testing.assert_allclose(it.slow_history[0], after(0.01, 100), rtol=1e-6)

    it = play("second-name")
    assert it.start.tolist() == [-3, 4]
    for x, history, lr in ((it.slow, it.slow_history, 0.01), (it.fast, it.fast_history, 0.1)):
        np.testing.assert_allclose(x, after(lr, 100), rtol=1e-6)
        np.testing.assert_allclose(history, [after(lr, n) for n in range(101)], rtol=1e-6)


def test_bug_one_after_the_other():
    it = play("one-after-the-other")
    A, best = np.array([[2.0, 1], [1, 2]]), np.array([1.0, 4])
    np.testing.assert_allclose(np.linalg.solve(A, [6, 9]), best)
    lower, upper = np.tril(A, -1), np.triu(A, 1)

    def by_matrices(method, lr, steps):
        """Both methods by what they make of the distance from the minimum."""
        right = np.eye(2) - lr * A
        relaxed = np.linalg.solve(np.eye(2) + lr * lower, np.eye(2) - lr * (np.diag(np.diag(A)) + upper))
        step = right if method is it.fixed_descent else relaxed
        return best + np.linalg.matrix_power(step, steps) @ -best, max(abs(np.linalg.eigvals(step)))

    for method in (it.hasty_descent, it.fixed_descent):
        for lr, steps in ((0.1, 1), (0.1, 200), (0.7, 20)):
            np.testing.assert_allclose(method(lr, steps), by_matrices(method, lr, steps)[0], rtol=1e-9)
    assert it.fixed_descent(0.1, 1).round(9).tolist() == [0.6, 0.9]
    assert it.hasty_descent(0.1, 1).round(9).tolist() == [0.6, 0.84]
    for method, limit in ((it.hasty_descent, 1), (it.fixed_descent, 2 / 3)):
        assert by_matrices(method, limit - 0.01, 1)[1] < 1 < by_matrices(method, limit + 0.01, 1)[1]


# Chapter 7


def test_bug_epoch_not_whole():
    def logged(train_size):
        return [i for i in range(6000) if i % Fraction(train_size, 100) == 0]

    wrong = play("epoch-not-whole", fixed=False)
    assert wrong.logged == logged(59_999) == [0]
    assert logged(60_000) == list(range(0, 6000, 600)), "with 60,000 samples it worked"
    assert play("epoch-not-whole").logged == list(range(0, 6000, 599))


def test_bug_rows_lost_in_the_shuffle():
    it = play("rows-lost-in-the-shuffle")
    seen, new = re.findall(r"accuracy (\S+), on new digits (\S+)", it.printed)[0]
    assert float(seen) > 0.98
    assert float(new) < 0.6
    seen, new = re.findall(r"accuracy (\S+), on new digits (\S+)", it.printed)[1]
    assert abs(float(seen) - float(new)) < 0.1
    assert "17 different rows" in it.printed
    assert "2000 different rows" in it.printed

    N, left = 200, []
    for seed in range(300):
        rows = np.arange(N)[:, None].copy()
        it.random.Random(seed).shuffle(rows)
        left.append(len(np.unique(rows)))
    assert np.mean(left) == pytest.approx((N + 1) / 2, abs=4 * np.std(left) / math.sqrt(300))
    numbers = list(range(N))
    it.random.Random(0).shuffle(numbers)
    assert sorted(numbers) == list(range(N)), "for a list it works"
    rows = np.arange(N)[:, None].copy()
    np.random.default_rng(0).shuffle(rows)
    assert sorted(rows.ravel()) == list(range(N))


# Chapter 8


def test_bug_relu_always_one():
    it = play("relu-always-one")
    assert re.findall(r"test accuracy (\S+)", it.printed) == ["0.91", "0.91"]
    s = np.random.default_rng(0).normal(size=(6, 5))
    for kind, mask in ((it.HastyRelu, np.ones_like(s)), (it.FixedRelu, s > 0), (it.Relu, s > 0)):
        layer = kind()
        np.testing.assert_array_equal(layer.forward(s), np.maximum(s, 0))
        np.testing.assert_array_equal(layer.backward(s + 9), (s + 9) * mask)

    def loss(params):
        out = it.x
        for i in (1, 2, 3):
            out = out @ params[f"W{i}"] + params[f"b{i}"]
            out = anp.maximum(out, 0) if i < 3 else out
        return anp.mean(anp.log(anp.sum(anp.exp(out), axis=1)) - out[anp.arange(len(out)), it.t])

    net = it.MultiLayerNet(20, [8, 6], 3, weight_init=0.5, rng=1)
    right = grad(loss)(net.params)
    for kind in (it.HastyRelu, it.FixedRelu):
        net.activation = kind
        found = net.gradient(it.x, it.t)
        for name in found:
            error = np.abs(found[name] - right[name]).max()
            if kind is it.HastyRelu and "3" not in name:
                assert error > 0.1
                assert f"    {name} {error:.2f}\n" in it.printed
            else:
                assert error < 1e-12


def test_bug_bias_summed_over_all():
    it = play("bias-summed-over-all")
    for gradient, learned in ((it.hasty_gradient, [1 / 3] * 3), (it.fixed_gradient, [0.5, 0.3, 0.2])):
        np.testing.assert_allclose(special.softmax(it.fit(gradient, it.x, it.t)[1]), learned, atol=1e-6)

    rng = np.random.default_rng(1)
    x, t, W, b = rng.normal(size=(8, 5)), rng.integers(3, size=8), rng.normal(size=(5, 3)), rng.normal(size=3)

    def loss(W, b):
        scores = anp.dot(x, W) + b
        return anp.mean(anp.log(anp.sum(anp.exp(scores), axis=1)) - scores[anp.arange(8), t])

    for gradient in (it.hasty_gradient, it.fixed_gradient):
        np.testing.assert_allclose(gradient(x, t, W, b)[0], grad(loss, 0)(W, b), rtol=1e-9)
    right = grad(loss, 1)(W, b)
    assert np.abs(right).min() > 0.01
    assert it.hasty_gradient(x, t, W, b)[1] == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(it.fixed_gradient(x, t, W, b)[1], right, rtol=1e-9)


def test_bug_hidden_error_without_slope():
    it = play("hidden-error-without-slope")
    wrong, right = (float(line) for line in it.printed.split("\n") if re.fullmatch(r"0\.\d\d", line))
    assert 0.85 < right < wrong

    def forward(params):
        h = 1 / (1 + anp.exp(-anp.dot(it.inputs, params["W1"])))
        return 1 / (1 + anp.exp(-anp.dot(h, params["W2"])))

    def squared(params):
        return anp.sum((forward(params) - it.targets) ** 2) / 2

    def cross_entropy(params):
        y, t = forward(params), it.targets
        return -anp.sum(t * anp.log(y) + (1 - t) * anp.log(1 - y))

    found, fixed = (way(it.small, it.inputs, it.targets) for way in (it.split_error, it.backpropagate))
    right, other = grad(squared)(it.small), grad(cross_entropy)(it.small)
    np.testing.assert_allclose(found["W2"], right["W2"], rtol=1e-9)
    np.testing.assert_allclose(found["W1"], other["W1"], rtol=1e-9)
    assert not np.allclose(found["W1"], right["W1"], rtol=0.1)
    for name in right:
        np.testing.assert_allclose(fixed[name], right[name], rtol=1e-9)


# Chapter 9


def test_bug_adam_uncorrected():
    it = play("adam-uncorrected")

    def walk(corrected, lr=0.3, b1=0.9, b2=0.999):
        """The walk in plain floats, one coordinate at a time."""
        ends = []
        for x, curvature in ((-7.0, 0.1), (2.0, 2.0)):
            m = v = 0.0
            path = [x]
            for n in range(1, 31):
                m = b1 * m + (1 - b1) * curvature * x
                v = b2 * v + (1 - b2) * (curvature * x) ** 2
                scale = (1 - b1**n, 1 - b2**n) if corrected else (1, 1)
                x -= lr * (m / scale[0]) / (math.sqrt(v / scale[1]) + 1e-8)
                path.append(x)
            ends.append(path)
        return np.transpose(ends)

    wrong, right = it.walk_down(it.ShortAdam(lr=0.3)), it.walk_down(it.LongAdam(lr=0.3))
    np.testing.assert_allclose(wrong, walk(corrected=False), rtol=1e-8)
    np.testing.assert_allclose(right, walk(corrected=True), rtol=1e-8)
    np.testing.assert_allclose(it.walk_down(it.Adam(lr=0.3)), right, rtol=1e-8)
    steps = np.diff(wrong[:, 0]) / 0.3
    assert round(steps[0], 2) == round(0.1 / math.sqrt(0.001), 2) == 3.16
    # What multiplies the step while the slope stays as it is.
    factors = [(1 - 0.9**n) / math.sqrt(1 - 0.999**n) for n in range(1, 3000)]
    assert 6 < max(factors) < 7
    assert abs(factors[-1] - 1) < 0.05, "in the long run"


def test_bug_nesterov_order():
    it = play("nesterov-order")

    def walk(lr, mu=0.9):
        """Nesterov's own form, in plain floats: the slope is taken ahead, at what the book's form calls x."""
        columns = []
        for x, curvature in ((-7.0, 0.1), (2.0, 2.0)):
            behind, v, path = x, 0.0, [x]
            for _ in range(30):
                v = mu * v - lr * curvature * (behind + mu * v)
                behind += v
                path.append(behind + mu * v)
            columns.append(path)
        return np.transpose(columns)

    def step(swapped, rate, mu=0.9):
        """What a step makes of x and w along one coordinate, for a curvature times learning rate."""
        if swapped:  # the new w is used
            return np.array([[1 - mu**2 * rate - (1 + mu) * rate, mu**3], [-rate, mu]])
        return np.array([[1 - (1 + mu) * rate, mu**2], [-rate, mu]])

    for lr in (0.1, 0.4, 0.5):
        np.testing.assert_allclose(it.walk_down(it.OrderedNesterov(lr)), walk(lr), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(it.walk_down(it.Nesterov(lr)), walk(lr), rtol=1e-7, atol=1e-9)
        swapped = it.walk_down(it.SwappedNesterov(lr))
        for column, (x, curvature) in zip(swapped.T, ((-7, 0.1), (2, 2)), strict=True):
            powers = [np.linalg.matrix_power(step(True, lr * curvature), n) for n in range(31)]
            np.testing.assert_allclose(
                column, [(power @ [x, 0])[0] for power in powers], rtol=1e-7, atol=1e-9
            )
        assert not np.allclose(swapped, walk(lr))
    assert np.linalg.norm(swapped[-1]) > 1000
    for swapped, limit in ((False, 1.36), (True, 0.86)):
        below, above = (max(abs(np.linalg.eigvals(step(swapped, limit + d)))) for d in (-0.02, 0.02))
        assert below < 1 < above


def test_bug_adam_stiff():
    it = play("adam-stiff")
    n = np.array([1, 10, 100, 1000, 5000])
    stiff = (1 - 0.9**n) / 0.1 / np.sqrt((1 - 0.999**n) / 0.001)
    for optimizer, lengths in ((it.StiffAdam(lr=1), stiff), (it.FixedAdam(lr=1), np.ones(5))):
        assert it.step_lengths(optimizer) == [
            f"step {step}: {length:.2f}" for step, length in zip(n, lengths, strict=True)
        ]
    assert math.sqrt(1 - 0.999) / (1 - 0.9) == pytest.approx(0.32, abs=0.005), "in the end"


# Chapter 10


def test_bug_variance_for_std():
    it = play("variance-for-std")
    assert re.findall(r"hidden, test accuracy (\S+)", it.printed) == ["0.9", "0.1", "0.9"]
    for D, H in ((100, 100), (30, 50), (784, 100)):
        wanted = 2 / (D + H)
        wrong = np.concatenate([it.draw(D, H, np.random.default_rng(i)).ravel() for i in range(20)])
        right = np.concatenate([it.draw_with_root(D, H, np.random.default_rng(i)).ravel() for i in range(20)])
        assert np.var(wrong) == pytest.approx(wanted**2, rel=0.05), "the variance was taken for its root"
        assert np.var(right) == pytest.approx(wanted, rel=0.05)
    # What five layers leave of the mean square, where tanh passes small sums on as they are.
    sizes = [(784, 100), *[(100, 100)] * 4]
    assert math.prod(D * (2 / (D + H)) ** 2 for D, H in sizes) < 1e-9
    assert math.prod(D * 2 / (D + H) for D, H in sizes) > 1


def test_bug_fan_of_the_wrong_axis():
    it = play("fan-of-the-wrong-axis")
    squares = [float(value) for value in re.findall(r"mean square +(\S+)", it.printed)]
    # A layer multiplies the mean square by D Var w / 2, with the variance 2 / H or 2 / D.
    expected = [1, 1, 1, 784 / 50, 1, 784 / 50, 1, 1, 1]
    assert squares == pytest.approx(expected, rel=0.15)
    rng = np.random.default_rng(3)
    for D, H in ((400, 100), (100, 400)):
        assert np.var(it.he_of(np.empty((D, H)), rng)) == pytest.approx(2 / H, rel=0.05)
        assert np.var(it.he_of_inputs(np.empty((D, H)), rng)) == pytest.approx(2 / D, rel=0.05)


# Chapter 11


def test_bug_batch_norm_never_leaves_training():
    it = play("batch-norm-never-leaves-training")

    def accuracy(x, t, params, moving=None):
        """The forward pass by hand: with moving averages, or each hundred by its own mean and variance."""
        right = 0
        for n in range(0, len(x), 100):
            s = x[n : n + 100] @ params["W1"] + params["b1"]
            mean, var = (moving["mean1"], moving["var1"]) if moving else (s.mean(axis=0), s.var(axis=0))
            z = np.maximum(params["gamma1"] * (s - mean) / np.sqrt(var + 1e-5) + params["beta1"], 0)
            right += np.sum((z @ params["W2"] + params["b2"]).argmax(axis=1) == t[n : n + 100])
        return right / len(x)

    x, t, order, params = it.x_test, it.t_test, it.by_class, it.net.params
    lines = re.findall(r"^(?:as they come|sorted by class):? +(\S+)$", it.printed, re.MULTILINE)
    mixed, by_class = (float(value) for value in lines)
    assert mixed == pytest.approx(accuracy(x, t, params), abs=0.01)
    assert by_class == pytest.approx(accuracy(x[order], t[order], params), abs=0.01)
    assert by_class < 0.3 < 0.9 < mixed
    assert it.before == pytest.approx(accuracy(x, t, params, it.averages), abs=0.001)
    assert it.after < it.before - 0.02, "the network itself has changed"
    assert it.net.accuracy(x[order], t[order]) == it.net.accuracy(x, t) == it.before


def test_bug_batch_norm_forgets_gamma():
    it = play("batch-norm-forgets-gamma")
    verdicts = re.findall(r"BatchNorm: +(\S+)", it.printed)
    assert verdicts == ["below", "below", "WRONG:", "below"]
    x, dout = np.random.default_rng(2).normal(size=(2, 6, 4))

    def output(x, gamma):
        return anp.sum(gamma * (x - anp.mean(x, axis=0)) / anp.sqrt(anp.var(x, axis=0) + 1e-5) * dout)

    for gamma in (np.ones(4), it.gamma):
        hasty, right = it.HastyBatchNorm(gamma, it.beta), it.BatchNorm(gamma, it.beta)
        hasty.forward(x)
        right.forward(x)
        slopes = grad(output)(x, gamma)
        np.testing.assert_allclose(right.backward(dout), slopes, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(hasty.backward(dout) * gamma, slopes, rtol=1e-7, atol=1e-12)


def test_bug_batch_norm_counts_the_guests():
    it = play("batch-norm-counts-the-guests")
    answers = [float(value) for value in re.findall(r"others: (\S+)", it.printed)]
    wrong, right = answers[:3], answers[3:]
    factors = [math.sqrt((N - 1) / N) for N in (1000, 10, 2)]
    scale = wrong[0] / factors[0]
    assert wrong == pytest.approx([scale * factor for factor in factors], abs=0.002)
    assert right == [right[0]] * 3
    assert right[0] == pytest.approx(scale * math.sqrt(9 / 10), abs=0.002), "that of ten samples"


# Chapter 12


def test_bug_validation_sorted():
    it = play("validation-sorted")
    hidden, trained = set(it.t[800:].tolist()), set(it.t[:800].tolist())
    assert {8, 9} <= hidden
    assert not {8, 9} & trained
    wrong, right = (float(value) for value in re.findall(r"validation: (\S+)", it.printed))
    known = np.mean(~np.isin(it.t[800:], [8, 9]))  # all that it could get right
    assert wrong <= known + 0.05 < 0.2
    assert right > 0.8
    assert set(it.t[it.shuffled[:800]].tolist()) == set(range(10))


def test_bug_dropout_back_without_mask():
    it = play("dropout-back-without-mask")
    dout = np.arange(1.0, 9)
    for kind in (it.OpenDropout, it.Dropout):
        layer = kind(rate=0.5, rng=0)
        mask = layer.forward(np.ones(8)) / 2
        assert set(mask) == {0, 1}
        assert layer.backward(dout).tolist() == (2 * dout * (mask if kind is it.Dropout else 1)).tolist()


def test_bug_decay_that_grows():
    it = play("decay-that-grows")
    W = np.random.default_rng(0).normal(size=(784, 10))
    x = it.x.astype(float)

    def loss(W, decay):
        scores = anp.dot(x, W)
        entropy = anp.mean(anp.log(anp.sum(anp.exp(scores), axis=1)) - scores[anp.arange(300), it.t])
        return entropy + decay / 2 * anp.sum(W**2)

    np.testing.assert_allclose(it.gradient(W, 0.02), grad(loss)(W, -0.02), atol=1e-6)
    np.testing.assert_allclose(it.right_gradient(W, 0.02), grad(loss)(W, 0.02), atol=1e-6)
    lengths = [np.linalg.norm(W) for W in (it.shrunk, it.without, it.decayed)]
    assert lengths == sorted(lengths)
    losses = [loss(W.astype(float), 0) for W in (it.decayed, it.without, it.shrunk)]
    assert losses == sorted(losses)


# Chapter 13


def test_bug_slope_overwritten():
    it = play("slope-overwritten")
    right = grad(lambda v: v[0] * v[1] + v[2] * v[1])(np.array([8.0, 3.0, 2.0]))
    assert it.bill(it.fixed_backward) == it.bill(it.Tensor.backward) == right.tolist() == [3, 10, 3]
    assert it.bill(it.hasty_backward) == [3, 8, 3]  # of the friends, the later of two parts


def test_bug_parents_too_early():
    it = play("parents-too-early")
    for times in range(5):

        def f(x, times=times):
            for _ in range(times):
                x = it.doubled(x)
            return x * 1.0

        assert it.slope_of(f, it.fixed_backward) == grad(f)(1.0) == 2.0**times
        assert (it.slope_of(f, it.hasty_backward) == 2.0**times) == (times < 2)
    # Where only inputs are used twice, both are right.
    assert it.slope_of(lambda x: x * x + x * 3.0, it.hasty_backward) == 5


def test_bug_broadcasting_kept():
    it = play("broadcasting-kept")
    W, b, loss = it.fit(it.hasty_backward)
    assert b.shape == (4, 1)
    assert loss < 1e-9
    np.testing.assert_allclose(it.x @ W + b, it.t, atol=1e-4)  # each sample has a bias of its own
    W, b, loss = it.fit(it.fixed_backward)
    (slope, bias), residuals, *_ = np.polyfit(it.x.ravel(), it.t.ravel(), 1, full=True)
    assert (W.item(), b.item(), loss) == pytest.approx((slope, bias, residuals[0] / 4), rel=1e-9)


def test_bug_second_backward_adds():
    it = play("second-backward-adds")
    w, added, path = 0.0, 0.0, []
    for _ in range(400):
        added += 2 * (w - 3)
        w -= 0.1 * added
        path.append(w)
    np.testing.assert_allclose(it.descend(it.hasty_prepare), path, atol=1e-9)
    assert min(path[-28:]) < 0.1 < 5.9 < max(path[-28:])
    expected = [3 - 3 * 0.8**n for n in range(1, 401)]
    np.testing.assert_allclose(it.descend(it.fixed_prepare), expected, atol=1e-12)


# Chapter 14


def test_bug_flipped_filter():
    it = play("flipped-filter")
    rng = np.random.default_rng(0)
    for size in (1, 2, 3, 5):
        row, w = rng.normal(size=9), rng.normal(size=size)
        layer = Convolution(w.reshape(1, 1, 1, -1), [0.0])
        right = layer.forward(row.reshape(1, 1, 1, -1)).ravel()
        np.testing.assert_allclose(it.mended_map(row, w), right, atol=1e-14)
        np.testing.assert_allclose(it.hasty_map(row, w[::-1]), right, atol=1e-14)
        assert np.allclose(it.hasty_map(row, w), right) == (size == 1)


def test_bug_overlap_overwritten():
    it = play("overlap-overwritten")
    dwindows = np.random.default_rng(0).normal(size=(4, 4))
    x = np.random.default_rng(1).normal(size=(3, 3))
    right = grad(lambda x: anp.sum(anp.reshape(x[it.rows, it.columns], (4, 4)) * dwindows))(x)
    np.testing.assert_allclose(it.mended_backward(dwindows), right, atol=1e-15)
    hasty = it.hasty_backward(dwindows)
    assert (np.isclose(hasty, right) == [[1, 0, 1], [0, 0, 0], [1, 0, 1]]).all()  # corners lie in one window
    last = {(i, j): it for i, j, it in zip(it.rows.flat, it.columns.flat, dwindows.flat, strict=True)}
    assert all(hasty[place] == value for place, value in last.items())


def test_bug_ties_counted():
    it = play("ties-counted")
    dout = np.array([[2.0, 3.0]])
    x = np.random.default_rng(0).normal(size=(2, 4))  # without ties, both are right
    for image in (x, it.x):
        layer = MaxPooling(2)
        layer.forward(image[np.newaxis, np.newaxis])
        right = layer.backward(dout[np.newaxis, np.newaxis])[0, 0]
        assert it.mended_backward(image, dout).tolist() == right.tolist()
        assert (it.hasty_backward(image, dout).tolist() == right.tolist()) == (image is x)


def test_bug_places_mixed():
    it = play("places-mixed")
    layer = Convolution(np.array([1.0, 0.0]).reshape(2, 1, 1, 1), [0.0, 5.0])
    bright = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    right = layer.forward(bright[np.newaxis, np.newaxis])
    assert it.mended_maps(it.sums).tolist() == right.tolist()
    assert it.hasty_maps(it.sums).shape == right.shape
    assert sorted(it.hasty_maps(it.sums).flat) == sorted(right.flat)
    assert it.hasty_maps(it.sums).tolist() != right.tolist()


# How fast, and why


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads as Linux shows them")
@pytest.mark.skipif(os.cpu_count() == 1, reason="one core, one thread")
def test_bug_too_many_threads():
    it = play("too-many-threads")
    count = "import os; print(len(os.listdir('/proc/self/task')))"
    free = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    one = {"OPENBLAS_NUM_THREADS": "1"}
    number = it.side_by_side(1, **one)
    assert it.printed == f"{number * 2}\n" * 2

    # Less of the same, followed by the number of threads.
    assert "[:10]" in it.program
    program = f"{it.program.replace('[:10]', '[:1]')}\n{count}"

    def run(program, settings):
        return subprocess.run(
            [sys.executable, "-c", program], env=free | settings, capture_output=True, text=True, check=True
        ).stdout.split()

    (same, threads), (number, alone) = (run(program, how) for how in ({}, one))
    assert int(threads) > 1 == int(alone)
    assert same == number
    late = f"import os, numpy\nos.environ |= {one}\n{program}"
    assert run(late, {}) == [number, threads], "set after the import it does nothing"
    early = f"import os\nos.environ |= {one}\n{program}"
    assert run(early, {}) == [number, alone]

    values = json.loads((ROOT / "results/side_by_side.json").read_bytes())["values"]
    two = values["rows"][-1]
    assert two["copies"] == 2
    assert two["own"]["seconds"] > 1.5 * two["one"]["seconds"], "results/side_by_side.json"


# Chapter 15


def test_bug_sum_of_means():
    it = play("sum-of-means")
    for machines in (1, 2, 3, 4, 6):
        assert it.hasty_gradient(2.0, machines) == pytest.approx(machines * (2 - it.x.mean()))
        assert it.mended_gradient(2.0, machines) == pytest.approx(2 - it.x.mean())
        factor = 1 - 0.6 * machines  # of the distance from the mean, in each step
        assert it.fit(it.hasty_gradient, machines) == pytest.approx(5 - 5 * factor**30)
        assert it.fit(it.mended_gradient, machines) == pytest.approx(5)


def test_bug_mean_of_means():
    it = play("mean-of-means")
    for machines in range(1, 8):
        right = it.hasty_gradient(0.0, machines) == pytest.approx(-it.x.mean())
        assert right == (len(it.x) % machines == 0)
        assert it.mended_gradient(0.0, machines) == pytest.approx(-it.x.mean())


def test_bug_same_batches():
    it = play("same-batches")
    one, ten, hundred = (it.noise(it.hasty_rng, machines) for machines in (1, 10, 100))
    assert one == pytest.approx(ten) == pytest.approx(hundred)
    for machines in (1, 10, 100):  # as for independent samples, drawn without replacement within a batch
        expected = it.x.std() * np.sqrt((1 - 10 / 1000) / (10 * machines))
        assert it.noise(it.mended_rng, machines) == pytest.approx(expected, rel=0.15)


def test_bug_different_starts():
    it = play("different-starts")

    def gaps(machines):
        first, *others = ({name: p.copy() for name, p in net.params.items()} for net in machines)
        return [np.concatenate([(other[name] - first[name]).ravel() for name in first]) for other in others]

    strangers = it.hasty_start()
    before = gaps(strangers)
    accuracies = it.train(strangers)
    np.testing.assert_allclose(gaps(strangers), before, atol=1e-10)  # nobody comes closer to anybody
    assert max(accuracies) < 0.8
    assert len(set(accuracies)) > 1
    twins = it.train(it.mended_start())
    assert min(twins) == max(twins) > 0.95
