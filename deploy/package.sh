#!/usr/bin/env bash
# Makes what lb is given away as: Debian packages, a tarball, an image, and the list of what is in them.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
cd "$top"

usage() {
    cat <<'END'
deploy/package.sh deb     [--output DIR] [--yes]
deploy/package.sh tarball [--output DIR] [--toolchain FILE] [--yes]
deploy/package.sh sbom    [--output DIR] [--image IMAGE]
deploy/package.sh image   [--base IMAGE[@sha256:…]] [--tag TAG] [--source URL] [--yes]

deb      packages for the Debian that this runs on, 12 or newer
tarball  lb-VERSION-linux-ARCH.tar.xz of bin, share and lib/systemd, to be unpacked into /usr/local. The same
         source, compiler and libraries give the same bytes
sbom     lb-VERSION-linux-ARCH.spdx.json (SPDX 2.3): lb, and the packages of Debian with the libraries that its
         programs of build/release need; with --image all that is installed in that image of lb
image    lb:TAG and appserver:TAG (latest), on a base that is pinned by its digest where --base says one, with OCI
         labels: revision and created are those of the commit, base.name and base.digest those of the base

  --output DIR      where to put them (build/package)
  --toolchain FILE  of CMake, to compile for another machine: deploy/arm64.cmake
  --base IMAGE      to build on (debian:trixie-slim). Without @sha256:… it is the one that the engine has or pulls;
                    its digest is a label where the engine knows it
  --source URL      of the source, for the label; else that of the remote "origin" where it is https
  --yes             do not ask before installing something
END
}

version=$(sed -nE 's/^project\(lb VERSION ([0-9.]+) .*/\1/p' CMakeLists.txt)
output=$top/build/package
toolchain=''
base=$base_image
source_url=''
image=''

wanted=${1-}
[[ $wanted == --help || $wanted == -h ]] && usage && exit 0
shift || true
while (($#)); do
    case $1 in
    --yes | -y) assume_yes=yes; shift; continue ;;
    --help | -h) usage; exit 0 ;;
    esac
    [[ -n ${2-} ]] || { usage >&2; exit 2; }
    case $1 in
    --output) mkdir -p "$2"; output=$(cd "$2" && pwd) ;;
    --toolchain) toolchain=$(realpath "$2") ;;
    --base) base=$2 ;;
    --tag) tag=$2 ;;
    --source) source_url=$2 ;;
    --image) image=$2 ;;
    *) usage >&2; exit 2 ;;
    esac
    shift 2
done

in_git() { git -C "$top" rev-parse --git-dir >/dev/null 2>&1; }

# When the source was made, so that two builds of it do not differ by the clock.
source_date() {
    if [[ -n ${SOURCE_DATE_EPOCH-} ]]; then
        printf '%s' "$SOURCE_DATE_EPOCH"
    elif in_git; then
        git -C "$top" log -1 --format=%ct
    else
        stat --format %Y "$top/CHANGELOG.md"
    fi
}

# ---- Debian packages -------------------------------------------------------------------------------

