FROM kolla/aodh-base:golden
LABEL maintainer="Kollage" name="aodh-evaluator"
USER aodh
