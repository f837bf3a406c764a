"""What Python lacks on other systems than Linux, from typeshed's own conditions, and our code run without that."""

import ast
import builtins
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

OS_NAMES = {"linux": "posix", "darwin": "posix", "win32": "nt"}
WATCHED = frozenset(
    "fcntl grp mmap multiprocessing os pwd resource select signal socket termios time tty".split()  # noqa: SIM905
)


@cache
def missing(module: str, system: str) -> frozenset[str]:
    """The names of a module of the standard library that are there on Linux, and not on the other system."""
    return frozenset(_names(module, "linux") - _names(module, system))


def is_missing(module: str, system: str) -> bool:
    """Whether there is no such module on the other system."""
    return not _names(module, system)


@cache
def _names(module: str, system: str) -> frozenset[str]:
    mypy = find_spec("mypy")
    assert mypy is not None
    assert mypy.submodule_search_locations
    folder = Path(mypy.submodule_search_locations[0]) / "typeshed" / "stdlib" / module
    file = folder / "__init__.pyi" if folder.is_dir() else folder.with_suffix(".pyi")
    return frozenset(_defined(ast.parse(file.read_text(encoding="utf-8")).body, system))


def _defined(lines: Sequence[ast.stmt], system: str) -> Iterator[str]:
    for line in lines:
        match line:
            case ast.If():
                yield from _defined(line.body if _holds(line.test, system) else line.orelse, system)
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                yield line.name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign():
                yield from (target.id for target in line.targets if isinstance(target, ast.Name))
            case ast.ImportFrom():
                yield from (alias.asname for alias in line.names if alias.asname and alias.name == alias.asname)


def _holds(test: ast.expr, system: str) -> bool:
    condition = compile(ast.Expression(test), "typeshed", "eval")
    return bool(eval(condition, {"sys": _As(sys, {"platform": system}, frozenset())}))


class _As(ModuleType):
    """A module, in which some names are other ones and some are not there."""

    def __init__(self, module: ModuleType, others: Mapping[str, Any], hidden: frozenset[str]) -> None:
        super().__init__(module.__name__)
        self._module, self._others, self._hidden = module, others, hidden

    def __getattr__(self, name: str) -> Any:
        if name in self._hidden:
            raise AttributeError(f"{self.__name__}.{name} is not there on that system")
        return self._others[name] if name in self._others else getattr(self._module, name)


def import_as_on(system: str) -> None:
    """From now on our modules, and they alone, find in the standard library what is there on the other system."""
    real = builtins.__import__
    others = {"sys": {"platform": system}, "os": {"name": OS_NAMES[system]}}

    def import_as(name: str, *given: Any, **named: Any) -> ModuleType:
        found: ModuleType = real(name, *given, **named)
        importer = (given[0] if given else named.get("globals")) or {}
        if not importer.get("__name__", "").startswith("reelwise") or name not in WATCHED | {"sys"}:
            return found
        if name != "sys" and is_missing(name, system):
            raise ModuleNotFoundError(f"there is no {name} on that system", name=name)
        return _As(found, others.get(name, {}), frozenset() if name == "sys" else missing(name, system))

    builtins.__import__ = import_as
