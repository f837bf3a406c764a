"""Hyper-parameters as they are given: names and values are checked here, for all models alike."""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from inspect import Parameter, Signature, signature
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from reelwise.errors import UsageError

_EXPECTED: Mapping[Any, str] = {int: "a whole number", float: "a number", str: "a text", bool: "True or False"}


def configure(model: str, config_type: type[Any], config: Any, given: Mapping[str, Any]) -> Any:
    """A config with some values replaced.

    Args:
        model: the name of the model, for messages.
        config_type: a frozen dataclass.
        config: one of these, or None for the defaults.
        given: hyper-parameters by name.

    Raises:
        UsageError: Raised when a hyper-parameter does not exist or its value is invalid.
    """
    if config is not None and not isinstance(config, config_type):
        raise UsageError(f"the config of {model} is {config!r}; expected a {config_type.__name__}, or values by name")
    kind = config_type if config is None else type(config)
    defaults, hints = defaults_of(kind), _hints_of(kind)
    check_names(model, "hyper-parameter", given, [*defaults])
    held = {} if config is None else {name: getattr(config, name) for name in defaults}
    values = {
        name: _as_kind(f"{name} of {model}", value, hints.get(name, Any), defaults[name])
        for name, value in {**held, **given}.items()
    }
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{model}: {error}") from None


def defaults_of(config_type: type[Any]) -> dict[str, Any]:
    """The default of each hyper-parameter; `Parameter.empty` where it has none."""
    return {
        field.name: field.default_factory() if field.default_factory is not MISSING
        else Parameter.empty if field.default is MISSING else field.default
        for field in fields(config_type) if field.init
    }  # fmt: skip


def signature_of(init: Callable[..., None], config_type: type[Any]) -> Signature:
    """The signature of a class whose `init` takes hyper-parameters by name: each is an argument with its default."""
    parameters = [*signature(init).parameters.values()][1:]  # without self
    own = [one for one in parameters if one.kind is not Parameter.VAR_KEYWORD]
    annotations = {field.name: field.type for field in fields(config_type)}
    given = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotations[name])
        for name, default in defaults_of(config_type).items()
    ]
    return Signature([*own, *given])


def check_names(whose: str, what: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse unknown names.

    Args:
        whose: what has the names, for the message.
        what: what each of them is.
        given: names to check.
        known: those that there are.

    Raises:
        UsageError: Raised when a name is unknown; it says the nearest, or all.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            others = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise UsageError(f"{whose} has no {what} {name!r}; {others}")


def _hints_of(config_type: type[Any]) -> dict[str, Any]:
    """The type of each hyper-parameter; nothing where the names of types are not to be found."""
    try:
        return get_type_hints(config_type)
    except NameError:
        return {}


def _as_kind(name: str, value: Any, kind: Any, default: Any) -> Any:
    """A value as its field has it: a whole number as a float where that is wanted, NumPy's numbers as Python's own.

    Values of other kinds are left to the config to judge.
    """
    if isinstance(value, np.generic):
        value = value.item()
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    if value is None and type(None) in kinds:
        return None
    kinds = tuple(one for one in kinds if one is not type(None))
    if len(kinds) == 1 and get_origin(kinds[0]) is tuple:
        return _as_tuple(name, value, get_args(kinds[0]), default)
    if not kinds or not {*kinds} <= {*_EXPECTED}:
        return value
    if float in kinds and type(value) is int and int not in kinds:
        value = _to_float(value)
    if type(value) not in kinds:
        expected = " or ".join(_EXPECTED[one] for one in kinds) + " or None" * (type(None) in get_args(kind))
        raise UsageError(f"{name} is {value!r}; expected {expected}{_example(default)}")
    return value


def _as_tuple(name: str, value: Any, kinds: tuple[Any, ...], default: Any) -> tuple[Any, ...]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise UsageError(f"{name} is {value!r}; expected several values{_example(default)}")
    values = tuple(value)
    kinds = kinds[:1] * len(values) if kinds[1:] == (...,) else kinds
    if len(kinds) != len(values):
        raise UsageError(f"{name} is {value!r}; expected {len(kinds)} values{_example(default)}")
    return tuple(_as_kind(name, one, kind, Parameter.empty) for one, kind in zip(values, kinds, strict=True))


def _to_float(value: int) -> float:
    return float(value) if abs(value) < 2**1023 else math.copysign(math.inf, value > 0 or -1)


def _example(default: Any) -> str:
    return "" if default in (None, (), Parameter.empty) else f", such as {default!r}"
