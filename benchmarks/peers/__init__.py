"""Reelwise's rating model beside other libraries; `benchmarks/stars.py` runs this."""
