"""The house keeps its order: imports go one way, no module waits for itself, files and folders stay small."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
FILES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in SOURCE.rglob("*.py")
}

ORDER = (  # a module may import from its own room and from those above it in this list
    {"errors", "_version"},
    {"data"},
    {"models"},
    {"artifacts"},
    {"remote"},
    {"recommend"},
    {"evaluation"},
    {"training"},
    {"settings"},
    {"spark", "serving", "legacy"},
    {"cli"},
    {"", "__main__"},  # the package itself, and `python3 -m reelwise`
)
LEVELS = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
SETTINGS_MAY_IMPORT = {"reelwise.errors", "reelwise.remote.addresses"}

# What is wrong today, importer and imported. An entry that is no longer true must go; new ones are not welcome.
KNOWN_IMPORTS = {
    ("reelwise.artifacts.card", "reelwise.evaluation.intervals"),
    ("reelwise.remote.addresses", "reelwise.legacy.hub"),
    ("reelwise.serving.run.server", "reelwise.cli.terminal"),
    ("reelwise.serving.run.workers", "reelwise.cli.terminal"),
}
KNOWN_LARGE_FOLDERS = {"reelwise/cli", "reelwise/evaluation", "reelwise/recommend", "reelwise/spark"}


def imported(node: ast.AST) -> Iterator[str]:
    """Our own modules that an import statement names."""
    if isinstance(node, ast.Import):  # `import reelwise` alone is the package as an object, whatever is in it
        yield from (alias.name for alias in node.names if alias.name in FILES and alias.name != "reelwise")
    elif isinstance(node, ast.ImportFrom) and node.module in FILES:
        for alias in node.names:
            submodule = f"{node.module}.{alias.name}"
            yield submodule if submodule in FILES else node.module


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The statements below a node that importing the module runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from run_at_import(child)


TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in FILES.items()}
IMPORTS = {module: {name for node in ast.walk(tree) for name in imported(node)} for module, tree in TREES.items()}


def room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def goes_down(importer: str, target: str) -> bool:
    if room(importer) == "settings":
        return target in SETTINGS_MAY_IMPORT
    return room(importer) == room(target) or LEVELS[room(target)] < LEVELS[room(importer)]


def test_every_room_has_its_place() -> None:
    assert {room(module) for module in FILES} == set(LEVELS)


def test_imports_go_down_the_order_of_the_rooms() -> None:
    found = {(module, name) for module, names in IMPORTS.items() for name in names if not goes_down(module, name)}
    assert found == KNOWN_IMPORTS


def test_no_module_is_needed_to_import_itself() -> None:
    needed = {
        module: {name for node in run_at_import(tree) for name in imported(node)} for module, tree in TREES.items()
    }
    circle: list[str] = []
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


def test_files_and_folders_are_small() -> None:
    long = {module for module, path in FILES.items() if len(path.read_text(encoding="utf-8").splitlines()) > 350}
    assert long == set()
    folders = [path.parent for path in FILES.values()]
    assert {str(folder.relative_to(SOURCE)) for folder in folders if folders.count(folder) > 14} == KNOWN_LARGE_FOLDERS
