"""Tracking numbers for the tests: published ones with their sources, and random ones made after the carriers' shapes.

Facts only. `data`: test numbers of github.com/jkeen/tracking_number_data (MIT). `aftership`: the numbers of AfterShip's
coding challenge, which were real parcels. `others`: as named beside them.
"""

import string
from collections.abc import Mapping
from random import Random
from typing import Final

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.regions import Region
from order_sync.domain.tracking.check_digits import check_character
from order_sync.domain.tracking.shapes import Shape, tracking_shapes

PUBLISHED: Final[Mapping[str, str]] = {
    # data; aftership (1Z602A.., 1ZE155.., 1Z17R0..); ups.com's 1Z999AA.. of its help pages
    "UPS parcel": """
        1Z5R89390357567127 1Z879E930346834440 1Z410E7W0392751591 1Z8V92A70367203024 1ZXX3150YW44070023
        1Z602A6E0315093333 1ZE155W1YW70248655 1ZE155W1YW70248520 1Z17R06A0367864113 1Z999AA10123456784
    """,
    # data; K2479825491 and J4603636537 were told on Stack Overflow before
    "UPS waybill": "K1506235620 K2479825491 J4603636537 V0490119172 V0431105627",
    # data, issue 23; the second from Stack Overflow, on telling UPS Mail Innovations from USPS
    "UPS Mail Innovations by USPS": "9274890103422546330271 92748999955488513006484872",
    # data; aftership (9102.., 94001096.., 9374.., 94055096..); 921239.. and 940011.. are of USPS Publication 199
    "USPS package barcode": """
        9400111206206406260787 9505511069605048600624 9361289878700317633795 9405803699300124287899
        92748931507708513018050063 420221539101026837331000039521 420787459400111206206406260787
        9102999999302024326992 9400109699939938223564 9374889949033131111143 9405509699939943080223
        9212391234567812345670 940011291234567812345678901233
    """,
    "USPS package barcode behind ZIP+4": "4201002334249200190132607600833457 4201028200009261290113185417468510",
    # data; the others, certified and with signature, from Stack Overflow
    "USPS 20 digits": "03071790000523483741 71123456789123456787 70160910000108310009 23153630000057728970",
    "USPS 20 digits of a barcode with 91": "71969010756003077385",
    # data; aftership (CP.., RC.., RT.., LK..); the rest from Stack Overflow
    "international mail": """
        RB123456785GB RB123456785US RB123456785CV RB123456785CF RE360192014US EL595811950US EK225651436US
        CP889331175HK RC933607107HK RT224265042HK LK059460815HK
    """,
    # data; the second was tracked to Ireland in 2017 (Royal Mail's chat forum)
    "Royal Mail 13 characters": "RB123456785GB RN365840400GB",
    # Amazon's UK help, and a delivered parcel, both quoted at aimcosoftware.co.uk
    "Royal Mail 16 characters": "021115C902CF0C99",
    "Royal Mail 2D barcode": "320019254000221BB4EFC",
    # data; 0123.. is worked out in Google Answers 207899; the rest from Stack Overflow
    "FedEx 12 digits": """
        986578788855 477179081230 799531274483 790535312317 974367662710 012345678983
        810132562702 795223646324 785037759224 770826842738
    """,
    "FedEx Ground 15 digits": "041441760228964 568283610012000 568283610012734",
    # data; 106141.. is the example of the GS1 General Specifications
    "FedEx Ground SSCC-18": "000123450000000027 106141412345678908",
    "FedEx Ground Economy 20 digits": "61299998820821171811",
    "FedEx Ground Economy barcode": "9261292700768711948021 9261290983497923666238 420112139261290983497923666238",
    "FedEx Ground 96": "9611020987654312345672",
    "FedEx 32-digit barcode": "32971514560102447849175802862014",
    "FedEx 34-digit barcode": """
        1001921334250001000300779017972697 1001921380360001000300639585804382 1001901781990001000300617767839437
        1002297871540001000300790695517286 9622001900000000000000776632517510 9622001560000000000000794808390594
        9622001560001234567100794808390594 9632001560123456789900794808390594
    """,
    "DHL Express waybill": "3318810025 8487135506 1099255990 3821724944 3318810036 3318810014",
    "DHL Express waybill, or DHL's parcel network": "3318810025",
    "DHL Express 11 digits": "73891051146",
    # data; JVGL9999999999 is dhl.com's
    "DHL piece": "JJD0099999999 JVGL0999999990 JVGL9999999999",
    # data; GM99999999999 is dhl.com's
    "DHL eCommerce": "GM2951173225174494 GM295117494011169042 GM9E44608A27984866BA2D GM99999999999",
    "DHL eCommerce 14 digits": "60120172242323 51087693037816 60120174971147",
    "DHL eCommerce by USPS": "420902459261290336128704042634 420941179261290336128704062441",
    # data; TBAONT.. is of its pull request 105
    "Amazon": "TBA000000000000 TBA010000000000 TBA502887274000 TBC000000000000 TBAONT500361196",
    # data; D10015.. and C12215.. are packyapp.com's, C11286.. instantparcels.com's, the last two Stack Overflow's
    "OnTrac": """
        C11031500001879 C10999911320231 C11121552953069 C11121553156000 C11121552829468 D10011354453707
        D10011345983010 D10011342332145 D10011326755777 D10015874260816 C12215700588907 C11286171075072
        C10999606576777 C11001105367744
    """,
    "LaserShip L": "LX17635036 LX17635035 LX17635034",
    "LaserShip 1LS7": "1LS717793482164 1LS724505321754 1LS720000000000 1LS7119013618127-1",
    "OnTrac's other prefixes": "1LSCXVE0058631Y",
    "Spee-Dee": """
        SP029692510000920746 SP029692510000901479 SP029692510000688332 SP029692510000279301 SP029692450001607639
    """,
    "Yodel": "JJD0002257639032011 JJD0002255380054291 JD0002242617644732 JD0002254405060992",
    # data; aftership (1550.., 0708..)
    "DPD 14 digits with check character": "09980000020033F 09980000020034D 15502370264989N 07081002031105O",
    "DPD label": "008182709980000020033350276C 008182709980000020045327276N",
    "DPD 14 digits": "15501498140350 15501733652085",
    # parcelforce.com
    "Parcelforce": "AA1234567 AAAA1234567890 123456789012",
}
"""Shape → numbers that the world calls right."""

