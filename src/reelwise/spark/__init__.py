"""Training past one machine, on Apache Spark; what comes out is the same model folder. See docs/guide/spark.md.

pyspark is imported here only, and only when `--engine spark` asks for it: serving such a model needs neither pyspark
nor Java.
"""
