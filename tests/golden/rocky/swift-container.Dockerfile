FROM kolla/swift-base:golden
LABEL maintainer="Kollage" name="swift-container"
USER swift
