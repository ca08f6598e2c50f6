FROM kolla/ironic-base:golden
LABEL maintainer="Kollage" name="ironic-pxe"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install dosfstools mtools /usr/bin/envsubst grub2-efi-*64 grub2-efi-aa64-modules grub2-tools ipxe-bootimgs ipxe-bootimgs-aarch64 shim-*64 syslinux-tftpboot tftp-server \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
ENV TFTPBOOT_PATH=/tftpboot
ENV HTTPBOOT_PATH=/httpboot
COPY --chmod=0644 map-file-template /map-file-template
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ironic_extend_start
