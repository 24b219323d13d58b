# The few commands of the house. Everything lives in .venv and var, both git-ignored.
PYTHON ?= python3

.PHONY: demo test check proofs mutants bench train clean lock
demo: .venv/ready ; .venv/bin/python -m backend.town $(if $(ONCE),--once) $(if $(PLANT),--plant $(PLANT))
test: .venv/ready ; .venv/bin/python -m pytest -n 2 --dist worksteal $(ARGS)
check: .venv/ready ; .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports
proofs: .venv/ready ; .venv/bin/python -m tests.proofs $(ARGS)
mutants: .venv/ready ; .venv/bin/python -m tests.mutants $(if $(N),-n $(N)) $(if $(ROOM),--room $(ROOM)) $(if $(SEED),--seed $(SEED)) $(ARGS)
bench: .venv/ready ; for file in benchmarks/*.py; do .venv/bin/python $$file || exit 1; done
train: .venv/ready ; mkdir -p var && .venv/bin/python -m backend.town.sample --out var/sample.csv.gz --towns 60 && .venv/bin/python -m backend.scoring.training var/sample.csv.gz
lock: .venv/ready ; .venv/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group dev --extra train pyproject.toml -o requirements.lock
clean: ; rm -rf .venv var build *.egg-info

.venv/ready: requirements.lock requirements-uv.lock pyproject.toml
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	cat requirements.lock requirements-uv.lock | .venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes -
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	.venv/bin/python -m compileall -q backend lender_adapters products risk_compensation dashboard
	touch .venv/ready
