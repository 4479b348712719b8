"""A shop's settings: the choices that a seller makes, checked when they are written and when they are read."""

from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.carriers import ACCEPTED_CARRIERS, nearest_code
from order_sync.domain.deadlines.policies import DeadlineSettings, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.regions import Region

NOT_STARTED: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The starting moment of a shop that is connected and was never switched on."""


def is_safe_address(url: str) -> bool:
    """Whether a partner may be called there: by TLS, or on this machine; without a user, a query or a fragment."""
    if not url.isprintable() or any(sign in url for sign in " \\?#@"):
        return False
    try:
        parts = urlsplit(url)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
    return is_private and bool(parts.hostname) and valid_port


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ShippingMapping(_Settings):
    """One row of the outbound shipping mappings (G4): a warehouse's carrier text to an accepted carrier code."""

    carrier: str = Field(min_length=1)
    shipping_class: str = ""
    """Empty: the row holds for every class of this carrier."""
    code: str = Field(min_length=1)
    channeladvisor_carrier: str = ""
    """Empty: ChannelAdvisor gets the accepted carrier's name."""
    channeladvisor_class: str = ""
    """Empty: ChannelAdvisor gets the class as it was reported."""


class ChannelAdvisorSettings(_Settings):
    """Where this shop's orders live in ChannelAdvisor."""

    account: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")
    profile_id: int = Field(gt=0)
    mode: Literal["create", "observe"] = "create"
    """Whether we create the orders there, or only observe what Rithum's own TikTok link brings and carries."""
    look_up_hours: int = Field(default=4, ge=1, le=72)
    """Observing: an order that the link has not brought by then is brought to people's notice."""
    parcel_grace_minutes: int = Field(default=120, ge=30, le=24 * 60)
    """Observing: how long the link may take to carry a parcel, a cancellation or a refund to the other side."""
    push_late_parcels: bool = False
    """Observing: whether a parcel that TikTok Shop does not have after that time is told by us."""
    order_id_field: Literal["SiteOrderID", "SecondarySiteOrderID"] = "SiteOrderID"
    """The field that carries TikTok's order id on orders that we create (CA 9.13)."""
    paid_on_create: bool = False
    """Whether the account honours PaymentStatus on creation; if not, a second call sets it (CA 4.8)."""
    adjusts_unshipped_first: bool = True
    """Whether adjusting an item that is shipped in part takes its unshipped units. `RefundOnly` exists for the other
    case (CA 4.5), but nothing says so in words: if your account does otherwise, say false, and a person cancels such
    units there. Else a cancellation would become a refund."""


class OmsSettings(_Settings):
    """How this shop's order management system is reached."""

    adapter: Literal["rest", "none"] = "none"
    """`none`: the OMS works inside ChannelAdvisor and needs no call of ours."""
    url: str = ""

    @model_validator(mode="after")
    def _a_rest_adapter_needs_an_address(self) -> Self:
        if self.adapter == "rest" and not is_safe_address(self.url):
            raise ValueError(
                "url must be an https address without a user, a query or a fragment when adapter is 'rest'"
            )
        return self


class CancellationSettings(_Settings):
    """What the seller decided about cancellations beforehand."""

    without_answer: Literal["reject_if_packed", "approve", "leave_to_tiktok"] = "reject_if_packed"
    """What holds for a buyer's request that nobody answered in time."""
    margin_minutes: int = Field(default=45, ge=15, le=12 * 60)
    """The wait for an answer ends that long before TikTok's deadline, but at most a tenth of the time before it.
    Never less than a quarter of an hour, so that an answer which does not arrive at once can still be told."""
    restock: Literal["never", "always", "unless_out_of_stock"] = "never"
    """Whether ChannelAdvisor puts cancelled units back into its stock."""
    default_reason: SellerReason = SellerReason.OUT_OF_STOCK
    """For what is cancelled in ChannelAdvisor by hand without a telling reason. "Out of stock" is the only one that
    TikTok takes for a part of an order; it sets the product's stock at TikTok to 0 (TT 4.1)."""

    @property
    def margin(self) -> timedelta:
        """How long before TikTok's deadline the wait for an answer ends."""
        return timedelta(minutes=self.margin_minutes)


