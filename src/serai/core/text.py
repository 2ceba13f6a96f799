"""Read YAML safely and fast."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor


def _mapping(self: SafeConstructor, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    """Build a mapping, each of whose keys stands once: the language would silently keep the last of two."""
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in seen:
                raise ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
    return SafeConstructor.construct_mapping(self, node, deep)


# The same safe language either way; libyaml's scanner is ten times faster, and absent from some builds.
_FASTEST = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_Loader: Any = type("_Loader", (_FASTEST,), {"construct_mapping": _mapping})


def read_yaml(text: str) -> Any:  # noqa: ANN401 - what stands in it, its reader must look at
    """Read one YAML document of plain values, no key of which stands twice.

    Raises
    ------
    yaml.YAMLError
        When it is none.
    """
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as fault:
        # Readers of dates, numbers and tags raise errors of their own where a text only looks like one.
        raise yaml.YAMLError(f"a value is not what it looks like, or too deeply nested: {fault}") from fault
