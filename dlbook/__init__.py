"""Deep learning from scratch: the NumPy code that the book teaches, one module an idea."""
