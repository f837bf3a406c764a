"""The subject of a row, a film or something other than a film, by the words of its site in many languages."""

import re

from reelwise.exports.history import Form

_EPISODE = re.compile(
    r"episod|épisode|folge|jakso|bölüm|odcinek|epizod|epizód|avsnitt|aflevering|afsnit|επεισόδιο|эпизод|серия|эпізод"
    r"|エピソード|에피소드|集",
    re.IGNORECASE,
)
_FILM = re.compile(r"film|movie|pel[ií]cula|фильм|фільм|映画|영화|电影|電影", re.IGNORECASE)  # for television, too
_SERIES = re.compile(
    r"seri|série|séri|\bshow\b|\btv\b$|season|sarja|dizi|sorozat|serial|σειρά|сериал|серіал|ドラマ|シリーズ|시리즈|剧|劇",
    re.IGNORECASE,
)
_OTHER = re.compile(r"game|spiel|jeu|videoju|podcast|music ?video|book|person", re.IGNORECASE)


def form_of(word: str) -> Form:
    """The meaning of a site's word for the type of a title; unknown words mean a film."""
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).replace("_", " ").strip()  # tvMiniSeries
    if _EPISODE.search(word):
        return "episode"
    if _FILM.search(word):
        return "film"
    if _OTHER.search(word):
        return "other"
    return "series" if _SERIES.search(word) else "film"
