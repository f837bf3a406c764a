"""What can be chosen about a model before it is trained. Nothing is imported here, so that `--help` is quick."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StarsSettings:
    """Hyper-parameters of the stars model.

    Attributes:
        factors: k, the length of each viewer's and movie's vector before the biases are folded in.
        epochs: passes over the ratings, at most.
        learning_rate: the first step size; it falls in a straight line to nearly zero.
        regularisation: mean L2 weight of the factors.
        frequency_exponent: how fast that weight falls with a row's number of ratings.
        bias_damping: how many ratings of exactly the mean a bias is weighed against; it keeps movies that few people
            rated from the ends of the scale.
        initial_spread: standard deviation of the random start.
        patience: epochs without improvement before training stops early.
    """

    factors: int = 64
    epochs: int = 25
    learning_rate: float = 0.03
    regularisation: float = 0.065
    frequency_exponent: float = 0.5
    bias_damping: float = 5.0
    initial_spread: float = 0.02
    patience: int = 3
