"""Buyers whose every personal detail is unique, so that a test can search for it anywhere."""

from dataclasses import dataclass

from local.simulators.tiktok_shop.shops import Region

FIRST_NAMES = ("Marigold", "Thaddeus", "Ottoline", "Barnaby", "Seraphina", "Ignatius")
LAST_NAMES = ("Quillfeather", "Thistlewood", "Larkspur", "Bramblecombe", "Nightingale")
STREETS = ("Foxglove", "Hollyhock", "Periwinkle", "Snapdragon", "Meadowsweet")
MARK = "xqv"
"""In every word of a buyer's data, and in nothing else: whoever looks for it looks for all buyers at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`area` is the US state or UK nation (L1), `county` L2, `city` L3 and, in the UK, the post town."""

    area: str
    area_code: str
    county: str
    city: str
    postal_code: str
    dialling_code: str


PLACES = {
    "US": (
        Place(
            area="California",
            area_code="CA",
            county="Los Angeles",
            city="Los Angeles",
            postal_code="90001",
            dialling_code="213",
        ),
        Place(
            area="Texas",
            area_code="TX",
            county="Travis",
            city="Austin",
            postal_code="78701",
            dialling_code="512",
        ),
        Place(
            area="New York",
            area_code="NY",
            county="Kings",
            city="Brooklyn",
            postal_code="11201",
            dialling_code="718",
        ),
    ),
    "GB": (
        Place(
            area="England",
            area_code="ENG",
            county="Greater Manchester",
            city="STOCKPORT",
            postal_code="SK1 3XE",
            dialling_code="7700",
        ),
        Place(
            area="Scotland",
            area_code="SCT",
            county="Midlothian",
            city="DALKEITH",
            postal_code="EH22 1AB",
            dialling_code="7701",
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    line1: str
    line2: str
    place: Place

    @property
    def detail(self) -> str:
        return f"{self.line1} {self.line2}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    user_id: str
    first_name: str
    last_name: str
    country_code: str
    national_number: str
    email: str
    nickname: str
    address: Address

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def phone_number(self) -> str:
        return f"({self.country_code}){self.national_number}"

    def personal_data(self) -> frozenset[str]:
        """Every string that identifies this person and nobody else."""
        return frozenset(
            {
                self.name,
                self.first_name,
                self.last_name,
                self.phone_number,
                self.national_number,
                self.email,
                self.nickname,
                self.address.line1,
                self.address.line2,
            }
        )


def new_buyer(number: int, user_id: str, region: Region) -> Buyer:
    """The buyer of that number, with an address in the region."""
    address = new_address(number, region)
    digits = f"{number:06d}"
    subscriber = digits if region.code == "GB" else f"5{digits}"
    return Buyer(
        user_id=user_id,
        first_name=f"{FIRST_NAMES[number % len(FIRST_NAMES)]}{MARK}{number:05d}",
        last_name=f"{LAST_NAMES[number % len(LAST_NAMES)]}{MARK}{number:05d}",
        country_code="+44" if region.code == "GB" else "+1",
        national_number=address.place.dialling_code + subscriber,
        email=f"v4b{MARK}{number:05d}canary@scs2.tiktok.com",
        nickname=f"petal{MARK}{number:05d}",
        address=address,
    )


def new_address(number: int, region: Region) -> Address:
    """The address of that number in the region."""
    places = PLACES[region.code]
    return Address(
        line1=f"{100 + number} {STREETS[number % len(STREETS)]}{MARK}{number:05d} Street",
        line2=f"Apt {MARK}{number:05d}",
        place=places[number % len(places)],
    )
