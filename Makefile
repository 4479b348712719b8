# Order Sync: every command that a developer needs. `make` alone prints them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

export SAM_CLI_TELEMETRY := 0

PYTHON_3_13 ?= python3.13
PYTHON := .venv/bin/python
UV := .venv/bin/uv
# aws-sam-cli looks on PATH for a python3.13 that has pip: its own environment's.
SAM := PATH="$(CURDIR)/.venv-sam/bin:$$PATH" sam
# samconfig.toml decides all of it, for these commands and for a plain `sam`.
ENVIRONMENT ?= default
SETTING = $(shell sed -n '/^\[$(ENVIRONMENT)\.global\.parameters\]$$/,/^$$/s/^$(1) = "\(.*\)"$$/\1/p' samconfig.toml)
STACK ?= $(call SETTING,stack_name)
OVERRIDES = $(call SETTING,parameter_overrides)
ARCHITECTURE ?= $(patsubst Architecture=%,%,$(filter Architecture=%,$(OVERRIDES)))
CHOSEN = --parameter-overrides Architecture=$(ARCHITECTURE) $(filter-out Architecture=%,$(OVERRIDES))
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.13 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

## Start here

.PHONY: help
help:  ## Print this list
	@awk -F ':.*## ' '/^## /{printf "\n%s\n", substr($$0, 4)} /^[a-z][a-z-]*:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: install
install: .venv/.installed .venv-sam/.installed .venv-lambda/.installed  ## Install all that the other commands need (they do it themselves)

.PHONY: demo
demo: install  ## Run a trading day on this machine: simulated partners, embedded AWS, no account needed
	@PYTHONPATH=layers/order_sync $(PYTHON) -m local.demo $(if $(SABOTAGE),--sabotage $(SABOTAGE))

.PHONY: local
local: install  ## Keep a stack on this machine until Ctrl-C, for `./order-sync --local ...`
	@PYTHONPATH=layers/order_sync $(PYTHON) -m local.sandbox

## While you work

.PHONY: format
format: .venv/.installed  ## Format the code and repair what lint can repair
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .

.PHONY: check
check: lint .venv-scan/.installed  ## The fast part: format, lint, types, template, quick scans, unit tests
	@$(PYTHON) -m local.scan --quick
	@$(PYTHON) -m pytest tests/unit

.PHONY: test
test: install lint scan  ## Everything: check, and all other tests with the end-to-end run
	@$(PYTHON) -m pytest tests/end_to_end
	@$(PYTHON) -m pytest --ignore tests/end_to_end --numprocesses auto --dist worksteal

.PHONY: lint
lint: lint-code lint-template

.PHONY: lint-code
lint-code: .venv/.installed
	@.venv/bin/ruff format --check --output-format concise . || { echo 'Not formatted: run `make format`.'; exit 1; }
	@.venv/bin/ruff check --quiet --output-format concise .
	@.venv/bin/mypy

.PHONY: lint-template
lint-template: .aws-sam/translated.json

# The template is linted twice, because circular references show only after the transform.
# Validation wants a region, though it calls none. Only here: elsewhere the region is the operator's.
.aws-sam/translated.json: export AWS_DEFAULT_REGION ?= us-east-1
.aws-sam/translated.json: template.yaml local/translate_template.py .venv/.installed .venv-sam/.installed
	@mkdir -p $(@D)
	@$(SAM) validate --lint --template template.yaml > /dev/null
	@$(PYTHON) -m local.translate_template > $@
	@.venv-sam/bin/cfn-lint $@

.PHONY: scan
scan: .aws-sam/translated.json .venv-scan/.installed  ## Search code, template and all files for security faults and secrets
	@$(PYTHON) -m local.scan

.PHONY: simulate
simulate: .venv/.installed  ## Play the days of a seed with all that goes wrong, and tell what does not hold (SEED=7 DAYS=3)
	@PYTHONPATH=layers/order_sync:functions $(PYTHON) -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(DAYS),--days $(DAYS)) $(if $(ORDERS),--orders $(ORDERS))

.PHONY: simulate-long
simulate-long: .venv/.installed  ## Years of trading, before a release: the days of 300 seeds, on all processors, for hours
	@PYTHONPATH=layers/order_sync:functions $(PYTHON) -m tests.simulation --seeds $(or $(SEEDS),300) --days 10 --orders 170 --processes $(shell nproc)

.PHONY: mutate
mutate: .venv-mutation/.installed  ## Change the domain in small ways and print what its tests miss (MODULE=cool_down or cancelling)
	@nice -n 19 .venv-mutation/bin/python -m local.mutation $(MODULE)

