"""A strict, stateful OMS for one machine, checked against docs/oms_openapi.yaml (DESIGN 10)."""

from local.simulators.oms.simulator import OmsSimulator

__all__ = ["OmsSimulator"]
