"""One module a benchmark: `run(progress)`, whose values `make bench` keeps in results/<module>.json."""
