FROM kolla/zaqar-base:golden
LABEL maintainer="Kollage" name="zaqar-wsgi"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_zaqar_extend_start
