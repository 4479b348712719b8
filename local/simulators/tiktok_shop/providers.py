"""Shipping providers by region: the guide's carriers (G4), named as its left-hand column, with ids of TikTok's shape.

The id of USPS is the documented one (TT 3); the others are made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    id: str
    name: str


def _by_id(providers: Mapping[str, str]) -> Mapping[str, Provider]:
    return MappingProxyType({id_: Provider(id=id_, name=name) for id_, name in providers.items()})


US = _by_id(
    {
        "7117858858072016686": "USPS",
        "7117859084333745966": "UPS",
        "7129720299146184490": "FedEx",
        "7132708894094427950": "DHL",
        "7260817162053093163": "Amazon Logistics",
        "7208502187360519982": "AxleHire",
        "7254084857317803818": "Better Trucks",
        "7254084857951143722": "Deliver-it",
        "7212608861384279850": "GLS US",
        "7132721393761781550": "Lasership",
        "7212609204281247530": "Lone Star Overnight",
        "7132720776796932910": "Ontrac",
        "7212609498922788650": "Spee-Dee Delivery",
        "7254085079212328750": "TForce",
        "7254085195579459374": "Wizmo",
    }
)

UK = _by_id(
    {
        "6965462084530726657": "EVRi",
        "6965462085713520386": "FedEx UK",
        "6965462086913090306": "DHL UK",
        "6965462088146215681": "Yodel UK",
        "6965462089312232193": "UK Mail",
        "6965462090490831618": "Parcel2Go",
        "6965462091740733185": "DPD UK",
        "6965462092982247170": "DX Delivery",
        "6965462094186012417": "UPS UK",
        "6965462095427526401": "Royal Mail",
        "6965462096694206210": "Parcel Force",
        "6965462097910554369": "Arrow XL",
        "6965462099185622786": "APC Overnight",
        "6965462100393582337": "Panther UK",
        "6965462101626707713": "Amazon Logistics",
        "6965462102843055874": "DHLExpress",
        "6965462104067792641": "Fastway Ireland",
        "6965462105309306626": "AO Logistics",
    }
)

BY_REGION: Mapping[str, Mapping[str, Provider]] = MappingProxyType({"US": US, "GB": UK})
