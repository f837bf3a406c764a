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
        (WeightedALSConfig, "missing_weight", 0.0),
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


def test_few_users_get_fewer_factors_unless_somebody_says_otherwise() -> None:
    config = WeightedALSConfig()
    assert [config.factors_for(users) for users in (1, 150, 610, 1200, 2400, 6040, 10**9)] == [
        8,
        16,
        32,
        48,
        64,
        64,
        64,
    ]
    assert WeightedALSConfig(factors=20).factors_for(610) == 20


def test_among_few_profiles_those_with_many_likes_count_less_unless_somebody_says_otherwise() -> None:
    config = BlendConfig()
    found = [config.activity_exponent_for(profiles) for profiles in (1, 625, 1600, 8192)]
    assert found == pytest.approx([0.02, 0.5, 0.8, 0.8])
    assert BlendConfig(activity_exponent=0.5).activity_exponent_for(610) == 0.5


def test_few_ratings_are_gone_through_more_often_unless_somebody_says_otherwise() -> None:
    config = MatrixFactorizationConfig()
    sizes = (100, 500_000, 1_000_000, 5_000_000, 10**7)
    assert [config.epochs_for(ratings) for ratings in sizes] == [60, 60, 40, 20, 10]
    assert MatrixFactorizationConfig(epochs=7).epochs_for(100) == 7
