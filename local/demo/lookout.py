"""What an operator does about deadlines: lets the product look at them, and reads what it has to say."""

import time
from dataclasses import dataclass
from typing import Final

from local.demo.clock import now
from local.demo.deadline_news import ALARMS, DeadlineNews, raised, read_report, warnings_in
from local.demo.deployment import Deployment
from local.demo.inbox import Inbox
from local.demo.partners import Partners

WHAT_IF: Final = {"US": "us-2026-01", "GB": "uk-2024-11"}
"""The policy profiles to compare with."""
SECONDS_TO_BE_TOLD: Final = 15


@dataclass(frozen=True, slots=True)
class Lookout:
    """Somebody who watches the deadlines of both shops."""

    deployment: Deployment
    partners: Partners
    inbox: Inbox

    def read_orders(self) -> None:
        """The first poll of each shop: it brings in everything that changed since the go-live."""
        self._run("PollTikTok")

    def watch(self) -> None:
        """Look at the deadlines now, as a schedule does every quarter of an hour, and wait for what people are told."""
        self._run("WatchDeadlines")
        give_up_at = time.monotonic() + SECONDS_TO_BE_TOLD
        while not self._people_were_told() and time.monotonic() < give_up_at:
            time.sleep(0.2)

    def _people_were_told(self) -> bool:
        messages = self.inbox.messages()
        return set(self.alarm_names.values()) <= raised(messages) and any(warnings_in(messages))

    @property
    def alarm_names(self) -> dict[str, str]:
        """What AWS calls the alarms, by their names in the template."""
        return {name: self.deployment.stack.physical_names[name] for name in ALARMS}

    def news(self) -> DeadlineNews:
        """Everything that people are told now."""
        asked_at = now()
        reports = {
            region: read_report(self.deployment.report_late_dispatch(shop.id, profile=WHAT_IF[region]))
            for region, shop in self.partners.shops.items()
        }
        names = self.alarm_names
        found = self.deployment.stack.client("cloudwatch").describe_alarms(AlarmNames=list(names.values()))
        states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found["MetricAlarms"]}
        return DeadlineNews(
            asked_at=asked_at,
            reports=reports,
            messages=self.inbox.messages(),
            alarms={name: states[physical] for name, physical in names.items()},
            alarm_names=names,
        )

    def _run(self, function: str) -> None:
        for shop in self.partners.shops.values():
            self.deployment.run(function, shop.id)
