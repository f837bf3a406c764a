"""Figures as training writes them into `metrics.json`, made up."""

from reelwise.artifacts.metrics import Metrics

METRICS = Metrics.model_validate(
    {
        "seed": 1,
        "stars": {
            "protocol": "A tenth was held out.",
            "ratings": 1234,
            "model": {"rmse": 0.84321, "mae": 0.66},
            "biases": {"rmse": 0.91, "mae": 0.72},
            "interval": {"0.68": 0.691, "0.90": 0.904},
            "mean_std": 0.834,
        },
        "selections": {
            "protocol": "A thousand users were held out.",
            "picks": [1, 3],
            "blend": {
                "ndcg@10": [0.5, 0.6],
                "stratified_ndcg@10": [0.2, 0.3],
                "recall@10": [0.1, 0.2],
                "coverage@10": [0.3, 0.4],
                "distinct@10": [300, 400],
                "most_shown@10": [0.5, 0.4],
                "mean_ndcg@10": 0.55,
                "interval": [0.5, 0.6],
            },
            "balance": 0.3,
            "well_known": {
                "ndcg@10": [0.52, 0.61],
                "stratified_ndcg@10": [0.15, 0.25],
                "recall@10": [0.1, 0.2],
                "coverage@10": [0.2, 0.25],
                "distinct@10": [200, 250],
                "most_shown@10": [0.7, 0.6],
                "mean_ndcg@10": 0.565,
                "interval": [0.5, 0.6],
            },
            "unexplained": [0.01, 0.03],
            "popularity": {
                "ndcg@10": [0.4, 0.3],
                "stratified_ndcg@10": [0.1, 0.1],
                "recall@10": [0.1, 0.1],
                "coverage@10": [0.1, 0.1],
                "distinct@10": [10, 100],
                "most_shown@10": [1.0, 0.9],
                "mean_ndcg@10": 0.35,
                "interval": [0.3, 0.4],
            },
        },
    }
)
