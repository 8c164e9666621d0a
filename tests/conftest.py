"""What holds for every test: with REQUIRE_REAL=1, as in continuous integration, a skipped test is a failed one."""

from __future__ import annotations

import os

import pytest

MESSAGE = "REQUIRE_REAL=1: this test must run here, and was skipped. {reason}"


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("REQUIRE_REAL") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = MESSAGE.format(reason=reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Turn the skip of a test into its failure."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """Turn the skip of a whole file into its failure."""
    report = yield
    _refuse_skip(report)
    return report
