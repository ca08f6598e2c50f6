FROM kolla/swift-base:golden
LABEL maintainer="Kollage" name="swift-rsyncd"
USER swift
