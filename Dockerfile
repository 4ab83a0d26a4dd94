# The bot without sandbox and tests. Runs as a numeric user and writes nothing to its file system.
ARG PYTHON=3.11-slim

FROM python:${PYTHON} AS packages
# requirements-telemetry.txt has the packages for SENTRY_DSN and OTEL_EXPORTER_OTLP_ENDPOINT beside the others.
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} /requirements.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.txt

FROM python:${PYTHON}
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
# .dockerignore lets only the application's rooms in.
COPY . .
RUN python -m compileall -q .
USER 10001:10001
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + (os.environ.get('OPS_PORT') or '9090') + '/readyz', timeout=2)"]
ENTRYPOINT ["python", "main.py"]
CMD ["run"]
