FROM kolla/cyborg-base:golden
LABEL maintainer="Kollage" name="cyborg-agent"
