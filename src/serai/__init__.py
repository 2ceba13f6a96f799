"""Serai examines whether an economic corridor works, and whether what is said about it is true.

    import serai
    pkg = serai.open_package("ewec")
    answer = serai.routes(pkg, "Almaty", "Karachi", as_of="2025-06-01")
    answer.routes[0].time_h

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from serai.api import apply_scenario, open_package, routes, status, study

_API = ("apply_scenario", "open_package", "routes", "status", "study")
__all__ = ["__version__", *_API]


def __getattr__(name: str) -> object:
    if name in _API:
        from serai import api

        return getattr(api, name)
    raise AttributeError(f"module 'serai' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
