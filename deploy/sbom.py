"""What is in an image: a bill of materials (CycloneDX 1.6) and the licence of each package.

    /opt/reelwise/bin/python deploy/sbom.py [--requirements requirements.txt] [--out sbom.json] [--licences licences.md]

Reads what is installed beside the Python that runs it, of the packages in the requirements file, and Reelwise itself.
Ends with 1 where one is not installed, or does not say its licence.
"""

import argparse
import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description="What is in an image, and under which licences.")
    parser.add_argument("--requirements", type=Path, default=Path("requirements.txt"))
    parser.add_argument("--out", type=Path, default=Path("sbom.json"))
    parser.add_argument("--licences", type=Path, default=Path("licences.md"))
    options = parser.parse_args()
    names = re.findall(r"^([A-Za-z0-9._-]+)==", options.requirements.read_text(encoding="utf-8"), re.MULTILINE)
    components, missing = [], []
    for name in sorted({*names, "reelwise"}, key=str.lower):
        try:
            components.append(component(distribution(name)))
        except PackageNotFoundError:
            missing.append(f"{name} is not installed")
    missing += [f"{one['name']} says no licence" for one in components if not one["licenses"]]
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    options.out.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    rows = "".join(f"| {one['name']} | {one['version']} | {licence_of(one)} |\n" for one in components)
    options.licences.write_text("| package | version | licence |\n|---|---|---|\n" + rows, encoding="utf-8")
    for fault in missing:
        sys.stderr.write(f"{fault}\n")
    raise SystemExit(bool(missing))


def component(package: Distribution) -> dict[str, Any]:
    """A package as CycloneDX has it."""
    name = re.sub(r"[-_.]+", "-", package.name).lower()
    return {
        "type": "application" if name == "reelwise" else "library",
        "name": package.name,
        "version": package.version,
        "purl": f"pkg:pypi/{name}@{package.version}",
        "licenses": licences_in(package),
    }


def licences_in(package: Distribution) -> list[dict[str, Any]]:
    """Its licence as an SPDX expression, or as its classifiers or its own words call it."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return [{"expression": expression}]
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License")
    ]
    said = (about.get("License") or "").strip().partition("\n")[0]
    return [{"license": {"name": name}} for name in classified or [said] if name]


def licence_of(one: dict[str, Any]) -> str:
    """The licences of a component, for people."""
    return ", ".join(each.get("expression") or each["license"]["name"] for each in one["licenses"]) or "not said"


if __name__ == "__main__":
    main()
