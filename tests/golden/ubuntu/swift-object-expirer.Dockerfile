FROM kolla/swift-base:golden
LABEL maintainer="Kollage" name="swift-object-expirer"
USER swift
