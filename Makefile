# `make help` lists the targets. The environment .venv is made on the first call of any of them.
SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := $(shell cat torch.txt)
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test test-slow test-real test-slurm check format graph lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: requirements.lock torch.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/.installed ## build everything that params.yaml asks for and print the headline
	$(BIN)/snakemake --cores all --config run=demo
	@$(BIN)/ige headline $(addprefix runs/demo/tables/,poses.csv shapes.csv shapes-comparisons.csv)
	@echo "The report: $(CURDIR)/runs/demo/report/index.html"

test: $(VENV)/.installed ## the tests, but for the slow ones
	$(BIN)/python -m pytest -q -n 2 -m "not slow" --ignore tests/real --ignore tests/cluster

test-slow: $(VENV)/.installed ## kills, clean builds, whole workflows
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m slow --ignore tests/real --ignore tests/cluster

test-real: $(VENV)/.installed ## tests on the real data in IGE_REAL_DATA
	$(BIN)/python -m pytest -q tests/real

test-slurm: $(VENV)/.installed ## the tiny preset on a Slurm of one node, which this starts: as root on Debian
	@tests/cluster/one_node_slurm.sh $(BIN)/python -m pytest -q tests/cluster || [ $$? -eq 77 ]

check: $(VENV)/.installed ## style, types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/codespell ige tests workflow docs benchmarks README.md CHANGELOG.md Makefile Snakefile

format: $(VENV)/.installed ## rewrite the layout of all code
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

graph: $(VENV)/.installed ## draw the rules into docs/images/rules.svg
	$(BIN)/python docs/draw_rules.py

lock: $(VENV)/.installed ## resolve requirements.in anew
	$(BIN)/pip install --quiet uv
	bash requirements.sh

clean: ## remove what can be rebuilt, but not the environment
	rm -rf runs .snakemake
