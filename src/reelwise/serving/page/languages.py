"""The page's language for a reader."""

import re
from operator import itemgetter

from reelwise.serving.page.files import LANGUAGES

_RANGE = re.compile(r"([a-z]++)(?:-[\w-]*+)?\s*+(?:;\s*+q\s*+=\s*+([01](?:\.\d*+)?)\s*+)?")


def negotiate(accepted: str, chosen: str = "") -> str:
    """The language to answer in: the one chosen, or else the most wanted one of those accepted, or else English.

    Args:
        accepted: the header `Accept-Language` (RFC 9110, section 12.5.4), of whose tags the first parts count.
        chosen: the language that the reader chose.
    """
    if chosen in LANGUAGES:
        return chosen
    ranges = filter(None, (_RANGE.fullmatch(one.strip()) for one in accepted.lower().split(",")))
    known = [(found[1], float(found[2] or 1)) for found in ranges if found[1] in LANGUAGES]
    best, weight = max(known, key=itemgetter(1), default=(LANGUAGES[0], 1))
    return best if weight > 0 else LANGUAGES[0]
