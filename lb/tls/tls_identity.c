#include "lb/tls/tls_identity.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/tls/tls_certificate.h"
#include "lb/tls/tls_identity_state.h"
#include "lb/tls/tls_pem.h"

#define CHAIN_MAX    16
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 16384
#define SAFE_BITS    112 /* below that OpenSSL does not show a certificate (its level 2) */

/* What is on its way to one. */
struct parts {
    struct tls_identity *identity;
    struct tls_pem_block key;
};

/* ---- what lies in the files ---------------------------------------------------------------------- */

static bool take_certificate(struct tls_identity *identity, const struct tls_pem_block *block,
                             struct text *problem)
{
    const unsigned char *at = block->der;
    X509 *certificate = d2i_X509(NULL, &at, block->len);
    if (!certificate) {
        text_append_str(problem, "a certificate in it is damaged; copy the file anew");
        return false;
    }
    if (!identity->certificate) {
        identity->certificate = certificate;
        return true;
    }
    if (sk_X509_num(identity->chain) < CHAIN_MAX && sk_X509_push(identity->chain, certificate) > 0)
        return true;
    X509_free(certificate);
    text_appendf(problem,
                 "more than %d certificates are in it; leave the server's own and its chain",
                 CHAIN_MAX + 1);
    return false;
}

/* The first counts. It is read when the certificate says of which type it must be: to find that out takes thrice as long. */
static bool take_key(struct parts *parts, struct tls_pem_block *block, struct text *problem)
{
    if (block->kind == TLS_PEM_LOCKED_KEY) {
        text_append_str(problem, "the key has a passphrase, which nobody could be asked for; write "
                                 "it without one "
                                 "(openssl pkey -in OLD -out NEW)");
        return false;
    }
    if (parts->key.der)
        return true;
    parts->key = *block;
    *block = (struct tls_pem_block){0};
    return true;
}

static bool read_key(struct tls_identity *identity, const struct tls_pem_block *block,
                     struct text *problem)
{
    const unsigned char *at = block->der;
    EVP_PKEY *public_key = X509_get0_pubkey(identity->certificate);
    int type = public_key ? EVP_PKEY_get_base_id(public_key) : EVP_PKEY_NONE;
    if (type == EVP_PKEY_RSA || type == EVP_PKEY_EC)
        identity->key = d2i_PrivateKey(type, NULL, &at, block->len);
    at = block->der;
    if (!identity->key)
        identity->key = d2i_AutoPrivateKey(NULL, &at, block->len);
    if (!identity->key)
        text_append_str(problem,
                        "the key is damaged, or of a kind that is not known; copy the file anew");
    return identity->key != NULL;
}

static bool take_block(struct parts *parts, struct tls_pem_block *block, bool wants_certificates,
                       struct text *problem)
{
    switch (block->kind) {
    case TLS_PEM_CERTIFICATE:
        return !wants_certificates || take_certificate(parts->identity, block, problem);
    case TLS_PEM_KEY:
    case TLS_PEM_LOCKED_KEY:
        return take_key(parts, block, problem);
    default:
        return true;
    }
}

static bool take_file(struct parts *parts, struct view bytes, bool wants_certificates,
                      struct text *problem)
{
    struct tls_pem_block block;
    if (bytes.len > TLS_IDENTITY_BYTES_MAX) {
        text_appendf(problem, "it has more than %zu bytes; leave the certificate and its chain",
                     TLS_IDENTITY_BYTES_MAX);
        return false;
    }
    struct tls_pem *pem = tls_pem_open(bytes);
    bool is_good = pem != NULL;
    while (is_good && tls_pem_next(pem, &block)) {
        is_good = take_block(parts, &block, wants_certificates, problem);
        tls_pem_drop(&block);
    }
    if (is_good && tls_pem_is_damaged(pem)) {
        text_appendf(problem, "the %s is cut off or damaged; copy it anew",
                     wants_certificates ? "certificate's file" : "key's file");
        is_good = false;
    }
    tls_pem_close(pem);
    return is_good;
}

static bool has_both(const struct parts *parts, bool has_key_file, struct text *problem)
{
    if (!parts->identity->certificate)
        text_append_str(problem,
                        "no certificate is in it; it must be PEM, which has a line -----BEGIN "
                        "CERTIFICATE-----");
    else if (!parts->key.der)
        text_appendf(problem, "%s; it must be PEM, which has a line -----BEGIN PRIVATE KEY-----",
                     has_key_file ? "no key is in its key's file" : "there is no key to it");
    return parts->identity->certificate && parts->key.der;
}

static bool take_files(struct tls_identity *identity, struct view certificate, struct view key,
                       struct text *problem)
{
    struct parts parts = {.identity = identity};
    /* The key's own file first: one beside the certificate does not count then. */
    bool is_good = (key.len == 0 || take_file(&parts, key, false, problem)) &&
                   take_file(&parts, certificate, true, problem) &&
                   has_both(&parts, key.len > 0, problem) &&
                   read_key(identity, &parts.key, problem);
    tls_pem_drop(&parts.key);
    return is_good;
}

/* ---- whether it can be shown ----------------------------------------------------------------------- */

static bool check_rsa(int bits, struct text *problem)
{
    if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX)
        return true;
    text_appendf(problem,
                 "its RSA key has %d bits, and %d to %d are good; order one with another key", bits,
                 RSA_BITS_MIN, RSA_BITS_MAX);
    return false;
}