# The source with debian/ at its top, and no build folder of others. The package is of the kind "native".
make_debian() {
    ensure_packages "${build_packages[@]}" debhelper
    local folder
    folder=$(mktemp -d)
    trap 'rm -rf "'"$folder"'"' EXIT
    mkdir "$folder/lb-$version"
    tar -C "$top" --exclude=./build --exclude=./.git --exclude=__pycache__ -c . | tar -C "$folder/lb-$version" -x
    cp -R deploy/debian "$folder/lb-$version/debian"
    cp deploy/systemd/* "$folder/lb-$version/debian/"
    (cd "$folder/lb-$version" && dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary)
    mkdir -p "$output"
    find "$folder" -maxdepth 1 -type f -name 'lb*_*' -exec cp {} "$output/" \;
    say "In $output:"
    (cd "$folder" && ls lb*.deb)
}

# ---- tarball ---------------------------------------------------------------------------------------

architecture_of() {
    case $(LC_ALL=C readelf --file-header "$1") in
    *X86-64*) printf amd64 ;;
    *AArch64*) printf arm64 ;;
    *) uname -m ;;
    esac
}

make_tarball() {
    ensure_packages "${build_packages[@]}" xz-utils
    local folder=$top/build/tarball stage name options=()
    [[ -z $toolchain ]] || folder=$folder-$(basename "$toolchain" .cmake) options=(--toolchain "$toolchain")
    cmake -S "$top" -B "$folder" -G Ninja "${options[@]}" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_FLAGS_RELEASE='-O2 -g -DNDEBUG' -DCMAKE_INSTALL_PREFIX=/usr/local >/dev/null
    cmake --build "$folder"
    stage=$(mktemp -d)
    trap 'rm -rf "'"$stage"'"' EXIT
    DESTDIR=$stage cmake --install "$folder" --strip >/dev/null
    rm "$stage/usr/local/bin/appserver"    # the demo's
    name=lb-$version-linux-$(architecture_of "$stage/usr/local/bin/lb")
    mv "$stage/usr/local" "$stage/$name"
    mkdir -p "$output"
    tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r-w,a+X \
        --mtime="@$(source_date)" --format=gnu -c "$name" | xz --threads=1 -9 >"$output/$name.tar.xz"
    say "$output/$name.tar.xz"
}

# ---- the list of what is in it -----------------------------------------------------------------------

make_sbom() {
    local programs=(build/release/bin/lb build/release/bin/lb-proxy build/release/bin/lb-discovery build/release/bin/lb-report
        build/release/bin/lb-acme)
    mkdir -p "$output"
    if [[ -n $image ]]; then
        find_engine || die "no Docker engine answers"
        # shellcheck disable=SC2016 # the container's shell expands it
        "${docker[@]}" run --rm --network none --entrypoint sh "$image" -c \
            'cat /var/lib/dpkg/status; printf "\n\f\n"; for each in /usr/share/doc/*/copyright; do
             echo "$each"; cat "$each"; printf "\n\f\n"; done' |
            /usr/bin/python3 -B deploy/sbom.py --version "$version" --date "$(source_date)" --from-image "$image" \
                >"$output/lb-$version-image.spdx.json"
        say "$output/lb-$version-image.spdx.json"
    else
        local name llhttp options=()
        name=lb-$version-linux-$(architecture_of "${programs[0]}").spdx.json
        llhttp=$(sed -n 's/^LLHTTP_SOURCE_DIR:PATH=//p' build/release/CMakeCache.txt) # on Debian 12 it is no library
        [[ ! -e $llhttp/llhttp.c ]] || options=(--compiled-in "$llhttp/llhttp.c")
        /usr/bin/python3 -B deploy/sbom.py --version "$version" --date "$(source_date)" "${options[@]}" "${programs[@]}" \
            >"$output/$name"
        say "$output/$name"
    fi
}

# ---- image -------------------------------------------------------------------------------------------

# full_name IMAGE: without tag defaults of engines: docker.io/library/debian:trixie-slim.
full_name() {
    local name=${1%%@*}
    case $name in
    *.*/* | *:*/* | localhost/*) ;;
    */*) name=docker.io/$name ;;
    *) name=docker.io/library/$name ;;
    esac
    printf '%s' "$name"
}

# The digest that --base tells, else the one that the engine has it by. An image that was made here has none.
base_digest() {
    if [[ $base == *@* ]]; then
        printf '%s' "${base#*@}"
    else
        "${docker[@]}" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$base" |
            sed -n 's/.*@//p' | head -n 1
    fi
}

make_image() {
    ensure_engine || die "no Docker engine to build with"
    [[ $base != "$base_image" ]] || ensure_base_image || die "no $base_image to build on"
    local word=org.opencontainers.image digest
    image_options+=(--build-arg "BASE=$base" --build-arg "VERSION=$version" --label "$word.base.name=$(full_name "$base")"
        --label "$word.created=$(date --utc --date="@$(source_date)" +%Y-%m-%dT%H:%M:%SZ)")
    if [[ $base == *@* ]]; then
        "${docker[@]}" image inspect "$base" >/dev/null 2>&1 || "${docker[@]}" pull --quiet "$base" >/dev/null
        base_image=$base    # build_images needs no other
    fi
    digest=$(base_digest)
    [[ -z $digest ]] || image_options+=(--label "$word.base.digest=$digest")
    if in_git; then
        image_options+=(--label "$word.revision=$(git rev-parse HEAD)$(git diff --quiet HEAD || printf -- '-changed')")
        [[ -n $source_url ]] || source_url=$(git remote get-url origin 2>/dev/null | grep '^https://[^@]*$' || true)
    fi
    [[ -z $source_url ]] || image_options+=(--label "$word.source=$source_url" --label "$word.url=$source_url")
    build_images "$tag" || return 1
    say "lb:$tag and appserver:$tag, on $(full_name "$base")${digest:+ $digest}"
}

case $wanted in
deb) make_debian ;;
tarball) make_tarball ;;
sbom) make_sbom ;;
image) make_image ;;
*) usage >&2; exit 2 ;;
esac
