"""Settings of training on Spark. Nothing large is imported here, so that `--help` is quick."""

from dataclasses import dataclass, field
from pathlib import Path

from reelwise.errors import UsageError
from reelwise.models.config import BlendConfig, WeightedALSConfig


@dataclass(frozen=True)
class SparkRatingConfig:
    """Hyper-parameters of the rating model on Spark.

    Attributes:
        factors: k, the rank of Spark's ALS.
        iterations: its maxIter.
        regularisation: its regParam: the L2 weight of a row's vector, per rating of the row.
        bias_damping: how many ratings of exactly the mean a bias is weighed against.
        ranking_ridge: L2 weight of the users' vectors over the movies' vectors in the ranking model.
    """

    factors: int = 64
    iterations: int = 12
    regularisation: float = 0.08
    bias_damping: float = 5.0
    ranking_ridge: float = 400.0


@dataclass(frozen=True)
class SparkTrainingSettings:
    """How to train on Spark.

    Attributes:
        rating: hyper-parameters of the rating model.
        ranking: hyper-parameters of the ranking model; None leaves it out.
        blend: how selections are blended; fitted to the data if there are enough users.
        holdout: fraction of the sample's ratings that is held out to measure the rating model with.
        evaluate: whether to measure at all.
        with_users: whether users are in the model; else it serves selections alone, by profiles without names.
        shards: how many model folders the users are spread over.
        seed: of every random choice.
    """

    rating: SparkRatingConfig = field(default_factory=SparkRatingConfig)
    ranking: WeightedALSConfig | None = field(default_factory=WeightedALSConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    holdout: float = 0.1
    evaluate: bool = True
    with_users: bool = True
    shards: int = 1
    seed: int = 42

    def check_targets(self, out: Path) -> list[Path]:
        """The model folders that come of `out`: itself, or `out-0`, `out-1` and so on.

        Raises:
            UsageError: Raised when the settings do not go together.
            ModelError: Raised when something that is not a model is in the way.
        """
        if not self.with_users and (self.ranking is None or self.shards > 1):
            raise UsageError(
                "--users none cannot be combined with --no-taste or --shards: all that is left is the taste of profiles"
            )
        from reelwise.artifacts.folder import check_target

        shards = [out.with_name(f"{out.name}-{shard}") for shard in range(self.shards)]
        targets = shards if self.shards > 1 else [out]
        for target in targets:
            check_target(target)
        return targets