_TEMPLATES: Final[Mapping[str, str]] = {
    "UPS parcel": "1Z 6x 9d #",
    "UPS waybill": "K 9d #",
    "UPS Mail Innovations by USPS": "92748 16d #",
    "UPS Mail Innovations, the shipper's own": "MI 6d 10x",
    "USPS package barcode": "9400 17d #",
    "USPS package barcode behind ZIP+4": "420 9d 9205 17d #",
    "USPS 20 digits": "70 17d #",
    "USPS 20 digits of a barcode with 91": "71 17d #",
    "international mail": "LZ 8d # US",
    "Royal Mail 13 characters": "2l 8d # GB",
    "Royal Mail 16 characters": "0211 12h",
    "Royal Mail 2D barcode": "32 11d 8h",
    "FedEx 12 digits": "7 10d #",
    "FedEx Ground 15 digits": "14d #",
    "FedEx Ground SSCC-18": "00 15d #",
    "FedEx Ground Economy 20 digits": "6129 15d #",
    "FedEx Ground Economy barcode": "926129 15d #",
    "FedEx Ground 96": "96 19d #",
    "FedEx 32-digit barcode": "3 26d # 4d",
    "FedEx 34-digit barcode": "100 30d #",
    "DHL Express waybill": "9d #",
    "DHL Express waybill, or DHL's parcel network": "9d #",
    "DHL Express 11 digits": "10d #",
    "DHL piece": "JJD 10d",
    "DHL eCommerce": "GM 16d",
    "DHL eCommerce 14 digits": "14d",
    "DHL eCommerce by USPS": "92612 16d #",
    "Amazon": "TBA 12d",
    "OnTrac": "C1 12d #",
    "LaserShip L": "LX1 7d",
    "LaserShip 1LS7": "1LS71 10d",
    "OnTrac's other prefixes": "1LSCX 10x",
    "Spee-Dee": "SP029692 12d",
    "Yodel": "JJD0002 12d",
    "DPD 14 digits with check character": "1550 10d #",
    "DPD label": "27d #",
    "DPD 14 digits": "1550 10d",
    "Parcelforce": "PBTM 10d",
}
"""Shape → how its numbers are made: d digit, l letter, x either, h hexadecimal, # the check; the rest as it is."""

_SIGNS: Final[Mapping[str, str]] = {
    "d": string.digits,
    "l": string.ascii_uppercase,
    "x": string.digits + string.ascii_uppercase,
    "h": string.digits + "ABCDEF",
    "#": "0",
}

CARRIERS: Final = [(region, code) for region, codes in ACCEPTED_CARRIERS.items() for code in codes]
WITHOUT_SHAPES: Final = [each for each in CARRIERS if not tracking_shapes().of(*each)]
ROWS: Final = [(region, code, shape) for region, code in CARRIERS for shape in tracking_shapes().of(region, code)]


def published(shape: Shape) -> list[str]:
    """The published numbers of a shape; for one of which none is known, the example of its row."""
    return PUBLISHED.get(shape.name, shape.example).split()


def random_number(random: Random, shape: Shape) -> str:
    """A random right number of a shape."""
    number = "".join(_signs(random, part) for part in _TEMPLATES[shape.name].split())
    match = shape.pattern.fullmatch(number)
    assert match, (shape.name, number)
    if shape.check is None:
        return number
    digit = check_character(shape.check, shape.check_prefix + match["body"])
    return number[: match.start("digit")] + digit + number[match.end("digit") :]


def _signs(random: Random, part: str) -> str:
    """`12d` is twelve digits; whatever is no such part stands for itself."""
    kind = _SIGNS.get(part[-1])
    return "".join(random.choices(kind, k=int(part[:-1] or 1))) if kind else part


def random_number_of(random: Random, region: Region, carrier_code: str) -> str:
    """A random right number of a carrier; letters and digits where no rule is known."""
    shapes = tracking_shapes().of(region, carrier_code)
    if shapes:
        return random_number(random, random.choice(shapes))
    return "".join(random.choices(_SIGNS["x"], k=random.randint(8, 20)))


def with_another_digit(random: Random, number: str, places: range | None = None) -> str:
    """The number with one digit replaced by another one, at one of the places or anywhere."""
    chosen = [place for place in places or range(len(number)) if number[place].isdigit()]
    place = random.choice(chosen)
    digit = random.choice([digit for digit in string.digits if digit != number[place]])
    return number[:place] + digit + number[place + 1 :]


def checked_places(shape: Shape, number: str) -> range:
    """Where a wrong digit shows: in the body and the check digit; without a check, anywhere."""
    match = shape.pattern.fullmatch(number)
    assert match
    return range(match.start("body"), match.end("digit")) if shape.check else range(len(number))
