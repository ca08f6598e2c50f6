FROM rocky:10
LABEL maintainer="Kollage" name="base"
COPY --chmod=0644 curlrc /root/.curlrc
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' install ca-certificates dumb-init lsof patch socat sudo /usr/bin/curl crypto-policies-scripts findutils glibc-langpack-en hostname iproute kmod ncurses openssl procps-ng python3 python3-pyyaml tar util-linux util-linux-user which \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0755 kolla_start /usr/local/bin/kolla_start
COPY --chmod=0755 kolla_set_configs /usr/local/bin/kolla_set_configs
COPY --chmod=0755 kolla_copy_cacerts /usr/local/bin/kolla_copy_cacerts
COPY --chmod=0755 kolla_install_projects /usr/local/bin/kolla_install_projects
COPY --chmod=0755 kolla_patch /usr/local/bin/kolla_patch
COPY --chmod=0440 sudoers /etc/sudoers
RUN . /etc/os-release; case "$PRETTY_NAME" in \
    "Rocky Linux"*) ;; \
    *) echo "the base is $PRETTY_NAME, but --base rocky needs Rocky Linux"; exit 1 ;; \
    esac
ENV LANG=en_US.UTF-8
ENV KOLLA_BASE_DISTRO=rocky \
    KOLLA_BASE_ARCH=x86_64 \
    PS1="$(tput bold)($(printenv KOLLA_SERVICE_NAME))$(tput sgr0)[$(id -un)@$(hostname -s) $(pwd)]$ "
RUN rm -f /etc/rpm/macros.image-language-conf /etc/localtime
RUN for account in almanach:42475:almanach:42475 ansible:42401:ansible:42401 aodh:42402:aodh:42402 barbican:42403:barbican:42403 bifrost:42404:bifrost:42404 blazar:42471:blazar:42471 ceilometer:42405:ceilometer:42405 cinder:42407:cinder:42407 cloudkitty:42408:cloudkitty:42408 collectd:42409:collectd:42409 congress:42410:congress:42410 cyborg:42483:cyborg:42483 designate:42411:designate:42411 dragonflow:42464:dragonflow:42464 ec2api:42466:ec2api:42466 elasticsearch:42412:elasticsearch:42412 etcd:42413:etcd:42413 fluentd:42474:fluentd:42474 freezer:42414:freezer:42414 glance:42415:glance:42415 gnocchi:42416:gnocchi:42416 grafana:42417:grafana:42417 hacluster:42486:haclient:42486 haproxy:42454:haproxy:42454 heat:42418:heat:42418 horizon:42420:horizon:42420 hsmusers:42493:hsmusers:42493 hugetlbfs:42477:hugetlbfs:42477 influxdb:42421:influxdb:42421 ironic:42422:ironic:42422 ironic-inspector:42461:ironic-inspector:42461 kafka:42423:kafka:42423 kerbside:42495:kerbside:42495 keystone:42425:keystone:42425 kibana:42426:kibana:42426 kolla:42400:kolla:42400 kuryr:42469:kuryr:42469 letsencrypt:42488:letsencrypt:42488 libvirt:42473:libvirt:42473 logstash:42478:logstash:42478 magnum:42428:magnum:42428 manila:42429:manila:42429 masakari:42485:masakari:42485 memcached:42457:memcached:42457 mistral:42430:mistral:42430 monasca:42431:monasca:42431 mongodb:42432:mongodb:42432 murano:42433:murano:42433 mysql:42434:mysql:42434 neutron:42435:neutron:42435 nfast:42481:nfast:42481 nova:42436:nova:42436 octavia:42437:octavia:42437 odl:42462:odl:42462 opensearch:42490:opensearch:42490 opensearch-dashboards:42492:opensearch-dashboards:42492 openvswitch:42476:openvswitch:42476 placement:42482:placement:42482 prometheus:42472:prometheus:42472 proxysql:42487:proxysql:42487 qdrouterd:42465:qdrouterd:42465 qemu:42427:qemu:42427 rabbitmq:42439:rabbitmq:42439 rally:42440:rally:42440 redis:42460:redis:42460 sahara:42441:sahara:42441 senlin:42443:senlin:42443 sensu:42467:sensu:42467 skydive:42468:skydive:42468 skyline:42491:skyline:42491 solum:42444:solum:42444 storm:42479:storm:42479 swift:42445:swift:42445 tacker:42446:tacker:42446 td-agent:42447:td-agent:42447 telegraf:42448:telegraf:42448 tempest:42480:tempest:42480 trove:42449:trove:42449 valkey:42494:valkey:42494 venus:42489:venus:42489 vitrage:42459:vitrage:42459 vmtp:42450:vmtp:42450 watcher:42451:watcher:42451 zookeeper:42453:zookeeper:42453 zun:42463:zun:42463; do \
    echo "$account" | { IFS=: read -r name uid group gid; groupadd --gid "$gid" "$group" \
    && useradd --no-log-init --no-create-home --shell /usr/sbin/nologin --uid "$uid" --gid "$gid" "$name"; } || exit 1; done
COPY kolla_bashrc /run/kolla_bashrc
RUN for rc in /etc/skel/.bashrc /root/.bashrc /etc/bashrc; do \
    cat /run/kolla_bashrc >> "$rc"; done \
    && rm /run/kolla_bashrc \
    && install -m 0644 /dev/null /usr/local/bin/kolla_extend_start \
    && install -d -m 0750 /etc/sudoers.d \
    && install -d -m 2775 -g kolla /var/log/kolla
COPY --chmod=0755 healthcheck_curl healthcheck_filemod healthcheck_listen healthcheck_port healthcheck_socket /usr/local/bin/
ENTRYPOINT ["dumb-init", "--single-child", "--"]
CMD ["kolla_start"]
