FROM kolla/trove-base:golden
LABEL maintainer="Kollage" name="trove-guestagent"
USER trove
