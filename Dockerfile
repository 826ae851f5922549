# syntax=docker/dockerfile:1
# BASE: any image with Python 3.11 or newer and apt-get.
ARG BASE=docker.io/library/python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /source
# Node comes from PyPI; make is all that is missing.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make wheel \
    && python3 -m venv /opt/dyntables \
    && /opt/dyntables/bin/pip install --no-cache-dir -c requirements.lock "$(ls dist/dyntables-*.whl)[redis]"

FROM ${BASE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="dyntables" \
      org.opencontainers.image.description="Dynamic tables for plain PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
RUN groupadd --gid 10001 dyntables && useradd --uid 10001 --gid 10001 --create-home dyntables
COPY --from=build /opt/dyntables /opt/dyntables
ENV PATH=/opt/dyntables/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DYNTABLES_HOST=0.0.0.0 DYNTABLES_PORT=8080 DYNTABLES_LOG_FORMAT=json
USER 10001:10001
WORKDIR /home/dyntables
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/api/v1/system/health', timeout=4)"]
ENTRYPOINT ["dyntables"]
CMD ["serve"]
