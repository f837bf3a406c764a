"""Hyper-parameters as they are given: names and values are checked here, for all models alike."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from inspect import Parameter, Signature, signature
from typing import Any

import numpy as np

from reelwise.errors import UsageError


def configure(model: str, config_type: type[Any], config: Any, given: Mapping[str, Any]) -> Any:
    """A config with some values replaced.

    Args:
        model: the name of the model, for messages.
        config_type: a frozen dataclass whose fields have defaults.
        config: one of these, or None for the defaults.
        given: hyper-parameters by name.

    Raises:
        UsageError: Raised when there is no such hyper-parameter, or a value is invalid.
    """
    if config is not None and not isinstance(config, config_type):
        raise UsageError(f"the config of {model} is {config!r}; expected a {config_type.__name__}, or values by name")
    defaults = {field.name: field.default for field in fields(config_type)}
    check_names(model, "hyper-parameter", given, [*defaults])
    values = {name: _like(f"{name} of {model}", value, defaults[name]) for name, value in given.items()}
    try:
        return replace(config or config_type(), **values)
    except ValueError as error:
        raise UsageError(f"{model}: {error}") from None


def signature_of(init: Callable[..., None], config_type: type[Any]) -> Signature:
    """The signature of a class whose `init` takes hyper-parameters by name: each is an argument with its default."""
    parameters = [*signature(init).parameters.values()][1:]  # without self
    own = [one for one in parameters if one.kind is not Parameter.VAR_KEYWORD]
    given = [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type)
        for field in fields(config_type)
    ]
    return Signature([*own, *given])


def check_names(whose: str, what: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse names that there are not.

    Args:
        whose: what has the names, for the message.
        what: what each of them is.
        given: names to check.
        known: those that there are.

    Raises:
        UsageError: Raised when there is no such name; it tells the nearest, or all.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            others = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise UsageError(f"{whose} has no {what} {name!r}; {others}")


def _like(name: str, value: Any, default: Any) -> Any:
    """A value as its default is: a whole number, a number, or some of them; numbers of NumPy's as Python's own.

    A default of None stands for a whole number that the model chooses.
    """
    if default is None:
        return None if value is None else _like(name, value, 64)
    if isinstance(default, tuple):
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise UsageError(f"{name} is {value!r}; expected numbers, such as {default}")
        return tuple(_like(name, one, default[0]) for one in value)
    if isinstance(value, np.generic):
        value = value.item()
    kinds = int if isinstance(default, int) else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise UsageError(f"{name} is {value!r}; expected {kind}, such as {default}")
    return value
