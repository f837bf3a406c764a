"""The rules of the house: packages stand upon each other, parts stay small, and words that were given up stay away."""

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import reelwise

pytestmark = pytest.mark.xdist_group("architecture")  # so that the source is parsed once

PROJECT = Path(__file__).parents[1]
(HOUSE,) = map(Path, reelwise.__path__)
FILES = sorted(HOUSE.rglob("*.py"))
MOST_LINES = 350
MOST_FILES = 18  # in a folder, and of tests MOST_TESTS
MOST_TESTS = 24

# A package imports from those that stand further up here, and not from its neighbours in the same line.
ORDER = """
    _version errors
    _memory _network progress records storage
    data
    exports models
    artifacts
    remote
    live
    recommend
    settings
    evaluation
    training
    mcp
    spark serving legacy
    cli
    __main__ reelwise
"""
FLOOR = {package: floor for floor, line in enumerate(ORDER.split("\n")) for package in line.split()}

ABANDONED = re.compile(
    "granian|has_histories|mean_spread|seed_model|shown_address|stars_model|stars_spread|taste_model|taste_settings"
    "|user_ids_of"
)

# The name, and what it may stand in: a string or a comment.
IT = re.compile(r"""(?s:(?P<quotes>\"{3}|'{3}|"|')(?:\\.|.)*?(?P=quotes))|\#.*|\b(?P<it>it)\b""")


CAPITALISED = re.compile(r"[A-Z]\w*[a-z]")


@cache
def syntax(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(file): file for file in FILES}


def package_of(module: str) -> str:
    """The package or module right below the front door, which is `reelwise`."""
    return module.split(".")[1] if "." in module else module


def place(file: Path, line: int) -> str:
    return f"{file}:{line}"


@cache
def imports(file: Path) -> list[tuple[str, int, bool]]:
    """The modules of ours that a file imports, each with its line, and whether it does so for types alone."""
    return list(_imports(syntax(file), for_types=False))


def _imports(node: ast.AST, for_types: bool) -> Iterator[tuple[str, int, bool]]:
    for_types |= isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    if isinstance(node, ast.Import):
        own = (alias.name for alias in node.names if alias.name in MODULES and "." in alias.name)
        yield from ((name, node.lineno, for_types) for name in own)
    if isinstance(node, ast.ImportFrom) and node.module in MODULES:
        for alias in node.names:
            below = f"{node.module}.{alias.name}"
            yield below if below in MODULES else node.module, node.lineno, for_types
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):  # no import stands within one
            yield from _imports(child, for_types)


def test_every_package_has_its_place() -> None:
    assert {package_of(module) for module in MODULES} == FLOOR.keys()


def test_imports_go_down_only() -> None:
    wrong = [
        f"{place(file, line)}: {own} imports {imported}"
        for module, file in MODULES.items()
        for imported, line, _ in imports(file)
        if (own := package_of(module)) != (other := package_of(imported)) and FLOOR[own] <= FLOOR[other]
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    """Not even where they are used."""
    lines = {
        module: {imported: line for imported, line, for_types in imports(file) if not for_types}
        for module, file in MODULES.items()
    }
    try:
        TopologicalSorter(lines).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        steps = [place(MODULES[a], lines[a][b]) for a, b in itertools.pairwise(circle)]
        pytest.fail("a circle: " + " -> ".join([*steps, circle[0]]))


def test_no_file_is_long() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    long = [place(file, length) for file, length in lengths.items() if length > MOST_LINES]
    assert not long, "\n".join(long)


def test_no_folder_is_crowded() -> None:
    for whole, most in ((HOUSE, MOST_FILES), (PROJECT / "tests", MOST_TESTS)):
        files = (file for file in whole.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        counts = Counter(file.parent for file in files)
        crowded = [f"{folder}: {count} files" for folder, count in counts.items() if count > most]
        assert not crowded, "\n".join(crowded)


def test_every_class_and_alias_has_a_name_of_its_own() -> None:
    """What serving and assistants say is called as what it is made from, so each of the two has names of its own."""
    defined: dict[tuple[str, str], list[str]] = {}
    for file in FILES:
        edge = package if (package := package_of(module_of(file))) in {"serving", "mcp"} else ""
        for node in syntax(file).body:
            targets = node.targets if isinstance(node, ast.Assign) else [node]
            for target in targets:
                name = target.id if isinstance(target, ast.Name) else getattr(target, "name", "")
                if CAPITALISED.match(name):
                    defined.setdefault((edge, name), []).append(place(file, node.lineno))
    shared = ["\n".join([name, *places]) for (_, name), places in defined.items() if len(places) > 1]
    assert not shared, "\n".join(shared)


RAISES = re.compile(r"\n( *)Raises:\n((?:\1 .*\n?)+)")
ERROR = re.compile(r"[A-Z]\w+(?:, [A-Z]\w+)*: (?:Raised (?:when|as|if|by) \S|As `[\w.]+` does\.$)").match


def docstrings(file: Path) -> Iterator[tuple[int, str]]:
    """Those of a module, its classes and its functions, each with its line."""
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""


def test_errors_are_documented_in_one_form() -> None:
    """Name: Raised when …"""
    wrong = [
        f"{place(file, line)}: {entry}"
        for file in FILES
        for line, text in docstrings(file)
        for indent, entries in RAISES.findall(text)
        for entry in re.findall(rf"(?m)^{indent}    (\S.*)", entries)
        if not ERROR(entry)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_two_modules_say_the_same_of_themselves() -> None:
    said: dict[str, list[str]] = {}
    for file in FILES:
        said.setdefault(ast.get_docstring(syntax(file)) or str(file), []).append(str(file))
    shared = [f"{text}: {', '.join(files)}" for text, files in said.items() if len(files) > 1]
    assert not shared, "\n".join(shared)


def test_nothing_is_called_it() -> None:
    others = [file for folder in ("tests", "benchmarks") for file in (PROJECT / folder).rglob("*.py")]
    lines = [
        place(file, text.count("\n", 0, found.start()) + 1)
        for file in [*FILES, *others]
        for text in [file.read_text(encoding="utf-8")]
        for found in IT.finditer(text)
        if found["it"]
    ]
    assert not lines, "\n".join(lines)


def test_abandoned_words_are_gone() -> None:
    lines = [
        f"{place(file, number)}: {word[0]}"
        for file in FILES
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (word := ABANDONED.search(line))
    ]
    assert not lines, "\n".join(lines)
