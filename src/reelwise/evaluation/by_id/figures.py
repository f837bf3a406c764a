"""Figures of models beside each other: rows, a table, a frame."""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from reelwise.records import Records, html_table, text_table

_WIDTH = 80  # columns of a terminal


class Figure(NamedTuple):
    """One figure.

    Attributes:
        model: whose it is.
        metric: what it is of, such as "NDCG@10".
        value: the figure; None where the model has none, such as stars of a model that only ranks.
        low: the lower end of its 95 % confidence interval; None where there is none.
        high: the upper end.
    """

    model: str
    metric: str
    value: float | None
    low: float | None
    high: float | None


class Evaluation(Records[Figure]):
    """What `evaluate` found: a row for each model and metric. Shows as a table of models by metrics.

    Args:
        figures: model by model, each with the same metrics.
        title: what was measured.
        remarks: what else there is to say.
    """

    row_type = Figure

    def __init__(self, figures: Sequence[Figure], title: str, remarks: Sequence[str] = ()) -> None:
        nan = float("nan")
        columns = list(zip(*figures, strict=True))
        super().__init__(
            **{
                name: list(column) if name in ("model", "metric") else [nan if one is None else one for one in column]
                for name, column in zip(Figure._fields, columns, strict=True)
            }
        )
        self.title, self.remarks = title, tuple(remarks)

    def value(self, metric: str, model: str | None = None) -> float | None:
        """One figure.

        Args:
            metric: what it is of, such as "NDCG@10".
            model: whose, by default that of the first model.

        Raises:
            KeyError: Raised when it was not measured.
        """
        return self.figure(metric, model).value

    def figure(self, metric: str, model: str | None = None) -> Figure:
        """One figure with its interval; see `value`."""
        model = self[0].model if model is None else model
        for figure in self:
            if (figure.model, figure.metric) == (model, metric):
                return figure
        raise KeyError(f"{metric} of {model} was not measured; there are {', '.join(self._metrics())}")

    def __repr__(self) -> str:
        table = text_table(*self._by_model())
        if max(map(len, table.splitlines())) > _WIDTH:
            table = text_table(*self._one_by_one())
        lines = [line for text in self.remarks for line in textwrap.wrap(text, _WIDTH)]
        return "\n".join([*textwrap.wrap(self.title, _WIDTH), "", table, *([""] if lines else []), *lines])

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return html_table(*self._by_model(), notes=[self.title, *self.remarks])

    def _by_model(self) -> tuple[list[str], list[list[str]]]:
        """Headings and cells: models by metrics."""
        models, metrics = list(dict.fromkeys(self.columns["model"])), self._metrics()
        rows = [[model, *(self._cell(self.figure(metric, model)) for metric in metrics)] for model in models]
        return ["", *metrics], rows

    def _one_by_one(self) -> tuple[list[str], list[list[str]]]:
        """The same, a row for each figure."""
        rows = [[figure.model, figure.metric, _format(figure.value), _format_interval(figure)] for figure in self]
        return ["", "", "", "95 % interval"], rows

    def _metrics(self) -> list[str]:
        return list(dict.fromkeys(self.columns["metric"]))

    @staticmethod
    def _cell(figure: Figure) -> str:
        return f"{_format(figure.value)} {_format_interval(figure)}".rstrip()


def _format(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _format_interval(figure: Figure) -> str:
    return "" if figure.low is None else f"({figure.low:.3f} – {figure.high:.3f})"