class ReturnSettings(_Settings):
    """What the seller decided about returns and refunds beforehand."""

    without_answer: Literal["leave_to_tiktok", "approve"] = "leave_to_tiktok"
    """What holds for a question about a return that nobody answered in time. No rule rejects: that takes a reason of
    TikTok's, and often pictures."""
    refund_reason: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,128}$")
    """TikTok's name of the reason for refunds that the seller starts without one; empty takes the first that TikTok
    Shop offers for the lines."""


class ShippingSettings(_Settings):
    """What the seller decided about parcels that TikTok Shop may doubt."""

    unknown_tracking: Literal["send", "stop"] = "send"
    """Whether a tracking number goes out that cannot be judged, because nobody publishes its carrier's shapes."""
    restricted_carriers: Literal["warn", "stop"] = "warn"
    """What holds for a carrier that TikTok Shop restricts by then, as the policy profile has it (OP C24)."""
    tracking_changes: int = Field(default=1, ge=0, le=9)
    """How often TikTok Shop lets a parcel's tracking be changed (OP B6)."""


class LoadedListings(_Settings):
    """Which table of listings was loaded for a shop."""

    digest: str
    loaded_at: AwareDatetime
    skus: int


class ShopSettings(_Settings):
    """One TikTok Shop of one region and where its orders go."""

    shop: ShopId = Field(pattern=r"^[0-9]{1,24}$")
    name: str
    region: Region
    time_zone: str
    tiktok_cipher: str = Field(min_length=1)
    active: bool = True
    starts_at: AwareDatetime
    """The go-live moment: older orders are watched, never pushed. NOT_STARTED until the shop is switched on."""
    channeladvisor: ChannelAdvisorSettings
    oms: OmsSettings = OmsSettings()
    extra_hold_minutes: int = Field(default=0, ge=0, le=24 * 60)
    """More hold than TikTok's, for a warehouse that cannot stop a parcel."""
    shipping_mappings: tuple[ShippingMapping, ...] = ()
    cancellations: CancellationSettings = CancellationSettings()
    deadlines: DeadlineSettings = DeadlineSettings()
    shipping: ShippingSettings = ShippingSettings()
    returns: ReturnSettings = ReturnSettings()
    listings: LoadedListings | None = Field(default=None, exclude=True)
    """No choice of the seller's: it stands beside the settings, so that who reads these need not read the table, and
    changing them does not change it."""

    observed_until: AwareDatetime | None = Field(default=None, exclude=True)
    """When the mode was last changed from observe to create. It stands beside the settings as well."""

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("this time zone is not known") from error
        return value

    @model_validator(mode="after")
    def _mappings_name_accepted_carriers(self) -> Self:
        for position, row in enumerate(self.shipping_mappings):
            if row.code not in ACCEPTED_CARRIERS[self.region]:
                raise ValueError(
                    f"shipping_mappings.{position}.code: not an accepted carrier code in {self.region}; "
                    f"nearest is {nearest_code(self.region, row.code)!r}"
                )
        return self

    @model_validator(mode="after")
    def _the_region_has_the_policy_profile(self) -> Self:
        try:
            profile_for(policy_profiles(), self.region, self.deadlines.profile, date.max)
        except RejectedError as error:
            raise ValueError(str(error)) from error
        return self

    def was_observed_at(self, moment: datetime) -> bool:
        """Whether Rithum's own link was to bring what was placed at that moment, in a shop that creates by now."""
        return self.observed_until is not None and moment <= self.observed_until

    @property
    def observes(self) -> bool:
        """Whether Rithum's own TikTok link brings the orders to ChannelAdvisor, and we create none."""
        return self.channeladvisor.mode == "observe"

    @property
    def link_grace(self) -> timedelta:
        """How long that link may take to carry something."""
        return timedelta(minutes=self.channeladvisor.parcel_grace_minutes)

    @property
    def look_up_time(self) -> timedelta:
        """How long that link may take to bring an order."""
        return timedelta(hours=self.channeladvisor.look_up_hours)

    @property
    def zone(self) -> ZoneInfo:
        """Where the shop's days begin and end."""
        return ZoneInfo(self.time_zone)

    @property
    def extra_hold(self) -> timedelta:
        """More hold than TikTok's."""
        return timedelta(minutes=self.extra_hold_minutes)

    @property
    def has_oms(self) -> bool:
        """Whether orders are given to an OMS of their own."""
        return self.oms.adapter == "rest"
