"""The carriers that TikTok Shop accepts, exact per region (G4, OP C22)."""

from collections.abc import Mapping
from difflib import get_close_matches

from order_sync.domain.regions import Region

ACCEPTED_CARRIERS: Mapping[Region, Mapping[str, str]] = {
    Region.US: {
        "usps": "USPS",
        "ups": "UPS",
        "fedex": "FedEx",
        "dhl us": "DHL",
        "amazon logistics": "Amazon Logistics",
        "axlehire": "AxleHire",
        "better trucks": "Better Trucks",
        "deliverit": "Deliver-it",
        "gls us": "GLS US",
        "lasership": "Lasership",
        "lone star overnight": "Lone Star Overnight",
        "ontrac": "Ontrac",
        "spee-dee delivery": "Spee-Dee Delivery",
        "tforce": "TForce",
        "wizmo": "Wizmo",
    },
    Region.GB: {
        "EVRi": "EVRi",
        "FedEx UK": "FedEx UK",
        "DHL UK": "DHL UK",
        "Yodel UK": "Yodel UK",
        "UK Mail": "UK Mail",
        "Parcel2Go": "Parcel2Go",
        "DPD UK": "DPD UK",
        "DX Delivery": "DX Delivery",
        "UPS UK": "UPS UK",
        "Royal Mail": "Royal Mail",
        "Parcel Force": "Parcel Force",
        "Arrow XL": "Arrow XL",
        "APC Overnight": "APC Overnight",
        "Panther UK": "Panther UK",
        "Amazon Logistics": "Amazon Logistics",
        "DHLExpress": "DHLExpress",
        "Fastway Ireland": "Fastway Ireland",
        "AO Logistics": "AO Logistics",
    },
}
"""Per region: accepted carrier code → the carrier's name, both spelt as the guide prints them."""


def folded(text: str) -> str:
    """A spelling without case and spaces: to compare for suggestions, never to accept by."""
    return "".join(text.casefold().split())


def nearest_code(region: Region, text: str) -> str:
    """The accepted code that looks most like a text: a suggestion for people, never used by itself."""
    spellings = {
        spelling.casefold(): code for code, name in ACCEPTED_CARRIERS[region].items() for spelling in (name, code)
    }
    return spellings[get_close_matches(text.strip().casefold(), spellings, n=1, cutoff=0.0)[0]]
