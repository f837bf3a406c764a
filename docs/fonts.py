"""Makes the fonts of the page from the variable ones that their makers publish, as small as the page needs them.

    npm pack @fontsource-variable/newsreader @fontsource-variable/instrument-sans    # and unpack both into DIR
    python3 docs/fonts.py DIR/newsreader DIR/instrument-sans

Needs `pip install fonttools brotli`. Writes `src/reelwise/web/fonts/`, and prints what the stand-ins in its `fonts.css`
are adjusted by, so that nothing moves when a font arrives.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).parents[1] / "src" / "reelwise" / "web" / "fonts"
LATIN = (
    "0020-007E,00A0-00A1,00A9,00AB,00B0,00B7,00BB,00BD,00BF-00FF,0152-0153,0178,"
    "2013-2014,2018-201A,201C-201E,2022,2026,202F"
)
EXTENDED = "0100-0151,0154-0177,0179-024F,1E00-1EFF"  # only fetched where a title has such letters
CAPITALS = LATIN.replace("0020-007E", "0020-0060,007B-007E").replace("00BF-00FF,0152-0153", "00BF-00DF,0152")
FACES = {  # name: (file of the family, letters, axes, features)
    "newsreader-roman": ("newsreader-{}-opsz-normal", LATIN, {"wght": 460, "opsz": 28}, ["liga", "tnum", "kern"]),
    "newsreader-italic": ("newsreader-{}-opsz-italic", LATIN, {"wght": 430, "opsz": 28}, ["liga"]),
    "instrument-sans": (
        "instrument-sans-{}-standard-normal",
        LATIN,
        {"wdth": 100, "wght": (400, 600)},
        ["liga", "tnum", "kern"],
    ),
    "instrument-narrow": ("instrument-sans-{}-standard-normal", CAPITALS, {"wdth": 75, "wght": 700}, []),
}
COARSE = 0.01  # of the letters' height, to which kerning is rounded: nobody sees the difference
STAND_INS = {
    "newsreader-roman": "Liberation Serif",
    "newsreader-italic": "Liberation Serif:italic",
    "instrument-sans": "Liberation Sans",
}
ENGLISH = "the quick brown fox jumps over a lazy dog, name some films you love, get ten for tonight; others do the rest"


def main(newsreader: str, instrument: str) -> None:
    """Make all faces."""
    FONTS.mkdir(exist_ok=True)
    for family, folder in {"newsreader": Path(newsreader), "instrument": Path(instrument)}.items():
        shutil.copyfile(folder / "LICENSE", FONTS / f"{family}.OFL.txt")
        for name, (file, letters, axes, features) in FACES.items():
            if name.startswith(family):
                latin, extended = (folder / "files" / f"{file.format(part)}.woff2" for part in ("latin", "latin-ext"))
                make(latin, FONTS / f"{name}.woff2", letters, axes, features)
                if letters == LATIN:
                    make(extended, FONTS / f"{name}-ext.woff2", EXTENDED, axes, ["liga", "tnum"])
    for name, family in STAND_INS.items():
        adjust(name, family)


def make(
    source: Path, target: Path, letters: str, axes: dict[str, float | tuple[float, float]], features: list[str]
) -> None:
    """One file: some letters, at some places of the axes."""
    font = instantiateVariableFont(TTFont(source), axes)
    subsetter = Subsetter(Options(flavor="woff2", hinting=False, layout_features=features))
    subsetter.populate(unicodes=parse_unicodes(letters))
    subsetter.subset(font)
    if "kern" in features:
        simplify_kerning(font)
    font.flavor = "woff2"
    font.save(target)
    sys.stdout.write(f"{target.name}: {target.stat().st_size:,} bytes\n")


def simplify_kerning(font: TTFont) -> None:
    """Leave out how much differently heavy letters are kerned, and what is too little to be seen: a third of a file."""
    step = font["head"].unitsPerEm * COARSE
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in (getattr(one, "ExtSubTable", one) for one in lookup.SubTable):
            rows = table.PairSet if table.Format == 1 else table.Class1Record
            pairs = [pair for row in rows for pair in (row.PairValueRecord if table.Format == 1 else row.Class2Record)]
            table.ValueFormat1 &= 0xF
            table.ValueFormat2 &= 0xF
            for value in (value for pair in pairs for value in (pair.Value1, pair.Value2) if value):
                value.XAdvance = round(round(value.XAdvance / step) * step)
                for name in [name for name in vars(value) if name.endswith("Device")]:
                    delattr(value, name)
            for row in rows if table.Format == 1 else []:
                row.PairValueRecord = [pair for pair in row.PairValueRecord if pair.Value1.XAdvance]
                row.PairValueCount = len(row.PairValueRecord)


def adjust(name: str, family: str) -> None:
    """Print how a font that everybody has takes the room of one of ours."""
    path = subprocess.run(["fc-match", "-f", "%{file}", family], capture_output=True, text=True, check=True).stdout
    own, other = TTFont(FONTS / f"{name}.woff2"), TTFont(path)
    size = width(own) / width(other)
    units = own["head"].unitsPerEm * size
    up, down, gap = (getattr(own["hhea"], part) / units for part in ("ascent", "descent", "lineGap"))
    sys.stdout.write(
        f"{name} by {family}: size-adjust: {size:.1%}; ascent-override: {up:.1%}; descent-override: {-down:.1%}; "
        f"line-gap-override: {gap:.1%};\n"
    )


def width(font: TTFont) -> float:
    """Of some English, in units of the letters' height."""
    names, widths = font.getBestCmap(), font["hmtx"]
    return sum(widths[names[ord(letter)]][0] for letter in ENGLISH) / font["head"].unitsPerEm


if __name__ == "__main__":
    main(*sys.argv[1:])
