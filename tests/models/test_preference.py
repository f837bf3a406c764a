import numpy as np

from reelwise.data.interactions import RatingScale
from reelwise.models.preference import preference


def test_more_stars_aim_higher() -> None:
    aims = preference(np.linspace(0.5, 5, 10, dtype=np.float32), RatingScale(0.5, 5))
    assert (np.diff(aims) >= 0).all()
    assert aims[0] < 0.5 < 1 <= aims[-1]