static bool check_curve(EVP_PKEY *key, struct text *problem)
{
    static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1"};
    char name[64] = "";
    size_t len;
    if (EVP_PKEY_get_group_name(key, name, sizeof(name), &len) != 1)
        name[0] = '\0';
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
        if (strcmp(name, curves[i]) == 0)
            return true;
    text_append_str(problem, "its key's curve is none that clients know; order one with P-256");
    return false;
}

static bool check_key(struct tls_identity *identity, struct text *problem)
{
    struct tls_identity_facts *facts = &identity->facts;
    int bits = EVP_PKEY_get_bits(identity->key);
    facts->key_bits = bits > 0 ? (unsigned)bits : 0;
    if (X509_check_private_key(identity->certificate, identity->key) != 1) {
        text_append_str(problem, "the key does not fit the certificate (which has to be the first "
                                 "in its file); put both "
                                 "there again, of the same order");
        return false;
    }
    switch (EVP_PKEY_get_base_id(identity->key)) {
    case EVP_PKEY_RSA:
        facts->key_type = TLS_KEY_RSA;
        return check_rsa(bits, problem);
    case EVP_PKEY_EC:
        facts->key_type = TLS_KEY_ECDSA;
        return check_curve(identity->key, problem);
    default:
        text_append_str(problem, "its key is neither RSA nor ECDSA, and no client would take it; "
                                 "order one with ECDSA P-256");
        return false;
    }
}

static bool check_link(X509 *certificate, X509 *issuer, int number, struct text *problem)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    if (X509_check_issued(issuer, certificate) == X509_V_OK && key &&
        X509_verify(certificate, key) == 1)
        return true;
    text_appendf(problem,
                 "certificate %d in it did not sign the one before; leave the server's own, then "
                 "who signed it, and so on",
                 number);
    return false;
}

/* A signature that anybody could forge; what is signed by itself is believed for other reasons. */
static bool check_signature(X509 *certificate, struct text *problem)
{
    int bits = 0;
    bool is_root = (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
    if (is_root ||
        (X509_get_signature_info(certificate, NULL, NULL, &bits, NULL) == 1 && bits >= SAFE_BITS))
        return true;
    text_append_str(
        problem, "it is signed with a hash that clients refuse (SHA-1, or older); order a new one");
    return false;
}

static bool check_chain(const struct tls_identity *identity, struct text *problem)
{
    X509 *last = identity->certificate;
    if (!check_signature(last, problem))
        return false;
    for (int i = 0; i < sk_X509_num(identity->chain); i++) {
        X509 *issuer = sk_X509_value(identity->chain, i);
        if (!check_link(last, issuer, i + 2, problem) || !check_signature(issuer, problem))
            return false;
        last = issuer;
    }
    return true;
}

static bool check_time(const struct tls_identity_facts *facts, int64_t now_s, struct text *problem)
{
    char end[CLOCK_TEXT_BYTES];
    if (facts->not_after_s > now_s)
        return true;
    text_appendf(problem, "it is over since %s; renew it",
                 clock_format_minute(facts->not_after_s, end));
    return false;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static bool read_all(struct tls_identity *identity, struct view certificate, struct view key,
                     int64_t now_s, struct text *problem)
{
    if (!take_files(identity, certificate, key, problem))
        return false;
    /* Fills what the certificate keeps of its extensions, before other threads look at it. */
    if (X509_check_purpose(identity->certificate, -1, 0) != 1) {
        text_append_str(problem, "an extension of the certificate is damaged; order a new one");
        return false;
    }
    identity->facts.chain_count = (unsigned)sk_X509_num(identity->chain);
    return tls_certificate_read_facts(identity->certificate, &identity->arena, &identity->facts,
                                      problem) &&
           tls_certificate_read_names(identity->certificate, &identity->arena, &identity->names,
                                      &identity->name_count, problem) &&
           check_time(&identity->facts, now_s, problem) && check_key(identity, problem) &&
           check_chain(identity, problem);
}

struct tls_identity *tls_identity_read(struct view certificate, struct view key, int64_t now_s,
                                       struct text *problem)
{
    struct tls_identity *identity = memory_new(sizeof(*identity));
    atomic_init(&identity->ref_count, 1);
    identity->chain = sk_X509_new_null();
    bool is_good = identity->chain && read_all(identity, certificate, key, now_s, problem);
    ERR_clear_error();
    if (is_good)
        return identity;
    tls_identity_unref(identity);
    return NULL;
}

const struct tls_identity_facts *tls_identity_facts(const struct tls_identity *identity)
{
    return &identity->facts;
}

unsigned tls_identity_name_count(const struct tls_identity *identity)
{
    return identity->name_count;
}

struct view tls_identity_name(const struct tls_identity *identity, unsigned index)
{
    return identity->names[index];
}

bool tls_identity_covers(const struct tls_identity *identity, struct view host)
{
    struct view parent = host;
    view_cut(&parent, '.');
    for (unsigned i = 0; i < identity->name_count; i++) {
        struct view name = identity->names[i];
        if (view_eq(name, host) || (parent.len > 0 && view_starts_with(name, VIEW("*.")) &&
                                    view_eq(view_skip(name, 2), parent)))
            return true;
    }
    return tls_certificate_has_address(identity->certificate, host);
}

struct tls_identity *tls_identity_ref(struct tls_identity *identity)
{
    atomic_fetch_add_explicit(&identity->ref_count, 1, memory_order_relaxed);
    return identity;
}

void tls_identity_unref(struct tls_identity *identity)
{
    if (!identity || atomic_fetch_sub_explicit(&identity->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    X509_free(identity->certificate);
    sk_X509_pop_free(identity->chain, X509_free);
    EVP_PKEY_free(identity->key); /* which cleanses it */
    arena_fini(&identity->arena);
    free(identity);
}
