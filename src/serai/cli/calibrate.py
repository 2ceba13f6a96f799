"""Fit route choice to observed shares, and set the base beside what was counted."""

from __future__ import annotations

from serai.cli.app import AsJson, PackageName, With, app, open_corridor_, print_json


@app.command()
def calibrate(overlays: With = None, package: PackageName = "ewec", as_json: AsJson = False) -> None:
    """Fit the sensitivity of route choice, and show predicted beside observed traffic; changes nothing."""
    from serai.corridor.checks import calibration
    from serai.corridor.service import open_corridor

    found = calibration(open_corridor(open_corridor_(package, overlays)))
    if as_json:
        print_json(found)
        return
    from serai.report.calibration import print_calibration

    print_calibration(found)
