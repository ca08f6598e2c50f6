FROM kolla/almanach-base:golden
LABEL maintainer="Kollage" name="almanach-collector"
USER almanach
