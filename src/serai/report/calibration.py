"""The fit of route choice, and traffic predicted beside observed, on a terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from serai.report.console import terminal


def print_calibration(found: dict[str, Any]) -> None:
    """Print fit, column gap, scores and rows."""
    console, fit, gap = terminal(), found["fit"], found["column_gap"]
    console.print(
        f"Scale of route choice {fit['scale']:.1f} ({fit['low']:.1f} to {fit['high']:.1f}); standard error of its log "
        f"{fit['sd_log'] or float('inf'):.2f}, by families {fit['sandwich_sd_log'] or float('inf'):.2f}; "
        f"in use: {found['scale_used']:g}"
    )
    console.print(f"{fit['rows']} shares in {fit['families']} families; R2 {fit['r_squared'] or float('nan'):.2f}")
    console.print(
        "The shares fix a scale." if fit["identified"] else "The shares do not fix a scale: its range meets a bound."
    )
    console.print(fit["not_identified"])
    console.print(
        f"Routes missed: {100 * gap['mean']:.2f} % dearer than the best, {100 * gap['largest']:.0f} % at most"
    )
    scores = Table("use", "kind", "unit", "rows", "no traffic", "R2", "median error")
    for s in found["scores"]:
        r2 = "" if s["r_squared"] is None else f"{s['r_squared']:.2f}"
        error = f"{100 * s['median_abs_error']:.0f} %"
        scores.add_row(s["use"], s["kind"], s["metric"], str(s["n"]), str(s["without_traffic"]), r2, error)
    console.print(scores)
    rows = Table("row", "use", "unit", "observed", "modelled", "error")
    for r in found["rows"]:
        if r["why_not"]:
            rows.add_row(r["id"], r["use"], r["metric"], f"{r['observed']:,.4g}", r["why_not"], "")
            continue
        error = "" if r["error"] is None else f"{100 * r['error']:+.0f} %"
        rows.add_row(r["id"], r["use"], r["metric"], f"{r['observed']:,.4g}", f"{r['modelled']:,.4g}", error)
    console.print(rows)
