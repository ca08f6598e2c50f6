#!/bin/bash
# Sourced as root. A bootstrap fills the folders that machines boot from: the boot loaders of the distribution, under the
# names that firmware and Ironic ask for.

if [[ $KOLLA_BASE_ARCH == aarch64 ]]; then
    efi=aa64
else
    efi=x64
fi
if [[ $KOLLA_BASE_DISTRO =~ debian|ubuntu ]]; then
    shim=("/usr/lib/shim/shim$efi.efi.signed")
    grub=(/usr/lib/grub/*-efi-signed/"grubnet$efi.efi.signed")
    bios=(/usr/lib/PXELINUX/pxelinux.0 /usr/lib/syslinux/modules/bios/{chain,ldlinux}.c32)
    ipxe=(/usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/*.efi)
else
    shim=(/boot/efi/EFI/*/"shim$efi.efi")
    grub=(/boot/efi/EFI/*/"grub$efi.efi")
    bios=(/tftpboot/{pxelinux.0,chain.c32,ldlinux.c32})
    ipxe=(/usr/share/ipxe/{undionly.kpxe,ipxe-snponly-x86_64.efi})
fi

fill_tftpboot() {
    local file
    cp "${shim[0]}" "$TFTPBOOT_PATH/boot$efi.efi"
    cp "${grub[0]}" "$TFTPBOOT_PATH/grub$efi.efi"
    for file in "${bios[@]}" "${ipxe[@]}"; do
        [[ $file -ef $TFTPBOOT_PATH/${file##*/} ]] || cp "$file" "$TFTPBOOT_PATH/"
    done
    if [[ -e /usr/share/ipxe/arm64-efi/snponly.efi ]]; then
        cp /usr/share/ipxe/arm64-efi/snponly.efi "$TFTPBOOT_PATH/ipxe-snponly-aarch64.efi"
    fi
    if [[ ! -e $TFTPBOOT_PATH/snponly.efi ]]; then
        ln -sf "ipxe-snponly-$KOLLA_BASE_ARCH.efi" "$TFTPBOOT_PATH/snponly.efi"
    fi
}

# The system partition that virtual media of Redfish boot from.
make_esp() {
    local image=$HTTPBOOT_PATH/esp.img
    rm -f "$image"
    truncate --size=8M "$image"
    mkfs.msdos -F 12 -n ESP_IMAGE "$image"
    mmd -i "$image" EFI EFI/BOOT
    mcopy -i "$image" "${shim[0]}" "::EFI/BOOT/boot$efi.efi"
    mcopy -i "$image" "${grub[0]}" "::EFI/BOOT/grub$efi.efi"
    mdir -i "$image" ::EFI/BOOT
}

if [[ -v KOLLA_BOOTSTRAP ]]; then
    install -d -o ironic -g ironic "$TFTPBOOT_PATH" "$HTTPBOOT_PATH"
    fill_tftpboot
    make_esp
    exit 0
fi

envsubst < /map-file-template > /map-file
