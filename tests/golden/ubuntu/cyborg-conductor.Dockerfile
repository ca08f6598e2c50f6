FROM kolla/cyborg-base:golden
LABEL maintainer="Kollage" name="cyborg-conductor"
