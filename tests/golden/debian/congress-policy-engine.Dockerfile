FROM kolla/congress-base:golden
LABEL maintainer="Kollage" name="congress-policy-engine"
USER congress
