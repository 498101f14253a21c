# Runs `fakekit serve` as PID 1, as an unprivileged user. The file system may be read-only.
FROM python:3.13-slim AS build
# docker build --build-arg EXTRAS=[postgresql] adds the client library of --state postgresql://...
ARG EXTRAS=
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY fakekit ./fakekit
COPY fixtures/documented ./fixtures/documented
RUN python -m venv /opt/fakekit \
    && /opt/fakekit/bin/pip install --no-cache-dir --no-compile ".${EXTRAS}" \
    # With hashes instead of times: buildah rounds the times of files in a layer, so Python would compile them at each start.
    && /opt/fakekit/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/fakekit/lib

FROM python:3.13-slim
COPY --from=build /opt/fakekit /opt/fakekit
ENV PATH=/opt/fakekit/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FAKEKIT_HOST=0.0.0.0 \
    HOME=/
USER 65532:65532
EXPOSE 4310
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["fakekit", "wait", "--timeout", "0"]
CMD ["fakekit", "serve"]
