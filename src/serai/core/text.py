"""Read YAML safely and fast."""

from __future__ import annotations

from typing import Any

import yaml


def read_yaml(text: str) -> Any:  # noqa: ANN401 - what stands in it, its reader must look at
    """Read one YAML document of plain values.

    Raises
    ------
    yaml.YAMLError
        When it is none.
    """
    try:
        # The same safe language either way; libyaml's scanner is ten times faster, and absent from some builds.
        return yaml.load(text, Loader=yaml.CSafeLoader) if yaml.__with_libyaml__ else yaml.safe_load(text)
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as fault:
        # Readers of dates, numbers and tags raise errors of their own where a text only looks like one.
        raise yaml.YAMLError(f"a value is not what it looks like, or too deeply nested: {fault}") from fault
