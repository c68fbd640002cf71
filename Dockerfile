# Builds the image of any part: docker build --build-arg SERVICE=cases .
# An image contains the chassis, the vocabulary and its own part; the gateway's also contains the services' API shapes.
# SERVICE=operator is for the operator's commands: the launcher, without what starts or tests an installation.
# It runs without root on a read-only root file system.
ARG BASE=docker.io/library/python:3.11.13-slim-bookworm
FROM ${BASE} AS lock
ARG SERVICE
COPY requirements /requirements
# A service without libraries of its own has no lock. This is a separate stage so that another service's lock does not
# invalidate the cached stages below.
RUN cd /requirements && if [ -f "${SERVICE}.txt" ]; then cp "${SERVICE}.txt" /lock.txt; else cp service.txt /lock.txt; fi

FROM ${BASE} AS build
ARG SERVICE
COPY --from=lock /lock.txt /requirements.txt
# pip is removed again: a running part does not need it.
RUN python3 -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes --requirement /requirements.txt \
    && /venv/bin/python -m pip uninstall --yes --quiet setuptools pip
COPY . /source
RUN mkdir /linli \
    && cp -r /source/chassis /source/vocabulary /source/deploy/start /linli/ \
    && mkdir /linli/services && cp /source/services/__init__.py /linli/services/ \
    && if [ "${SERVICE}" = gateway ] || [ "${SERVICE}" = operator ]; then \
        cp -r /source/gateway /linli/ && cd /source && cp -r --parents services/*/__init__.py services/*/api /linli/; \
    else cp -r "/source/services/${SERVICE}" /linli/services/; fi \
    && if [ "${SERVICE}" = operator ]; then \
        cp -r /source/launcher /source/data /source/services.toml /linli/ && ln -s /linli/start /venv/bin/linli; fi \
    && /venv/bin/python -m compileall -q /linli

FROM ${BASE}
ARG BASE
ARG SERVICE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="linli-${SERVICE}" \
    org.opencontainers.image.description="Linli (邻里), neighbourhood-level city governance: ${SERVICE}" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.base.name="${BASE}"
COPY --from=build /venv /venv
COPY --from=build /linli /linli
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LINLI_PART=${SERVICE} \
    LINLI_OPS_PORT=9000
WORKDIR /linli
# A number, so that an orchestrator can tell that it is not root.
USER 10001:10001
EXPOSE 8000 9000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"LINLI_OPS_PORT\"]}/readyz', timeout=2)"]
ENTRYPOINT ["/bin/sh", "/linli/start"]
