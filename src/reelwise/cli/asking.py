"""Commands that ask a model: recommend, match."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.options import JsonOption, ModelOption, MoviesOption, NumberOption, TitlesOption, settings_with
from reelwise.errors import UsageError
from reelwise.settings import RankBy, Strategy

if TYPE_CHECKING:
    from reelwise.recommender import Recommender

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise recommend --titles 'toy story; finding nemo'[/bold]")
def recommend(
    user: Annotated[int | None, typer.Option("--user", help="A user id of the data set.")] = None,
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    number: NumberOption = 10,
    rank_by: Annotated[RankBy | None, typer.Option("--rank-by", help="taste, or predicted stars.")] = None,
    strategy: Annotated[
        Strategy | None, typer.Option("--strategy", help="blend, or the best matching profile.")
    ] = None,
    genres: Annotated[str | None, typer.Option("--genres", help="Only films with one of these.", metavar="A,B")] = None,
    without: Annotated[str | None, typer.Option("--without", help="No film with one of these.", metavar="A,B")] = None,
    year_min: Annotated[int | None, typer.Option("--year-min", help="Not older.")] = None,
    year_max: Annotated[int | None, typer.Option("--year-max", help="Not newer.")] = None,
    min_ratings: Annotated[int, typer.Option("--min-ratings", min=0, help="Only films that so many rated.")] = 0,
    novelty: Annotated[float, typer.Option("--novelty", min=0, max=1, help="0 well known, 1 hidden gems.")] = 0,
    diversity: Annotated[float, typer.Option("--diversity", min=0, max=1, help="0 best fitting, 1 most varied.")] = 0,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recommend films to a known user, or to somebody who likes some films."""
    from reelwise.cli.terminal import say, table
    from reelwise.recommender import Wishes

    if (user is None) == (movies is None and titles is None):
        raise UsageError("say either --user, or films with --movies or --titles")
    recommender = _recommender(model)
    wishes = Wishes(
        n=number,
        genres=_words(genres),
        without_genres=_words(without),
        year_min=year_min,
        year_max=year_max,
        min_ratings=min_ratings,
        novelty=novelty,
        diversity=diversity,
    )
    picks = [] if user is not None else _selection(recommender, movies, titles)
    found = recommender.recommend(user, movies=picks, rank_by=rank_by, strategy=strategy, wishes=wishes)
    if not found:
        say("There is nothing to recommend: no film passes, or nobody rated any of these films.")
    if as_json:
        typer.echo(json.dumps([asdict(it) for it in found], ensure_ascii=False, indent=2))
    elif found:
        table(
            ("stars", "film", "genres", "because of", "id"),
            [
                (
                    f"{it.predicted_stars:.2f}",
                    it.title,
                    ", ".join(it.genres),
                    ", ".join(f"{reason.title} {reason.share:.0%}" for reason in it.reasons),
                    it.movie_id,
                )
                for it in found
            ],
        )


@commands.command(epilog="Example: [bold]reelwise match --movies 1,296,593[/bold]")
def match(
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the user of the data set who best matches some films."""
    recommender = _recommender(model)
    found = recommender.match(_selection(recommender, movies, titles))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
    elif found.user_id is None or found.average_rating is None:
        typer.echo("Nobody rated any of these films.")
    else:
        mean = f"{found.average_rating:.2f} stars on average"
        typer.echo(f"User {found.user_id} rated {found.match_count} of these films, {mean}.")


def _recommender(model: str | None) -> "Recommender":
    from reelwise.recommender import Recommender

    return Recommender.load(settings_with(model=model).model)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def _selection(recommender: "Recommender", movies: str | None, titles: str | None) -> list[int]:
    """The ids named by --movies and --titles, 1 to 20 of them; says which film each title was taken for."""
    from reelwise.cli.terminal import say

    try:
        chosen = [int(part) for part in (movies or "").split(",") if part.strip()]
    except ValueError:
        raise UsageError(f"--movies is {movies!r}; expected ids with commas between them, such as 1,296") from None
    for title in filter(None, (part.strip() for part in (titles or "").split(";"))):
        best = next(iter(recommender.search(title, 1)), None)
        if best is None:
            raise UsageError(f"no film is called anything like {title!r}")
        say(f"{title}: {best.title}")
        chosen.append(best.movie_id)
    if not 1 <= len(chosen) <= 20:
        raise UsageError(f"{len(chosen)} films are chosen; name 1 to 20 with --movies or --titles")
    return chosen
