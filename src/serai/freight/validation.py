"""Predictions beside published journeys.

Use, family and claim of an observation stand in the package before any prediction is made, and nothing
is fitted to the rows marked for validation. A digest of those rows goes into every report.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import NoRouteError
from serai.core.files import cache_folder, sha256, write_text
from serai.core.units import HOURS_PER_DAY, TEU_PER_FEU
from serai.data.read import write_csv
from serai.data.schema import load_schema
from serai.freight.boxes import for_boxes
from serai.freight.price import price, shipment
from serai.freight.routes import Rules, alternatives, compile_package, open_network

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from serai.data.package import Package
    from serai.freight.routes import Network, Route

KM_PER_DAY_RULE = 340.0
"""Rule of thumb to beat: a trip makes so many km a day."""
DEFAULT_COMMODITY = "manufactures"
BOOTSTRAP = 2000
BOXES = {"FEU": "40", "TEU": "20", "truck": "40"}
"""Container that a quote's unit speaks of: a truck carries what a 40-foot box does; a tonne is none."""
CARRIAGE = frozenset({"haulage", "borders", "ports and terminals", "sea"})
"""Groups of lines that a carrier's tariff holds; papers, brokers and sureties stand beside it."""
FREIGHT = frozenset({"haulage", "sea"})
"""Groups of lines that freight without handling holds."""
PARTS = {"carriage": CARRIAGE, "freight": FREIGHT}


@dataclass(frozen=True, slots=True)
class Prediction:
    """One published journey and what the model says of it.

    Attributes
    ----------
    days_low, days_high, usd_low, usd_high
        Published; NaN where not given. Dollars are per 40-foot load.
    days_p10, days_p50, days_p90, usd_p10, usd, usd_p90
        Predicted for the corridor the journey used.
    box, box_usd_published
        Container of a published price, and the middle of the price per such container; empty and NaN if none.
    box_usd, box_carriage_usd, box_quoted_usd
        Price of that container in lines (:func:`serai.freight.price.price`): all of them, those of carriage, and those
        that the quote holds by its source.
    holds
        What the quote holds: all, carriage or freight; empty where its source does not say.
    km
        Length of that corridor.
    ratio_to_best
        Its generalized cost over that of the best way found on the day.
    no_route
        Why there is no prediction; empty if there is one.
    """

    id: str
    family: str
    use: str
    claim: str
    origin: str
    destination: str
    modes: str
    date: str
    days_low: float
    days_high: float
    usd_low: float
    usd_high: float
    days_p10: float
    days_p50: float
    days_p90: float
    usd_p10: float
    usd: float
    usd_p90: float
    box: str
    box_usd_published: float
    box_usd: float
    box_carriage_usd: float
    box_quoted_usd: float
    holds: str
    km: float
    ratio_to_best: float
    no_route: str

    @property
    def days(self) -> float:
        """Middle of the published time."""
        return (self.days_low + self.days_high) / 2

    @property
    def usd_published(self) -> float:
        """Middle of the published price."""
        return (self.usd_low + self.usd_high) / 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic with its 90 % bootstrap interval over families of journeys."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Validation:
    """How well predictions do on rows no parameter was set from.

    Errors are relative to the published middle. Pinball losses are in days, summed over the 10th, 50th
    and 90th percentile.
    """

    n_time: int
    n_price: int
    digest: str
    median_abs_error: Figure
    mean_abs_error: Figure
    median_signed_error: Figure
    pinball_days: Figure
    pinball_rule_days: Figure
    interval_hit: Figure
    interval_width: Figure
    price_median_abs_error: Figure
    box_median_abs_error: Figure
    carriage_median_abs_error: Figure
    quoted_median_abs_error: Figure
    corridor_within_15_percent: Figure
    predictions: tuple[Prediction, ...]


def validation_digest(package: Package) -> str:
    """SHA-256 over the rows marked for validation."""
    frame = package["observations"]
    rows = frame[frame["use"] == "validation"].sort_values("id")
    return sha256(write_csv(load_schema().tables["observations"], rows))


def _per_feu(value: float, unit: str, payload_t: float) -> float:
    return value * {"FEU": 1.0, "truck": 1.0, "TEU": TEU_PER_FEU, "t": payload_t}.get(unit, np.nan)


@dataclass(frozen=True, slots=True)
class _Boxed:
    """A quote for one container and what the model asks for it; empty and NaN where there is none."""

    box: str = ""
    published: float = np.nan
    usd: float = np.nan
    carriage: float = np.nan
    quoted: float = np.nan


