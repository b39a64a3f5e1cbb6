"""Convolution: one small window of weights for all places of an image, and pooling of what it finds."""

from functools import reduce

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlbook.checks import as_gradient, as_real, check, check_count


def windows(x, size, stride=1):
    """Return every window of a batch of images, as a view into the images.

    Parameters
    ----------
    x : array_like of shape (N, C, H, W)
        N images with C channels, each of H rows and W columns.
    size : (int, int)
        HH rows and WW columns of a window.
    stride : int
        How many places a window lies below, or to the right of, the one before.

    Returns
    -------
    ndarray of shape (C, HH, WW, N, OH, OW)
        At ``[c, i, j, n, k, l]`` what window (k, l) of image n shows in channel c at its own place (i, j).
        There are OH = (H − HH) // stride + 1 windows in a column, and OW in a row likewise. The result shares
        the memory of ``x`` if that is a float array, so writing into one changes the other.
    """
    x, (HH, WW) = as_real(x, "x"), as_size(size)
    check_count(stride, "stride")
    fits = x.ndim == 4 and x.shape[2] >= HH and x.shape[3] >= WW
    check(fits, "x", f"of shape (N, C, H, W) with H at least {HH} and W at least {WW}", x)
    view = sliding_window_view(x, (HH, WW), axis=(2, 3), writeable=True)
    return view[:, :, ::stride, ::stride].transpose(1, 4, 5, 0, 2, 3)


class Convolution:
    r"""Filters: each computes the same weighted sum, plus a bias, of every window of an image.

    Parameters
    ----------
    W : array_like of shape (F, C, HH, WW)
        The weights of F filters for windows of HH rows and WW columns in C channels; used as they are, not
        copied, if they are a float array.
    b : array_like of shape (F,)
        The biases; likewise.
    stride : int
        How many places a window lies below, or to the right of, the one before.
    pad : int
        How many rows and columns of zeros are put around each image first.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W`` (F, C, HH, WW) and ``b`` (F,).
    grads : dict of str to ndarray
        Their gradients, after `backward`.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998).
    """

    def __init__(self, W, b, stride=1, pad=0):
        W, b = as_real(W, "W", finite=True), as_real(b, "b", finite=True)
        check(W.ndim == 4 and W.size > 0, "W", "of shape (F, C, HH, WW)", W)
        check(b.shape == W.shape[:1], "b", f"of shape {W.shape[:1]}", b)
        check_count(stride, "stride")
        check_count(pad, "pad", least=0)
        self.params = {"W": W, "b": b}
        self.grads = {}
        self.stride, self.pad = stride, pad

    def forward(self, x):
        r"""Return the sums of every filter at every window.

        Parameters
        ----------
        x : array_like of shape (N, C, H, W)
            A batch of images with C channels.

        Returns
        -------
        ndarray of shape (N, F, OH, OW)
            For each filter a map of its sums. Rows and columns behind the last whole window are not used.

        Notes
        -----
        $y_{nfkl} = b_f + \sum_{cij} W_{fcij} \, x_{n,c,ks+i,ls+j}$ with stride $s$. The windows are the
        columns of one matrix, so that all sums are one product.
        """
        W, b = self.params["W"], self.params["b"]
        x = as_real(x, "x")
        F, C, *size = W.shape
        least = [max(1, side - 2 * self.pad) for side in size]
        fits = x.ndim == 4 and x.shape[1] == C and x.shape[2] >= least[0] and x.shape[3] >= least[1]
        check(fits, "x", f"of shape (N, {C}, H, W) with H at least {least[0]} and W at least {least[1]}", x)
        around = (self.pad, self.pad)
        self.padded = np.pad(x, [(0, 0), (0, 0), around, around])
        view = windows(self.padded, size, self.stride)
        y = W.reshape(F, -1) @ view.reshape(W[0].size, -1)
        y += b[:, np.newaxis]
        y = y.reshape(F, *view.shape[3:]).swapaxes(0, 1)
        self.shape = y.shape
        return y

    def backward(self, dout):
        r"""Return the gradient of the input, and keep those of the parameters.

        Notes
        -----
        The gradient of the windows is $W^\top \, \partial L / \partial y$. A pixel that lies in several
        windows gets the sum of what each sends back.
        """
        dy = self.gradients(dout)
        W = self.params["W"]
        dx = np.zeros(self.padded.shape, np.result_type(W, dy))
        view = windows(dx, W.shape[2:], self.stride)
        dview = (W.reshape(len(W), -1).T @ dy).reshape(view.shape)
        for i, j in np.ndindex(W.shape[2:]):  # at one place of all windows, no pixel comes twice
            view[:, i, j] += dview[:, i, j]
        p, (rows, columns) = self.pad, dx.shape[2:]
        return dx[:, :, p : rows - p, p : columns - p]

    def gradients(self, dout):
        r"""Keep the gradients of the parameters, which is all that the first layer of a network needs.

        Returns
        -------
        ndarray of shape (F, N * OH * OW)
            ``dout``, a row for each filter.

        Notes
        -----
        $\partial L / \partial W$ is $\partial L / \partial y$ times the windows, as in `Affine`.
        """
        W = self.params["W"]
        dy = as_gradient(dout, self).swapaxes(0, 1).reshape(len(W), -1)
        view = windows(self.padded, W.shape[2:], self.stride)
        dW = dy @ view.reshape(W[0].size, -1).T
        self.grads = {"W": dW.reshape(W.shape), "b": dy.sum(axis=1)}
        return dy


