FROM kolla/almanach-base:golden
LABEL maintainer="Kollage" name="almanach-api"
USER almanach
