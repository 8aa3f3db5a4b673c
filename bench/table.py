"""The table that is imported: the real one where it is at hand, else one made up on the spot.

LOCALFED_TEST_DATA names the folder of real data (default: shared/data beside the checkout).
"""

from __future__ import annotations

import csv
import io
import os
import random
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_REAL = "coops-uk/standard.Q2-2023.postcodes.csv"

_PLACES = ("Aldermoor", "Brackwater", "Cold Hatton", "Dunsley", "Elmstow", "Farrowby", "Glenkirk")
_TRADES = ("Bicycle", "Bakery", "Housing", "Orchard", "Energy", "Weavers", "Theatre", "Fishing")
_FORMS = ("Workers Co-operative", "Society", "Community Benefit Society", "Charitable Trust")
_SECTORS = ("Retail", "Agriculture", "Housing", "Arts and culture", "Energy", "Sports and leisure")


def real_table() -> Path | None:
    """Find the real table of 7,387 co-operatives; None where it is not at hand."""
    folder = Path(os.environ.get("LOCALFED_TEST_DATA") or _ROOT.parent / "shared" / "data")
    path = folder / _REAL
    return path if path.is_file() else None


def make_table(rows: int) -> bytes:
    """Make a table up: organisations of about the same size, spread over an island."""
    chance = random.Random(rows)  # noqa: S311 - the same table each time
    text = io.StringIO()
    writer = csv.writer(text)
    columns = "Identifier,Name,Sector,Legal Form,Street,City,Postcode,Website,Latitude,Longitude"
    writer.writerow(columns.split(","))
    for number in range(rows):
        place, trade = chance.choice(_PLACES), chance.choice(_TRADES)
        writer.writerow(
            (
                f"R{number:06}",
                f"{place} {trade} {chance.choice(_FORMS)} {number}",
                chance.choice(_SECTORS),
                chance.choice(_FORMS),
                f"{chance.randrange(1, 200)} {chance.choice(_PLACES)} Lane\nUnit {number % 9}",
                place,
                f"ZZ{number % 99} {number % 9}AA",
                f"https://{trade.lower()}{number}.example/",
                f"{chance.uniform(50.2, 58.4):.6f}",
                f"{chance.uniform(-5.1, 1.2):.6f}",
            )
        )
    return text.getvalue().encode()
