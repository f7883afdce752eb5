#!/bin/bash
# Installs the package on a machine of Debian that boots in QEMU, and runs the service under the systemd of that machine: systemd-test.sh FILE.deb.
# Needs root, to make the machine.
set -euo pipefail
deb=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
machine=$work/root

echo "Making a machine ..."
needed=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/ | [^,]*//g; s/ //g')
mmdebstrap --quiet --variant=minbase \
    --include="linux-image-cloud-amd64,initramfs-tools,systemd-sysv,dbus,curl,apache2-utils,logrotate,procps,iproute2,openssl,adduser,$needed" \
    bookworm "$machine"
cp "$deb" "$machine/latchkey.deb"
cp "$here/systemd-test-inside.sh" "$machine/test.sh"
printf '%s\n' '[Unit]' 'After=multi-user.target' '[Service]' 'Type=oneshot' 'StandardOutput=file:/dev/ttyS0' \
    'StandardError=file:/dev/ttyS0' \
    'ExecStart=/bin/sh -c "bash /test.sh && echo THE UNIT IS GOOD; systemctl poweroff --no-block"' \
    >"$machine/etc/systemd/system/test.service"
ln -s /dev/null "$machine/etc/systemd/system/serial-getty@ttyS0.service"
mkdir -p "$machine/etc/systemd/system/graphical.target.wants"
ln -s ../test.service "$machine/etc/systemd/system/graphical.target.wants/test.service"
ln -sf /lib/systemd/system/graphical.target "$machine/etc/systemd/system/default.target"
echo "/dev/vda / ext4 defaults 0 1" >"$machine/etc/fstab"
echo machine >"$machine/etc/hostname"
mv "$machine"/boot/vmlinuz-* "$work/kernel"
mv "$machine"/boot/initrd.img-* "$work/initrd"
truncate -s 2G "$work/disk"
mke2fs -q -t ext4 -d "$machine" "$work/disk"

# Emulated: /dev/kvm is there on some hosts and does not work. Who has one that does: ACCELERATOR=kvm.
echo "Booting it ..."
timeout 1800 qemu-system-x86_64 -accel "${ACCELERATOR:-tcg}" -cpu max -smp 2 -m 1024 -nographic -no-reboot -nic none \
    -kernel "$work/kernel" -initrd "$work/initrd" -append "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=false" \
    -drive "file=$work/disk,format=raw,if=virtio,cache=unsafe" </dev/null 2>&1 | stdbuf -oL tr -d '\r' | tee "$work/console"
grep -q "^THE UNIT IS GOOD" "$work/console"