class MaxPooling:
    """Of every window of every channel, the largest entry.

    Parameters
    ----------
    size : int
        The rows and columns of a window.
    stride : int, optional
        How many places a window lies below, or to the right of, the one before. Without it, ``size``:
        windows side by side.

    Notes
    -----
    Where several entries of a window are largest, the first of them, row by row, counts as the one that was
    taken, and gets the whole gradient.
    """

    def __init__(self, size, stride=None):
        check_count(size, "size")
        self.size, self.stride = size, size if stride is None else stride
        check_count(self.stride, "stride")

    def forward(self, x):
        """Return the largest entry of every window.

        Parameters
        ----------
        x : array_like of shape (N, C, H, W)
            A batch of images with C channels.

        Returns
        -------
        ndarray of shape (N, C, OH, OW)
            Rows and columns behind the last whole window are not used.
        """
        x = as_real(x, "x")
        view = windows(x, (self.size, self.size), self.stride)
        places = list(np.ndindex(self.size, self.size))
        y = reduce(np.maximum, [view[:, i, j] for i, j in places])
        free, self.taken = np.ones(y.shape, bool), {}
        for i, j in places:
            self.taken[i, j] = free & (view[:, i, j] == y)
            free &= ~self.taken[i, j]
        y = y.swapaxes(0, 1)
        self.form, self.shape = x.shape, y.shape
        return y

    def backward(self, dout):
        """Return ``dout`` where the largest entries were, else 0."""
        dy = as_gradient(dout, self).swapaxes(0, 1)
        N, C, H, W = self.form
        dx = np.zeros((C, N, H, W), dy.dtype).swapaxes(0, 1)  # in memory as a convolution has it
        view = windows(dx, (self.size, self.size), self.stride)
        for (i, j), taken in self.taken.items():
            view[:, i, j] += dy * taken
        return dx


class Flatten:
    """Images as rows, so that an `Affine` can follow."""

    def forward(self, x):
        """Return each sample's entries in one row.

        Parameters
        ----------
        x : array_like of shape (N, C, H, W)
            A batch of images, or of samples of any other shape.

        Returns
        -------
        ndarray of shape (N, C * H * W)
            The same numbers.
        """
        x = as_real(x, "x")
        check(x.ndim > 1, "x", "a batch with at least two axes", x)
        self.form = x.shape
        y = x.reshape(len(x), int(np.prod(x.shape[1:])))
        self.shape = y.shape
        return y

    def backward(self, dout):
        """Return ``dout`` in the shape of the images."""
        return as_gradient(dout, self).reshape(self.form)


def as_size(size):
    """Return the rows and columns of a window, or raise unless they are two positive integers."""
    is_pair = isinstance(size, tuple | list) and len(size) == 2
    check(is_pair, "size", "a pair (HH, WW)", size, TypeError)
    for side in size:
        check_count(side, "size")
    return size
