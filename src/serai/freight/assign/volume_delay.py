"""Link cost as a function of flow, with its integral and its slope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VolumeDelay:
    """Cost of each of L links at flow x: ``base + rise * (x / capacity) ** power``.

    Attributes
    ----------
    base : float64[L]
        Cost that does not depend on flow: free-flow time, toll and distance in the unit of time.
    rise : float64[L]
        Cost added where flow equals capacity; zero on a link without congestion.
    capacity : float64[L]
        In the unit of flow; positive.
    power : float64[L]
        Positive.
    """

    base: Array
    rise: Array
    capacity: Array
    power: Array


def bpr(free_flow_time: Array, b: Array, capacity: Array, power: Array, fixed: Array | float = 0.0) -> VolumeDelay:
    """Volume-delay function of the Bureau of Public Roads: ``t0 * (1 + b * (x / capacity) ** power) + fixed``.

    A link with b = 0, t0 = 0 or power = 0 has a cost that does not depend on flow; its capacity is then of no
    account and may be zero. With power = 0 the factor ``(x / capacity) ** 0`` is one at every flow, zero included.

    Parameters
    ----------
    free_flow_time, b, capacity, power : float64[L]
        Parameters of each link.
    fixed : float64[L] or float
        Cost of tolls and distance, in the unit of time.

    Raises
    ------
    InputError
        A figure is negative or not a number, or a congested link has no capacity.
    """
    t0, b, capacity, power = (np.asarray(v, dtype=np.float64) for v in (free_flow_time, b, capacity, power))
    toll = np.broadcast_to(np.asarray(fixed, dtype=np.float64), t0.shape)
    named = {"free-flow time": t0, "b": b, "capacity": capacity, "power": power, "fixed cost": toll}
    for name, values in named.items():
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if wrong.size:
            raise InputError(
                f"link {wrong[0] + 1}: {name} is {values[wrong[0]]:g}", "Give a finite figure, zero or more."
            )
    flat = (t0 == 0) | (b == 0) | (power == 0)
    shut = np.flatnonzero(~flat & (capacity == 0))
    if shut.size:
        raise InputError(
            f"link {shut[0] + 1}: capacity is 0 but its cost depends on flow", "Leave a closed link out of the network."
        )
    return VolumeDelay(
        base=t0 * (1 + np.where(power == 0, b, 0.0)) + toll,
        rise=np.where(flat, 0.0, t0 * b),
        capacity=np.where(flat, 1.0, capacity),
        power=np.where(flat, 1.0, power),
    )


def link_cost(x: float, base: float, rise: float, capacity: float, power: float) -> float:
    """Cost of one link at flow x; a part of compiled kernels."""
    if rise == 0.0 or x <= 0.0:
        return base
    r = x / capacity
    if power == 4.0:
        r *= r
        return base + rise * (r * r)
    return float(base + rise * r**power)


def link_slope(x: float, rise: float, capacity: float, power: float) -> float:
    """Slope of the cost of one link at flow x; a part of compiled kernels."""
    if rise == 0.0:
        return 0.0
    if power == 1.0:
        return rise / capacity
    if x <= 0.0:
        return 0.0 if power > 1.0 else np.inf
    r = x / capacity
    if power == 4.0:
        return rise * 4.0 / capacity * (r * r * r)
    return float(rise * power / capacity * r ** (power - 1.0))


def _costs(x: Array, base: Array, rise: Array, capacity: Array, power: Array) -> Array:
    out = np.empty(x.size)
    for a in range(x.size):
        out[a] = link_cost(x[a], base[a], rise[a], capacity[a], power[a])
    return out


def _slopes(x: Array, rise: Array, capacity: Array, power: Array) -> Array:
    out = np.empty(x.size)
    for a in range(x.size):
        out[a] = link_slope(x[a], rise[a], capacity[a], power[a])
    return out


@cache
def parts() -> dict[str, Callable[..., float]]:
    """Return the compiled cost and slope of one link, for kernels that call them."""
    from serai.core.jit import compiled

    return {"link_cost": compiled(link_cost), "link_slope": compiled(link_slope)}


@cache
def _costs_kernel() -> Callable[..., Array]:
    from serai.core.jit import compiled

    return compiled(_costs, link_cost=parts()["link_cost"])


@cache
def _slopes_kernel() -> Callable[..., Array]:
    from serai.core.jit import compiled

    return compiled(_slopes, link_slope=parts()["link_slope"])


def cost(delay: VolumeDelay, flow: Array) -> Array:
    """Cost of each link, float64[L], at a flow of float64[L]."""
    return _costs_kernel()(flow, delay.base, delay.rise, delay.capacity, delay.power)


def slope(delay: VolumeDelay, flow: Array) -> Array:
    """Slope of the cost of each link, float64[L]; infinite at zero flow where the power is under one."""
    return _slopes_kernel()(flow, delay.rise, delay.capacity, delay.power)


def cost_plain(delay: VolumeDelay, flow: Array) -> Array:
    """Do the same as :func:`cost` in plain NumPy."""
    return np.asarray(delay.base + delay.rise * (np.maximum(flow, 0) / delay.capacity) ** delay.power)


def slope_plain(delay: VolumeDelay, flow: Array) -> Array:
    """Do the same as :func:`slope` in plain NumPy."""
    ratio = np.maximum(flow, 0) / delay.capacity
    with np.errstate(divide="ignore"):
        steep = ratio ** (delay.power - 1)
    return np.where(delay.rise > 0, delay.rise * delay.power / delay.capacity * np.where(delay.rise > 0, steep, 0), 0)


def integral(delay: VolumeDelay, flow: Array) -> Array:
    """Integral of the cost of each link from zero to its flow, float64[L] (Beckmann, McGuire & Winsten 1956)."""
    ratio = np.maximum(flow, 0) / delay.capacity
    return np.asarray(flow * (delay.base + delay.rise * ratio**delay.power / (delay.power + 1)))
