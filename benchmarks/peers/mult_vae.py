"""A variational autoencoder for selections, in JAX: what somebody likes from a few likes.

    z ~ N(mu(x), sigma(x)²)    the likes that are to be found ~ Multinomial(softmax(f(z)))

with the sum of -log likelihoods plus beta times KL(N(mu, sigma²), N(0, 1)) made small by Adam, whose step size falls in
a straight line to nearly zero. As published, x is all likes of a user, of which dropout leaves half. People who name a
few films are served better if x is a few likes already at training: 1 to 20, as many as there are test cases for, drawn
anew for each user in each epoch.

Source: Liang, Krishnan, Hoffman and Jebara, "Variational Autoencoders for Collaborative Filtering", WWW 2018.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.types import Floats
from reelwise.models.queries import Queries

Parameters = dict[str, Any]

FEWEST_LIKES = 5  # users with fewer teach nothing about what to find
BATCH = 256
EVERY = 4  # epochs, between two looks at validation users
STEP, DECAYS, TINY = 3e-3, (0.9, 0.999), 1e-8  # of Adam, the first step


@dataclass
class MultVAE:
    """One such network.

    Attributes:
        picks: the numbers of likes that x may have; None for half of all likes, as published.
        beta: how much the KL divergence counts; over a tenth of the epochs it comes in from 0.
        hidden, latent: how many units the layers have.
        epochs: at most, four of them or more; those are kept after which `measure` was highest.
        patience: epochs in a row without anything better, after which training ends.
    """

    picks: tuple[int, ...] | None
    beta: float = 0.02
    hidden: int = 256
    latent: int = 64
    epochs: int = 120
    patience: int = 20
    parameters: Parameters = field(default_factory=dict)

    def fit(self, train: Interactions, seed: int, measure: Callable[["MultVAE"], float]) -> "MultVAE":
        """Learn from users with enough likes; `measure` is the NDCG@10 of validation users, asked now and then."""
        likes, rng = likes_of(train), np.random.default_rng(seed)
        counts = likes.counts_by_user()
        of_everybody = CSR.grouped(likes.users, likes.movies, likes.stars, len(counts))
        by_user = of_everybody.take(np.flatnonzero(counts >= FEWEST_LIKES))
        parameters = _start(rng, train.shape[1], self.hidden, self.latent)
        moments = [jax.tree.map(jnp.zeros_like, parameters) for _ in range(2)]
        key, done, best, waited, kept = jax.random.key(seed), 0, -1.0, 0, self.parameters
        for epoch in range(self.epochs):
            beta, step = self.beta * min(1.0, epoch / (0.1 * self.epochs)), STEP * (1 - epoch / self.epochs)
            order = rng.permutation(len(by_user))
            for start in range(0, len(order), BATCH):
                x = by_user.take(order[start : start + BATCH]).indicators(train.shape[1])
                key, noise = jax.random.split(key)
                done += 1
                given = self._some(x, rng)
                parameters, *moments = _learn(parameters, *moments, done, given, x - given, beta, noise, step)
            if epoch % EVERY == EVERY - 1:
                self.parameters = jax.tree.map(jnp.copy, parameters)
                quality = measure(self)
                waited += EVERY
                if quality > best:
                    best, waited, kept = quality, 0, self.parameters
                if waited >= self.patience:
                    break
        self.parameters = kept
        return self

    def score(self, queries: Queries) -> Floats:
        """The probabilities of the next like; float32, shape (queries, movies)."""
        x = queries.histories.indicators(self.parameters["decoder_bias"].shape[0])
        return np.asarray(jax.nn.softmax(_decode(self.parameters, _encode(self.parameters, x)[0])))

    def _some(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Some of the likes of each row."""
        if self.picks is None:
            half: Floats = x * (rng.random(x.shape) < 0.5)
            return half
        keys = np.where(x > 0, rng.random(x.shape, np.float32), 2)
        most = np.minimum(rng.choice(self.picks, len(x)), x.sum(axis=1).astype(int) - 1)
        bounds = np.sort(np.partition(keys, max(self.picks), axis=1)[:, : max(self.picks) + 1], axis=1)
        given: Floats = (keys < bounds[np.arange(len(x)), most][:, None]).astype(np.float32)
        return given


def _start(rng: np.random.Generator, movies: int, hidden: int, latent: int) -> Parameters:
    def layer(inputs: int, outputs: int) -> Any:
        return jnp.asarray(rng.normal(0, (2 / (inputs + outputs)) ** 0.5, (inputs, outputs)), jnp.float32)

    return {
        "encoder_in": layer(movies, hidden), "encoder_in_bias": jnp.zeros(hidden),
        "encoder": layer(hidden, 2 * latent), "encoder_bias": jnp.zeros(2 * latent),
        "decoder_in": layer(latent, hidden), "decoder_in_bias": jnp.zeros(hidden),
        "decoder": layer(hidden, movies), "decoder_bias": jnp.zeros(movies),
    }  # fmt: skip


def _encode(parameters: Parameters, x: Any) -> tuple[Any, Any]:
    x = x / jnp.sqrt(jnp.maximum(x.sum(axis=1, keepdims=True), 1))
    hidden = jnp.tanh(x @ parameters["encoder_in"] + parameters["encoder_in_bias"])
    mean, logarithm = jnp.split(hidden @ parameters["encoder"] + parameters["encoder_bias"], 2, axis=1)
    return mean, logarithm


def _decode(parameters: Parameters, z: Any) -> Any:
    hidden = jnp.tanh(z @ parameters["decoder_in"] + parameters["decoder_in_bias"])
    return hidden @ parameters["decoder"] + parameters["decoder_bias"]


def _loss(parameters: Parameters, given: Any, wanted: Any, beta: float, noise: Any) -> Any:
    mean, logarithm = _encode(parameters, given)
    z = mean + jnp.exp(logarithm / 2) * jax.random.normal(noise, mean.shape)
    likelihood = (jax.nn.log_softmax(_decode(parameters, z)) * wanted).sum(axis=1)
    divergence = (jnp.exp(logarithm) + mean**2 - 1 - logarithm).sum(axis=1) / 2
    return (beta * divergence - likelihood).mean()


def _step(
    parameters: Parameters, first: Parameters, second: Parameters, done: int, given: Any, wanted: Any, beta: float,
    noise: Any, step: float,
) -> tuple[Parameters, Parameters, Parameters]:  # fmt: skip
    """A step of Adam."""
    slopes = jax.grad(_loss)(parameters, given, wanted, beta, noise)
    first = jax.tree.map(lambda old, slope: DECAYS[0] * old + (1 - DECAYS[0]) * slope, first, slopes)
    second = jax.tree.map(lambda old, slope: DECAYS[1] * old + (1 - DECAYS[1]) * slope**2, second, slopes)
    step = step * jnp.sqrt(1 - DECAYS[1] ** done) / (1 - DECAYS[0] ** done)
    moved = jax.tree.map(lambda old, m, v: old - step * m / (jnp.sqrt(v) + TINY), parameters, first, second)
    return moved, first, second


_learn: Any = jax.jit(_step, donate_argnums=(0, 1, 2))
