# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # the names of lib.sh, and some set for start.sh and embedded.sh
# Certificates of the demo: an authority of its own, and a certificate for localhost. Sourced by start.sh.

authority=$top/build/demo-tls/authority.pem
certificates=$top/build/demo-tls/certificates
tls_port=${LB_TLS_PORT-8443}

# What lb is told besides: who asks by HTTP stays there, as the demo does.
tls_words=(--https-method noredirect)

# Of a demo that runs already, and was started without --tls.
refuse_without_tls() {
    die "the demo runs already, without TLS. To begin anew with it: deploy/stop.sh, and then deploy/start.sh --tls"
}

make_key() {
    openssl req "$@" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc
}

# The authority issues no other one: its key is gone afterwards.
issue() {
    mkdir certificates
    make_key -x509 -days 365 -subj '/CN=lb demo authority' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
        -keyout authority.key -out authority.pem
    make_key -subj '/CN=localhost' -keyout certificates/localhost.key -out request.pem
    openssl x509 -req -in request.pem -CA authority.pem -CAkey authority.key -days 90 -CAcreateserial \
        -out certificates/localhost.crt -extfile - <<'END'
subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1
extendedKeyUsage=serverAuth
END
    rm authority.key authority.srl request.pem
    chmod 755 . certificates
    chmod 640 certificates/localhost.key
}

# make_certificates: once; who has told a browser to trust the authority need not do it again. lb's user in its container
# reads the key by its group, which is ours.
make_certificates() {
    local folder log=$top/build/demo-tls.log
    [[ ! -e $certificates ]] || return 0
    have openssl || { ensure_packages openssl && have openssl; } || die "openssl is needed to make certificates"
    mkdir -p "$top/build"
    folder=$(mktemp -d "$top/build/demo-tls.XXXXXX")
    (cd "$folder" && set -e && issue) >"$log" 2>&1 || die "openssl could not make certificates; its words are in $log"
    mv -T "$folder" "${certificates%/*}"
}
