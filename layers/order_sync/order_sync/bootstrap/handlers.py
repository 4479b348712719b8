"""The frame around every Lambda handler: logs, metrics, and what an error means to whoever invoked it."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from order_sync.domain.errors import RejectedError, RetriableError, SwitchedOffError
from order_sync.jobs.run import Report

PROBLEMS_LOGGED: Final = 100
TIMER: Final = "timer"

logger = Logger()
metrics = Metrics()

type Event = dict[str, Any]
type Context = LambdaContext
type Handler = Callable[[Event, Context, Report], Report]
type LambdaHandler = Callable[[Event, Context], dict[str, Any]]


def reporting(handler: Handler) -> LambdaHandler:
    """Frame a handler: one log line with what it did, metrics of problems and gauges, and the counts as its answer.

    The handler is given the report to write into, so that a run that breaks off tells what it did until then.
    A partner's outage ends a scheduled run normally, with a count: the next cycle repeats it. A timer
    repeats by itself, so there a RetriableError goes on to Step Functions, under this very name, since
    that is what its Retry looks for. What needs a person is raised. A shop that is switched off is no fault: its run
    ends normally with a count, and the first cycle after it is switched on finds what waits.
    """

    @wraps(handler)
    def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
        logger.set_correlation_id(context.aws_request_id)
        logger.append_keys(
            function=os.environ["AWS_LAMBDA_FUNCTION_NAME"], shop=event.get("shop"), source=event.get("source")
        )
        report = Report()
        try:
            report = handler(event, context, report)
        except RetriableError as error:
            report.problem("runs_postponed", str(error))
            if event.get("source") == TIMER:
                raise RetriableError(str(error)) from error
        except SwitchedOffError:
            report.count("shop_is_switched_off")
        except RejectedError as error:
            report.problem("runs_refused", str(error))
            raise
        finally:
            tell(report, event.get("shop"))
        return {**report.counts, **report.answer}

    return lambda_handler


def tell(report: Report, shop: str | None) -> None:
    """Say what a run did: its problems, its metrics, and one line with its counts."""
    for problem in report.problems[:PROBLEMS_LOGGED]:
        logger.warning(problem)
    if len(report.problems) > PROBLEMS_LOGGED:
        logger.warning("some problems of this run are only counted", extra={"problems": len(report.problems)})
    _publish_problems(report)
    _publish_gauges(report, shop)
    logger.info("run ended", extra={"counts": dict(report.counts)})


def _publish_problems(report: Report) -> None:
    """By service only: every further combination of dimensions is a metric to pay for."""
    for kind in {problem.partition(":")[0] for problem in report.problems}:
        metrics.add_metric(name=kind, unit=MetricUnit.Count, value=report.counts[kind])
    if metrics.metric_set:
        metrics.flush_metrics()


def _publish_gauges(report: Report, shop: str | None) -> None:
    """By service, for the alarms, and by shop beside it, for the dashboard."""
    if not report.gauges:
        return
    if shop:
        metrics.add_dimensions(service=metrics.service, shop=shop)
    for name, value in report.gauges.items():
        metrics.add_metric(name=name, unit=_unit_of(name), value=value)
    metrics.flush_metrics()


def _unit_of(gauge: str) -> MetricUnit:
    if gauge.endswith("_rate"):
        return MetricUnit.Percent
    # CloudWatch knows no minutes.
    return MetricUnit.NoUnit if "minutes" in gauge else MetricUnit.Count
