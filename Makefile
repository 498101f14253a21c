# The two main commands are `make serve` and `make test`. Each makes its own virtual environment under .venv/.
PYTHON ?= python3
# Makes the virtual environment of the target. It ends in `pip install`, to which each recipe adds what to install.
INSTALL = $(PYTHON) -c 'import sys; sys.exit("fakekit needs Python 3.11 or newer; this is " + sys.version.split()[0] + ": make PYTHON=python3.12 $@") if sys.version_info < (3, 11) else None' \
	&& echo "Making a virtual environment in $(@D) (once, about a minute)..." \
	&& rm -rf $(@D) && $(PYTHON) -m venv $(@D) && $(@D)/bin/python -m pip install -q --disable-pip-version-check "pip>=25.1" \
	&& $(@D)/bin/python -m pip install -q
FAST = -n auto -m "not slow" -q
# npm writes these files last, so they exist only after a complete installation.
NODE_MODULES = $(addsuffix /node_modules/.package-lock.json, examples/vendor_clients/node tests/node)

.PHONY: bench bends bench-peers wrk serve test check lint clients programs slow matrix lowest pythons image scale docs screenshots site clean

serve: .venv/serve/made  ## run the fake on http://127.0.0.1:4310; make serve ARGS="--port 4320" passes options on
	@.venv/serve/bin/fakekit serve $(ARGS)

test: .venv/test/made  ## the tests, under a minute
	.venv/test/bin/python -m pytest $(FAST)

check: lint clients slow matrix lowest pythons image  ## everything that takes longer than a minute

lint: .venv/check/made
	.venv/check/bin/ruff check .
	@# A file without an encoding is read in the code page of a Windows machine.
	.venv/check/bin/ruff check -q --preview --select PLW1514 fakekit docs tools
	.venv/check/bin/ruff format --check .
	.venv/check/bin/mypy

clients: $(NODE_MODULES)  ## PHP, Node, Java, Rust, Chromium, PostgreSQL, nc, ab, ... and the npm packages that the slow tests run

%/node_modules/.package-lock.json: %/package-lock.json | programs
	@echo "Installing the npm packages of $*..."
	@npm ci --loglevel error --no-audit --no-fund --ignore-scripts --prefix $* && touch $@

programs:
	@# Installs only what is missing: Debian's npm conflicts with a Node.js from another source.
	@missing=; \
	php -r 'exit(extension_loaded("curl") ? 0 : 1);' 2>/dev/null || missing="php-cli php-curl"; \
	php -r 'foreach (["Illuminate/Http", "Illuminate/Container", "Illuminate/Config", "GuzzleHttp", "Dotenv"] as $$part) stream_resolve_include_path("$$part/autoload.php") || exit(1);' 2>/dev/null \
		|| missing="$$missing php-illuminate-http php-illuminate-container php-illuminate-config php-guzzlehttp-guzzle php-vlucas-phpdotenv"; \
	command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	for program in chromium curl openssl perl phpunit rustc wget ab:apache2-utils javac:default-jdk-headless nc:netcat-openbsd; do \
		command -v $${program%:*} >/dev/null || missing="$$missing $${program#*:}"; done; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	test -z "$$missing" || { as_root=$$(test "$$(id -u)" = 0 || echo sudo); \
		echo "Installing $$missing with apt-get (once, about a minute)..."; \
		$$as_root apt-get update -qq && $$as_root apt-get install -y -qq $$missing; }

slow: .venv/check/made  ## the tests marked slow: the wheel in a new environment, large files
	.venv/check/bin/python -m pytest -q -m slow

matrix: .venv/matrix/made  ## a suite with other pytest plugins, once with each
	.venv/matrix/bin/python tests/matrix/run.py

lowest: .venv/lowest/made  ## the tests with the oldest versions that pyproject.toml allows
	.venv/lowest/bin/python -m pytest $(FAST)

