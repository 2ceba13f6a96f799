"""Read YAML safely and fast."""

from __future__ import annotations

from typing import Any

import yaml

# The same safe language either way; libyaml's scanner is ten times faster, and absent from some builds.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:  # noqa: ANN401 - what stands in it, its reader must look at
    """Read one YAML document of plain values.

    Raises
    ------
    yaml.YAMLError
        When it is none.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  the loader is a safe one
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as fault:
        # Readers of dates, numbers and tags raise errors of their own where a text only looks like one.
        raise yaml.YAMLError(f"a value is not what it looks like, or too deeply nested: {fault}") from fault
