FROM kolla/zaqar-base:golden
LABEL maintainer="Kollage" name="zaqar-server"
USER zaqar
