# Every command makes what it needs first: on a fresh machine with Python 3.11 `make demo` is enough.
# Everything is written into this folder.

RUN := scripts/here.sh
DEMO := out/demo

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick lint bench diagnosis redteam honest soak clean clean-all

help:
	@echo 'make demo       grade the small class of lesson 02 and hold the result to what it must be'
	@echo 'make test       everything: style, generated files, graders, tests (up to 45 minutes on two cores)'
	@echo 'make quick      the fast tests, for your own loop (under 5 minutes)'
	@echo 'make lint       style alone'
	@echo 'make bench      how long grading takes here, in nbgrader and in Otter (an hour; writes benchmarks/results/)'
	@echo 'make diagnosis  how many wrong answers are explained, with and without their own declaration'
	@echo 'make redteam    the table of attacks: what each tries, what came of it, what stops it'
	@echo 'make honest     the table of honest notebooks, their marks, and what their students are told'
	@echo 'make soak       attacks and bytes that a generator makes up, for ten minutes; 1,000 kills'
	@echo 'make setup      only what the others do first: .venv with all packages'
	@echo 'make clean      take away results and caches'
	@echo 'make clean-all  take away .venv too'

setup:
	@scripts/setup.sh

demo: setup
	@rm -rf $(DEMO)
	@echo 'Grading examples/submissions, lesson 02: every notebook runs shut in, nothing is sent anywhere.'
	@$(RUN) autograder grade examples/submissions --lesson 02 --out $(DEMO)
	@$(RUN) python scripts/expected.py $(DEMO) examples/expected.json
	@echo "Open in a browser: $(CURDIR)/$(DEMO)/report.html"

# The tests come last, so that their summary, with every skip and its reason, is what one sees at the end.
test: lint
	@echo '== generated notebooks are those of the sources'
	@$(RUN) autograder build --check
	@echo '== the graders are graded'
	@$(RUN) autograder verify
	@echo '== tests'
	@$(RUN) pytest

quick: lint
	@$(RUN) autograder build --check
	@$(RUN) pytest -q -m 'not slow' tests/engine tests/graders

lint: setup
	@echo '== style'
	@$(RUN) ruff check --quiet .
	@$(RUN) ruff format --check --quiet .

bench: setup
	@$(RUN) python benchmarks/report.py

redteam: setup
	@$(RUN) python -m tests.redteam

honest: setup
	@$(RUN) python tests/honest/table.py

soak: setup
	@$(RUN) python -m tests.redteam.soak
	@echo '== 1,000 kills of a run and its processes at random moments'
	@AUTOGRADER_KILLS=1000 $(RUN) pytest -q tests/engine/test_durable.py -k random_kills

# How much of a wrong answer is explained that nobody declared.
diagnosis: setup
	@$(RUN) python scripts/diagnosis.py

# Never touches work/ (a learner's notebooks) or gradebook.db (a class's marks).
clean:
	rm -rf out .cache build dist .pytest_cache .ruff_cache .hypothesis *.egg-info
	find autograder coursekit reference_impl tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean
	rm -rf .venv
