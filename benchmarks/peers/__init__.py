"""Reelwise's stars model beside other libraries; `benchmarks/stars.py` runs this."""
