"""What a plain YAML scalar means, as YAML 1.1 and PyYAML's safe schema have it."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

STRING = "tag:yaml.org,2002:str"
MERGE = "tag:yaml.org,2002:merge"

_MOST_DIGITS = 4300
_CONSTRUCTOR = SafeConstructor()
_BUILDERS = SafeConstructor.yaml_constructors
_RESOLVERS = Resolver.yaml_implicit_resolvers
RESOLVED = frozenset(_RESOLVERS)
"""First letters (or "") of what need not be a string: the others need no second look."""


def implicit_tag(text: str) -> str:
    """The tag that a plain scalar has by its looks."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return str(tag)
    return STRING


def build_scalar(tag: str, text: str) -> Any:
    """The value of a scalar that is not a string. Raises ValueError for a tag we do not construct."""
    build = _BUILDERS.get(tag)
    if build is None or not tag.startswith("tag:yaml.org,2002:"):
        raise ValueError(f"unsupported YAML tag {tag!r}")
    if ":" in text and len(text) > _MOST_DIGITS and not tag.endswith("timestamp"):
        raise ValueError(f"a number of more than {_MOST_DIGITS} digits")  # to the base of 60: PyYAML takes very long
    try:
        return build(_CONSTRUCTOR, yaml.ScalarNode(tag, text))
    except yaml.constructor.ConstructorError as error:
        raise ValueError(str(error.problem)) from error
    except (AttributeError, LookupError) as error:  # PyYAML expects of `!!int` and `!!timestamp` that it looks like one
        raise ValueError(f"it does not look like {tag.replace('tag:yaml.org,2002:', '!!')}") from error
