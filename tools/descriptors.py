"""Write the tables of the format into the descriptors of the packages in this repository."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from serai.core.files import write_text
from serai.data.package import descriptor

ROOT = Path(__file__).parents[1]
OWN = {"profile", "name", "title", "version", "base_date", "price_year", "format", "resources"}


def main() -> None:
    for folder in (ROOT / "src/serai/packages/ewec", ROOT / "tests/packages/sixplace"):
        path = folder / "datapackage.json"
        old = json.loads(path.read_text("utf-8"))
        extra = {k: v for k, v in old.items() if k not in OWN}
        day = dt.date.fromisoformat(old["base_date"])
        new = descriptor(old["name"], old["title"], old["version"], day, old["price_year"], extra)
        write_text(path, json.dumps(new, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
