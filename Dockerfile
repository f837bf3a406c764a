# Two images: `docker build .` makes the one that serves; `docker build --target train .` makes one that trains, too.
# Serving needs neither numba nor polars, and without them its packages take 172 MB instead of 557 MB.
# Takes Docker 25 or later, for --start-interval; an older builder, such as Buildah of Debian 12, does without that word.

ARG PYTHON=python:3.13.14-slim-trixie

FROM ${PYTHON} AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM ${PYTHON} AS serving-packages
COPY requirements.txt .
RUN python -m venv --without-pip /opt/reelwise
RUN grep -vE "^(llvmlite|numba|polars|polars-runtime-32)==" requirements.txt > serving.txt
RUN pip --python /opt/reelwise/bin/python install --no-cache-dir --no-deps --only-binary :all: -r serving.txt
COPY --from=wheel /wheel /wheel
RUN pip --python /opt/reelwise/bin/python install --no-cache-dir --no-deps /wheel/*.whl

FROM serving-packages AS training-packages
RUN pip --python /opt/reelwise/bin/python install --no-cache-dir --no-deps --only-binary :all: -r requirements.txt

FROM ${PYTHON} AS base
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin reelwise \
    && install --directory --owner=reelwise --group=reelwise /models /data
# Nothing is written but under /models, /data and /tmp. The model is a folder within /models, not /models itself: only
# so can another one be renamed into its place.
ENV PATH=/opt/reelwise/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp/cache \
    REELWISE_MODEL=/models/current
USER 10001:10001
ENTRYPOINT ["reelwise"]

FROM base AS train
COPY --from=training-packages /opt/reelwise /opt/reelwise
CMD ["train", "--data", "/data", "--out", "/models/current"]

FROM base AS serve
COPY --from=serving-packages /opt/reelwise /opt/reelwise
# Outside this container is another machine: it ends with a line that says so unless it is given REELWISE_API_KEYS, or
# REELWISE_INSECURE=true.
ENV REELWISE_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s CMD \
    ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["serve"]