.PHONY: lock
lock: .venv/bin/uv  ## Compile requirements/*.in to the newest versions, with hashes
	@$(COMPILE) --upgrade requirements/installer.in -o requirements/installer.txt
	@$(COMPILE) --upgrade requirements/layer.in -o layers/order_sync/requirements.txt
	@$(COMPILE) --upgrade requirements/development.in -o requirements/development.txt
	@$(COMPILE) --upgrade requirements/lambda.in -o requirements/lambda.txt
	@$(COMPILE) --upgrade requirements/sam.in -o requirements/sam.txt
	@$(COMPILE) --upgrade requirements/scan.in -o requirements/scan.txt
	@$(COMPILE) --upgrade requirements/mutation.in -o requirements/mutation.txt

.PHONY: cold-start
cold-start: install  ## Print what each function imports when it starts, how long that takes, and how large it is
	@PYTHONPATH=layers/order_sync $(PYTHON) -m local.cold_start

.PHONY: clean
clean:  ## Remove everything that these commands made
	@rm -rf .venv .venv-sam .venv-lambda .venv-scan .venv-mutation .aws-sam .mutation .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

## On a real AWS account

.PHONY: build
build: .venv-sam/.installed  ## Build the functions and the layer (ARCHITECTURE=x86_64 for another processor)
	@test -n '$(STACK)' || { echo 'samconfig.toml has no environment $(ENVIRONMENT).'; exit 1; }
	@$(SAM) build --config-env $(ENVIRONMENT) $(CHOSEN)

# Not --guided: it asks for the processor again, after the layer was built for one.
.PHONY: deploy
deploy: build  ## Build and deploy to your account (ENVIRONMENT=dev, PARAMETERS="PollMinutes=30 ...", STACK=...)
	@$(SAM) deploy --config-env $(ENVIRONMENT) --stack-name $(STACK) $(CHOSEN) $(PARAMETERS)
	$(if $(filter default production,$(ENVIRONMENT)),@$(MAKE) protect STACK=$(STACK))

.PHONY: protect
protect: .venv/.installed  ## Refuse to delete the stack from now on (STACK=..., PROTECTION=off to allow it again)
	@$(PYTHON) -m local.protect_stack $(STACK) $(or $(PROTECTION),on)

.PHONY: environment
environment: .venv/.installed  ## Write the deployed functions' variables for `sam local invoke` (STACK=...)
	@$(PYTHON) -m local.function_environments $(STACK) .aws-sam/environment.json

.PHONY: invoke
invoke: container-engine build environment  ## Run one function in a container, on your account's ledger (FUNCTION=PollTikTok, EVENT=...)
	@$(SAM) local invoke $(FUNCTION) --env-vars .aws-sam/environment.json --event $(EVENT) $(INVOKE)

.PHONY: container-engine
container-engine:
	@test -n '$(FUNCTION)' -a -n '$(EVENT)' || { echo 'Say which: make invoke FUNCTION=PollTikTok EVENT=my_event.json'; exit 1; }
	@docker info > /dev/null 2>&1 || podman info > /dev/null 2>&1 || { echo 'No container engine runs here: sam local invoke needs docker or podman.'; exit 1; }

# Environments. A stamp is older than its list only after the list has changed.

.venv/bin/uv:
	@echo 'Installing development tools ...'
	@$(PYTHON_3_13) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt

.venv/.installed: requirements/development.txt | .venv/bin/uv
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python requirements/development.txt
	@touch $@

.venv-sam/.installed: requirements/sam.txt | .venv/bin/uv
	@echo 'Installing AWS SAM ...'
	@test -x .venv-sam/bin/python3.13 || $(PYTHON_3_13) -m venv .venv-sam
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv-sam/bin/python requirements/sam.txt
	@touch $@

.venv-lambda/.installed: requirements/lambda.txt | .venv/bin/uv
	@echo 'Installing the Lambda runtime ...'
	@test -x .venv-lambda/bin/python || $(PYTHON_3_13) -m venv --without-pip .venv-lambda
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv-lambda/bin/python requirements/lambda.txt
	@touch $@

.venv-scan/.installed: requirements/scan.txt | .venv/bin/uv
	@echo 'Installing the scanners ...'
	@test -x .venv-scan/bin/python || $(PYTHON_3_13) -m venv --without-pip .venv-scan
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv-scan/bin/python requirements/scan.txt
	@touch $@

.venv-mutation/.installed: requirements/mutation.txt | .venv/bin/uv
	@echo 'Installing the mutation tester ...'
	@test -x .venv-mutation/bin/python || $(PYTHON_3_13) -m venv --without-pip .venv-mutation
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv-mutation/bin/python requirements/mutation.txt
	@touch $@
