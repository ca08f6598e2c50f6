FROM kolla/swift-base:golden
LABEL maintainer="Kollage" name="swift-account"
USER swift
