"""A strict, stateful ChannelAdvisor for one machine (DESIGN 10)."""

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator

__all__ = ["ChannelAdvisorSimulator", "Doubts"]
