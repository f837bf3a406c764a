from typing import Any

import pytest

from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, UpdateConfig, WeightedALSConfig

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("config", "name", "value"),
    [
        (MatrixFactorizationConfig, "factors", 0),
        (MatrixFactorizationConfig, "epochs", 10_001),
        (MatrixFactorizationConfig, "learning_rate", -1.0),
        (MatrixFactorizationConfig, "prior_ridge", NAN),
        (MatrixFactorizationConfig, "fold_in_ridge", INFINITY),
        (WeightedALSConfig, "steps", 0),
        (WeightedALSConfig, "missing_weight", -0.1),
        (UpdateConfig, "prior_steps", 0),
        (UpdateConfig, "passes", -1),
        (BlendConfig, "picks", ()),
        (BlendConfig, "picks", (0, 1, 2, 3, 4)),
        (BlendConfig, "picks", (1, 2, 2, 3, 4)),
        (BlendConfig, "inverse_temperatures", (1.0, 2.0)),
        (BlendConfig, "fold_in_weights", (1.0, 2.0, 3.0, 4.0, NAN)),
        (BlendConfig, "floor", 0.0),
        (BlendConfig, "profiles", 0),
    ],
)
def test_invalid_values_are_refused_by_name(config: Any, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{name} (is|are) .*; expected"):
        config(**{name: value})


def test_the_defaults_lie_within_the_space_that_is_searched() -> None:
    for name, (least, most) in MatrixFactorizationConfig.space().items():
        assert least <= getattr(MatrixFactorizationConfig(), name) <= most
