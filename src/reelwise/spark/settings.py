"""What can be chosen about training on Spark. Nothing is imported here, so that `--help` is quick."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SparkStarsSettings:
    """Hyper-parameters of the stars model on Spark.

    Attributes:
        factors: k, the rank of Spark's ALS.
        iterations: its maxIter.
        regularisation: its regParam: the L2 weight of a row's vector, per rating of the row.
        bias_damping: how many ratings of exactly the mean a bias is weighed against.
        tastes_ridge: L2 weight of the users' vectors over the movies' taste vectors.
    """

    factors: int = 64
    iterations: int = 12
    regularisation: float = 0.08
    bias_damping: float = 5.0
    tastes_ridge: float = 400.0
