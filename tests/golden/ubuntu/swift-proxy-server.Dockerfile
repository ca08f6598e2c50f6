FROM kolla/swift-base:golden
LABEL maintainer="Kollage" name="swift-proxy-server"
USER swift
