"""Tests that take so long that they run on request alone."""

import os

import pytest

long_test = pytest.mark.skipif(
    "REELWISE_TEST_LONG" not in os.environ, reason="takes long; set REELWISE_TEST_LONG to run it"
)
