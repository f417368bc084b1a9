# shellcheck shell=bash
# shellcheck disable=SC2154  # the names of deploy/lib.sh
# What the scripts of the demo with Consul share. It is the demo with another prefix: consul-lb, consul-appserver1 and so on, on a
# network of their own. Sourced before deploy/lib.sh.
export LB_DEMO_PREFIX=${LB_DEMO_PREFIX-}consul-

# ---- Consul's image ------------------------------------------------------------------------------

consul_image=${CONSUL_IMAGE-}

# Where Debian 11 is, or will be: in the archive to which old releases move, and where the lists are as old as they are.
bullseye_mirrors=(http://deb.debian.org/debian http://archive.debian.org/debian)

# unpack_consul FOLDER: usr/bin/consul and its licence, and nothing else of the package or of those that it needs.
unpack_consul() {
    local mirror
    for mirror in "${bullseye_mirrors[@]}"; do
        if as_root mmdebstrap --quiet --variant=extract --include=consul \
            --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt='path-exclude=*' \
            --dpkgopt='path-include=/usr/bin/consul' --dpkgopt='path-include=/usr/share/doc/consul/copyright' \
            bullseye "$1/root.tar" "$mirror" >"$1/log" 2>&1; then
            as_root chown "$EUID" "$1/root.tar"
            tar --extract --file "$1/root.tar" --directory "$1" --no-same-owner \
                ./usr/bin/consul ./usr/share/doc/consul/copyright && rm "$1/root.tar" && return 0
        fi
    done
    return 1
}

make_consul_image() {
    local folder status=0
    ensure_packages mmdebstrap debian-archive-keyring && ensure_base_image || return 1
    folder=$(mktemp -d)
    if ! unpack_consul "$folder" || ! "${docker[@]}" build --file "$top/deploy/consul/Dockerfile" \
        "${image_options[@]}" --tag "$consul_image" "$folder" >"$folder/log" 2>&1; then
        tail -n 20 "$folder/log" >&2
        status=1
    fi
    as_root rm -rf "$folder"
    return $status
}

# ensure_consul_image: afterwards $consul_image can be run.
ensure_consul_image() {
    if [[ -n $consul_image ]]; then
        "${docker[@]}" image inspect "$consul_image" >/dev/null 2>&1 && return 0
        say "Pulling $consul_image"
        "${docker[@]}" pull --quiet "$consul_image" >/dev/null && return 0
        warn "$consul_image cannot be pulled. Without CONSUL_IMAGE an image is made of Debian's package"
        return 1
    fi
    consul_image=lb-consul:1.8.7
    "${docker[@]}" image inspect "$consul_image" >/dev/null 2>&1 && return 0
    say "Making the image of Consul from the package of Debian 11 (a few minutes the first time)"
    make_consul_image
}