def _box(network: Network, rules: Rules, o: Mapping[str, Any], commodity: str) -> _Boxed:
    """Price the container a quote speaks of on the way it used, as `--container` prices it."""
    published = (float(o["cost_usd_low"]) + float(o["cost_usd_high"])) / 2
    box = BOXES.get(str(o["cost_unit"]), "")
    if not box or not np.isfinite(published):
        return _Boxed()
    goods = network.package["commodities"].set_index("id")
    box = "40RF" if box == "40" and goods.loc[commodity, "reefer"] else box
    kinds = network.package["containers"].set_index("id")
    if box not in kinds.index or (goods.loc[commodity, "reefer"] and not kinds.loc[box, "reefer"]):
        return _Boxed(box, published)
    ends = str(o["from"]), str(o["to"])
    day = network.costs.day
    boxed = open_network(for_boxes(network.compiled, *ends, commodity, day), day, network.assume)
    route = alternatives(boxed, *ends, commodity, rules)[0]
    found = price(boxed, route, shipment(boxed.package, commodity, box, None, "", first=False))
    part = {g: sum(x.usd for x in found.lines if x.group in groups) for g, groups in PARTS.items()}
    return _Boxed(box, published, found.usd, part["carriage"], {"all": found.usd, **part}.get(str(o["holds"]), np.nan))


def predict(package: Package) -> tuple[Prediction, ...]:
    """Predict every observation on its date, over the corridor it is known to have used."""
    compiled = compile_package(package)
    networks: dict[dt.date, Network] = {}
    out = []
    for o in package["observations"].to_dict("records"):
        if o["date"] not in networks:
            networks[o["date"]] = open_network(compiled, o["date"])
        out.append(_predict_one(networks[o["date"]], o))
    return tuple(out)


def _predict_one(network: Network, o: Mapping[str, Any]) -> Prediction:
    commodity = str(o["commodity"]) or DEFAULT_COMMODITY
    via = tuple(v for v in str(o["via"]).split(";") if v)
    modes = tuple(str(o["modes"]).split(";"))
    # What is published as a sea leg may be a ferry, as everywhere on the Caspian.
    modes = (*modes, "ferry") if "sea" in modes else modes
    origin, destination = str(o["from"]), str(o["to"])
    route: Route | None = None
    ratio, why = np.nan, ""
    rules = Rules(k=1, modes=modes, via=via)
    try:
        route = alternatives(network, origin, destination, commodity, rules)[0]
        best = alternatives(network, origin, destination, commodity, Rules(k=1))[0]
        ratio = route.generalized_usd_per_t / best.generalized_usd_per_t
    except NoRouteError as fault:
        why = fault.what
    time = (route.door_to_door_h if o["ends"] == "door_to_door" else route.time_h) if route else None
    money = route.cost_usd_per_t if route else None
    load = route.payload_t if route else 1.0
    unit = str(o["cost_unit"])
    boxed = _box(network, rules, o, commodity) if route else _Boxed(BOXES.get(unit, ""))
    return Prediction(
        id=str(o["id"]),
        family=str(o["family"]),
        use=str(o["use"]),
        claim=str(o["claim"]),
        origin=origin,
        destination=destination,
        modes=str(o["modes"]),
        date=str(o["date"]),
        days_low=float(o["days_low"]),
        days_high=float(o["days_high"]),
        usd_low=_per_feu(float(o["cost_usd_low"]), unit, load),
        usd_high=_per_feu(float(o["cost_usd_high"]), unit, load),
        days_p10=time.p10 / HOURS_PER_DAY if time else np.nan,
        days_p50=time.p50 / HOURS_PER_DAY if time else np.nan,
        days_p90=time.p90 / HOURS_PER_DAY if time else np.nan,
        usd_p10=money.p10 * load if money else np.nan,
        usd=money.mean * load if money else np.nan,
        usd_p90=money.p90 * load if money else np.nan,
        box=boxed.box,
        box_usd_published=boxed.published,
        box_usd=boxed.usd,
        box_carriage_usd=boxed.carriage,
        box_quoted_usd=boxed.quoted,
        holds=str(o["holds"]),
        km=route.distance_km if route else np.nan,
        ratio_to_best=ratio,
        no_route=why,
    )


def pinball(actual: float, forecast: float, level: float) -> float:
    """Pinball loss of a quantile forecast (Koenker and Bassett 1978)."""
    gap = actual - forecast
    return max(level * gap, (level - 1) * gap)


