"""Tests of what not every system has."""

import os
import sys

import pytest

posix_only = pytest.mark.skipif(os.name != "posix", reason="pipes, signals and devices as POSIX has them")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="sets limits as Linux knows them")
