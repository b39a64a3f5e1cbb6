r"""Deep learning from scratch: the NumPy code that the book teaches, one module per idea.

Conventions
===========

These hold for every function and class of the package; a docstring adds what is particular.

**Sizes.** A batch has N samples, one per row. A sample has D inputs, a hidden layer has H units, and there
are C classes. Where a single sample may come without the axis of rows, the result comes without it, too.

**Arguments** mean the same everywhere, unless a docstring says otherwise:

- ``x``: array_like of shape (D,) or (N, D). One sample, or a batch.
- ``t``: array_like of shape (C,) or (N, C), or integers of shape () or (N,). The targets: one-hot rows (or
  any other distributions over the classes), or labels from 0 to C − 1.
- ``y``: array_like of shape (C,) or (N, C). Predictions, one number per class.
- ``scores``: array_like of shape (C,) or (N, C). One number per class, before softmax.
- ``params``: dict of str to ndarray. The parameters of a network by name.
- ``grads``: dict of str to ndarray. For each parameter, the gradient of the loss, in the parameter's shape.
- ``dout``: array_like of the shape of the output. The gradient of the loss with respect to a layer's
  output.
- ``h``: float. The step of a difference quotient, in the unit of ``x``; positive. For a gradient it is
  optional: without it, 1e-4 in float64 and 1e-2 in float32, where a shorter one would lose most digits.
- ``lr``: float. The learning rate $\eta$; positive.
- ``eps``: float. Added before a division, so that no divisor is 0; positive.
- ``training``: bool. Whether batch normalization uses the batch's own statistics and moves its averages, and
  whether dropout switches units off.
- ``dtype``: float64 or float32. The type of the parameters, and so of everything computed from them.
- ``rng``: numpy.random.Generator or int, optional. The source of random numbers: a generator, or the seed
  of a new one. Without it, the operating system chooses the seed.

**Entry by entry** means that ``x`` has any shape, and that the result has the same shape.

**Layers.** ``forward`` returns the output of a layer. ``backward`` takes the gradient of the loss with
respect to that output and returns the gradient with respect to the input, in the input's shape; the
gradients of the layer's parameters are then in ``grads``. What ``forward`` keeps for ``backward`` is not
copied, so leave those arrays unchanged in between.

**Units.** Logarithms are natural, so a cross-entropy is in nats.

**Types.** float32 stays float32, and float64 stays float64. Integers and booleans become float64. There are
no other types to compute in: float16, longdouble and complex are refused. A network computes in the type of
its parameters.

**Random numbers** come from ``rng`` alone. NumPy's global generator is neither used nor changed.

**Inputs are left alone**, with these exceptions: an optimizer (and `train`, which calls one) changes
``params`` in place, `BatchNorm` changes its moving averages, and `numerical_gradient` changes one entry of
``x`` at a time and restores it.

**Names.** A name that an argument takes, such as ``"relu"``, may be capitalized in any way. What most
programs need can be imported from the package itself: ``from dlbook import TwoLayerNet, load_mnist, train``.

**Errors.** A wrong type raises TypeError, a wrong value or shape ValueError. The message names the
argument, what was expected and what came. Where real numbers are expected, ragged rows and masked entries
are errors, too; where True or False is expected, everything else is. NaN and infinities are errors in
parameters, in the inputs of a network and in what an optimizer takes. An optimizer raises errors before it
has changed anything. A network warns of inputs that look like pixels from 0 to 255.
"""

import sys

__version__ = "0.1.0"

# What can be imported from here, and from which modules it comes. These are imported when they are first
# asked for, so that importing the package takes no time.
HOMES = {
    "activations": ("sigmoid", "softmax"),
    "datasets": ("load_mnist",),
    "digits": ("prepare_digit",),
    "gradients": ("gradient_check", "numerical_gradient"),
    "networks": ("ConvNet", "MultiLayerNet", "SimpleNet", "TwoLayerNet"),
    "optimizers": ("SGD", "AdaGrad", "Adam", "Momentum", "Nesterov", "RMSProp"),
    "storage": ("load", "save"),
    "training": ("train",),
}
__all__ = [name for names in HOMES.values() for name in names]
TYPE_CHECKING = False  # type checkers and editors take it to be true
if TYPE_CHECKING:
    from dlbook.activations import sigmoid, softmax
    from dlbook.datasets import load_mnist
    from dlbook.digits import prepare_digit
    from dlbook.gradients import gradient_check, numerical_gradient
    from dlbook.networks import ConvNet, MultiLayerNet, SimpleNet, TwoLayerNet
    from dlbook.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
    from dlbook.storage import load, save
    from dlbook.training import train


def __getattr__(name):
    """Return what has this name, imported now, or raise with the nearest name that there is."""
    from importlib import import_module
    from importlib.util import find_spec

    for module, names in HOMES.items():
        if name in names:
            globals()[name] = getattr(import_module(f"dlbook.{module}"), name)
            return globals()[name]
    if name.isidentifier() and find_spec(f"dlbook.{name}"):
        return import_module(f"dlbook.{name}")
    from difflib import get_close_matches

    near = "".join(f"; did you mean {it}?" for it in get_close_matches(name, __all__, 1))
    by_import = sys._getframe(1).f_code.co_name == "_handle_fromlist"  # which would say nothing of the name
    if by_import:
        raise ImportError(f"dlbook has no {name!r}{near}")
    raise AttributeError(f"dlbook has no {name!r}{near}", name=None, obj=None)  # or Python guesses, too


def __dir__():
    return sorted({*globals(), *__all__})