pythons:  ## the quick tests, with every other Python on this machine
	@this=$$($(PYTHON) -c 'import sys; print("python3.%d" % sys.version_info[1])'); \
	for python in python3.11 python3.12 python3.13 python3.14; do \
		if test $$python = $$this; then echo "== $$python: make test"; \
		elif $$python -c '' 2>/dev/null; then \
			echo "== $$python" && $(MAKE) --no-print-directory .venv/$$python/made PYTHON=$$python \
			&& .venv/$$python/bin/python -m pytest $(FAST) || exit 1; \
		else echo "== $$python is not on this machine"; fi; done

bends: .venv/check/made  ## precision and recall of fakekit drift over 300 bent servers and 300 others; ARGS="300 1000" begins at number 1000
	.venv/check/bin/python -m tests.helpers.bends.measure $(ARGS)

bench: .venv/check/made | wrk  ## measure the figures of docs/performance.md
	.venv/check/bin/python benchmarks/run.py $(ARGS)

bench-peers: .venv/check/made .venv/peers/made | wrk  ## fakekit beside WireMock, json-server and others
	.venv/check/bin/python benchmarks/bench_peers.py .venv/peers $(ARGS)

wrk:
	@command -v wrk >/dev/null || { as_root=$$(test "$$(id -u)" = 0 || echo sudo); \
		echo "Installing wrk with apt-get..."; \
		$$as_root apt-get update -qq && $$as_root apt-get install -y -qq wrk; }

.venv/peers/made: benchmarks/peers/package-lock.json benchmarks/peers/requirements.txt | programs
	@echo "Installing the peers (once, about a minute)..."
	@rm -rf $(@D) && mkdir -p $(@D) && cp benchmarks/peers/package*.json $(@D)
	@npm ci --loglevel error --no-audit --no-fund --prefix $(@D)
	@$(PYTHON) -m venv $(@D)/python \
		&& $(@D)/python/bin/python -m pip install -q --disable-pip-version-check -r benchmarks/peers/requirements.txt
	@touch $@

image: .venv/check/made  ## build the image with a Docker engine of its own, and run it; needs root
	@as_root=$$(test "$$(id -u)" = 0 || echo sudo); \
	test -x /usr/sbin/dockerd && command -v mmdebstrap >/dev/null || { \
		echo "Installing docker.io and mmdebstrap with apt-get (once, about a minute)..."; \
		$$as_root apt-get update -qq && $$as_root apt-get install -y -qq --no-install-recommends docker.io mmdebstrap; } \
	&& $$as_root .venv/check/bin/python tests/image/run.py

scale: .venv/check/made  ## run two replicas behind HAProxy on PostgreSQL, as docs/scale.md says, and kill one
	@missing=; \
	test -x /usr/sbin/haproxy || missing="haproxy"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	test -z "$$missing" || { as_root=$$(test "$$(id -u)" = 0 || echo sudo); \
		echo "Installing $$missing with apt-get..."; \
		$$as_root apt-get update -qq && $$as_root apt-get install -y -qq --no-install-recommends $$missing; }
	.venv/check/bin/python tests/scale/run.py

screenshots: .venv/check/made | programs  ## make the pictures of the console that README and docs show
	.venv/check/bin/python -m tests.helpers.screenshots docs/images

site: .venv/check/made  ## write the documentation as a site to build/site
	.venv/check/bin/python docs/site.py

docs: .venv/check/made  ## write the pages of docs/ that are made from tables
	.venv/check/bin/python -m docs.make
	.venv/check/bin/python -m tests.helpers.exec_tables

.venv/serve/made: pyproject.toml
	@$(INSTALL) -e . --group readme && touch $@

.venv/test/made: pyproject.toml
	@$(INSTALL) -e . --group test && touch $@

.venv/check/made: pyproject.toml
	@$(INSTALL) -e . --group check && touch $@

.venv/matrix/made: pyproject.toml
	@$(INSTALL) -e . --group matrix && touch $@

.venv/lowest/made: pyproject.toml tests/lowest.txt
	@$(INSTALL) -e . --group test -c tests/lowest.txt && touch $@

.venv/python3.%/made: pyproject.toml
	@$(INSTALL) -e . --group test && touch $@

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
