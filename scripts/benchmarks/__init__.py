"""One module a benchmark: `run(progress)`, whose values become results/<module>.json in this folder."""