def _losses(p: Prediction) -> tuple[float, float]:
    mine = pinball(p.days, p.days_p10, 0.1) + pinball(p.days, p.days_p50, 0.5) + pinball(p.days, p.days_p90, 0.9)
    rule = sum(pinball(p.days, p.km / KM_PER_DAY_RULE, q) for q in (0.1, 0.5, 0.9))
    return mine, rule


def _figure(values: list[float], families: list[str], statistic: str) -> Figure:
    """Return a statistic with a bootstrap interval that draws whole families (they are not independent)."""
    if not values:
        return Figure(np.nan, np.nan, np.nan)
    reduce = np.median if statistic == "median" else np.mean
    x, f = np.array(values), np.array(families)
    groups = [x[f == name] for name in sorted(set(families))]
    rng = np.random.default_rng(20250601)
    sample = [
        float(reduce(np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))])))
        for _ in range(BOOTSTRAP)
    ]
    low, high = np.quantile(sample, (0.05, 0.95))
    return Figure(float(reduce(x)), float(low), float(high))


def validate(package: Package) -> Validation:
    """Score the predictions on the rows marked for validation; kept on disk by digest."""
    key = sha256(f"{package.meta.digest}:{_code_digest()}".encode())[:32]
    path = cache_folder() / "validation" / f"{key}.json"
    if path.is_file():
        return _from_json(path.read_text(encoding="utf-8"))
    result = score(predict(package), validation_digest(package))
    write_text(path, json.dumps(asdict(result)))
    return result


def _code_digest() -> str:
    """Digest of the code a prediction depends on, so that a cached score never outlives it."""
    from importlib.resources import files

    root = files("serai")
    parts = [
        p.read_bytes()
        for room in ("network", "freight")
        for p in root.joinpath(room).iterdir()
        if p.name.endswith(".py")
    ]
    return sha256(b"".join(sorted(parts)))


def _from_json(text: str) -> Validation:
    raw: dict[str, Any] = json.loads(text)
    raw["predictions"] = tuple(Prediction(**p) for p in raw["predictions"])
    fields: dict[str, Any] = {k: Figure(**v) if isinstance(v, dict) else v for k, v in raw.items()}
    return Validation(**fields)


def score(predictions: tuple[Prediction, ...], digest: str) -> Validation:
    """Score predictions; only rows marked for validation count."""
    held = [p for p in predictions if p.use == "validation" and not p.no_route]
    timed = [p for p in held if np.isfinite(p.days) and p.days > 0]
    priced = [p for p in held if np.isfinite(p.usd_published) and p.usd_published > 0]
    families = [p.family for p in timed]
    relative = [p.days_p50 / p.days - 1 for p in timed]
    losses = [_losses(p) for p in timed]
    hits = [float(p.days_p10 <= p.days_high and p.days_p90 >= p.days_low) for p in timed]
    widths = [(p.days_p90 - p.days_p10) / p.days_p50 for p in timed]
    boxed = [p for p in priced if np.isfinite(p.box_usd)]
    boxed_families = [p.family for p in boxed]
    quoted = [p for p in boxed if np.isfinite(p.box_quoted_usd)]
    ratios = [p for p in held if np.isfinite(p.ratio_to_best)]
    return Validation(
        n_time=len(timed),
        n_price=len(priced),
        digest=digest,
        median_abs_error=_figure([abs(r) for r in relative], families, "median"),
        mean_abs_error=_figure([abs(r) for r in relative], families, "mean"),
        median_signed_error=_figure(relative, families, "median"),
        pinball_days=_figure([m for m, _ in losses], families, "mean"),
        pinball_rule_days=_figure([r for _, r in losses], families, "mean"),
        interval_hit=_figure(hits, families, "mean"),
        interval_width=_figure(widths, families, "mean"),
        price_median_abs_error=_figure(
            [abs(p.usd / p.usd_published - 1) for p in priced], [p.family for p in priced], "median"
        ),
        box_median_abs_error=_figure(
            [abs(p.box_usd / p.box_usd_published - 1) for p in boxed], boxed_families, "median"
        ),
        carriage_median_abs_error=_figure(
            [abs(p.box_carriage_usd / p.box_usd_published - 1) for p in boxed], boxed_families, "median"
        ),
        quoted_median_abs_error=_figure(
            [abs(p.box_quoted_usd / p.box_usd_published - 1) for p in quoted], [p.family for p in quoted], "median"
        ),
        corridor_within_15_percent=_figure(
            [float(p.ratio_to_best <= 1.15) for p in ratios], [p.family for p in ratios], "mean"
        ),
        predictions=predictions,
    )
