"""Starting our own code in another process."""

import os
from pathlib import Path

import reelwise


def environment(**settings: str) -> dict[str, str]:
    """Ours without settings from outside; the package may be installed or merely on the path."""
    source = str(Path(reelwise.__file__).parents[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REELWISE_")}
    return kept | {"PYTHONPATH": source} | settings
