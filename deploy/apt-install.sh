#!/bin/sh
# apt-install.sh POLICY PACKAGE…: installs packages, as root, and starts none of their services: not now,
# which POLICY (/usr/sbin/policy-rc.d) says to Debian's scripts while it is there, and not with the next
# boot. A POLICY that somebody else has put there stays as it is. The engine's services are left alone:
# lib.sh starts them when they are needed.
policy=$1
shift

enabled() {
    [ ! -d /run/systemd/system ] || systemctl list-unit-files --state=enabled --no-legend | cut -d ' ' -f 1 | tr '\n' ' '
}

if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
before=" $(enabled)"
apt-get install -y -qq --no-install-recommends "$@" >/dev/null
code=$?
for unit in $(enabled); do
    case "$before" in
    *" $unit "*) continue ;;
    esac
    case $unit in
    docker.* | containerd.*) ;;
    *) systemctl disable --quiet "$unit" ;;
    esac
done
exit $code
