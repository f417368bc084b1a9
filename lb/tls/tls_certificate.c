#include "lb/tls/tls_certificate.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "lb/base/shown.h"

#define NAME_BYTES_MAX  253u /* RFC 1035, without the final dot */
#define SHOWN_BYTES_MAX 200u

/* ---- times ---------------------------------------------------------------------------------------- */

static bool read_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *out = (int64_t)timegm(&parts);
    return true;
}

/* ---- subject and issuer ---------------------------------------------------------------------------- */

static struct view shown_copy(struct arena *arena, struct view foreign)
{
    struct text shown = TEXT_INIT;
    if (foreign.len > SHOWN_BYTES_MAX)
        foreign.len = SHOWN_BYTES_MAX;
    shown_append(&shown, foreign);
    struct view copy = arena_copy(arena, text_view(&shown));
    text_fini(&shown);
    return copy;
}

/* The common name; gives UTF-8, to be freed by OPENSSL_free. NULL: there is none. */
static unsigned char *common_name(const X509_NAME *name, size_t *len)
{
    unsigned char *utf8 = NULL;
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    const X509_NAME_ENTRY *entry = at >= 0 ? X509_NAME_get_entry(name, at) : NULL;
    int bytes = entry ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) : -1;
    *len = bytes > 0 ? (size_t)bytes : 0;
    return bytes >= 0 ? utf8 : NULL;
}

static struct view whole_name(struct arena *arena, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    struct view copy = {NULL, 0};
    if (bio && X509_NAME_print_ex(bio, name, 0,
                                  XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(bio, &bytes);
        copy = shown_copy(arena, view_of(bytes, len > 0 ? (size_t)len : 0));
    }
    BIO_free(bio);
    return copy;
}

static struct view name_for_people(struct arena *arena, const X509_NAME *name)
{
    size_t len;
    unsigned char *utf8 = common_name(name, &len);
    struct view shown = utf8 && len > 0 ? shown_copy(arena, view_of((const char *)utf8, len))
                                        : whole_name(arena, name);
    OPENSSL_free(utf8);
    return shown;
}

static struct view fingerprint_of(const X509 *certificate, struct arena *arena)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct text hex = TEXT_INIT;
    if (X509_digest(certificate, EVP_sha256(), digest, &len) == 1)
        for (unsigned i = 0; i < len; i++)
            text_appendf(&hex, "%02x", digest[i]);
    struct view copy = arena_copy(arena, text_view(&hex));
    text_fini(&hex);
    return copy;
}

bool tls_certificate_read_facts(X509 *certificate, struct arena *arena,
                                struct tls_identity_facts *facts, struct text *problem)
{
    if (!read_time(X509_get0_notBefore(certificate), &facts->not_before_s) ||
        !read_time(X509_get0_notAfter(certificate), &facts->not_after_s)) {
        text_append_str(problem, "a date in the certificate is damaged; order a new one");
        return false;
    }
    facts->subject = name_for_people(arena, X509_get_subject_name(certificate));
    facts->issuer = name_for_people(arena, X509_get_issuer_name(certificate));
    facts->fingerprint = fingerprint_of(certificate, arena);
    facts->is_self_signed = (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
    return true;
}

/* ---- names ---------------------------------------------------------------------------------------- */

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* A host's name in lower case, or one with "*" for its first label. */
static bool is_name(struct view name)
{
    struct view rest = view_starts_with(name, VIEW("*.")) ? view_skip(name, 2) : name;
    if (rest.len == 0 || name.len > NAME_BYTES_MAX)
        return false;
    while (rest.ptr) {
        struct view label = view_cut(&rest, '.');
        for (size_t i = 0; i < label.len; i++)
            if (!is_host_char(label.ptr[i]))
                return false;
        if (label.len == 0)
            return false;
    }
    return true;
}

struct name_list {
    struct arena *arena;
    struct view *names;
    unsigned count;
};

static void add_name(struct name_list *list, struct view name)
{
    char lower[NAME_BYTES_MAX];
    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (name.len > sizeof(lower))
        return;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = view_lower_char(name.ptr[i]);
    if (is_name(view_of(lower, name.len)))
        list->names[list->count++] = arena_copy(list->arena, view_of(lower, name.len));
}

static int count_names(const GENERAL_NAMES *alternatives)
{
    int count = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); i++)
        count += sk_GENERAL_NAME_value(alternatives, i)->type == GEN_DNS;
    return count;
}

static void add_alternatives(struct name_list *list, const GENERAL_NAMES *alternatives)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(alternatives, i);
        if (name->type == GEN_DNS)
            add_name(list, view_of((const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                   (size_t)ASN1_STRING_length(name->d.dNSName)));
    }
}

static void add_common_name(struct name_list *list, const X509 *certificate)
{
    size_t len;
    unsigned char *utf8 = common_name(X509_get_subject_name(certificate), &len);
    if (utf8)
        add_name(list, view_of((const char *)utf8, len));
    OPENSSL_free(utf8);
}

bool tls_certificate_read_names(X509 *certificate, struct arena *arena, struct view **names,
                                unsigned *count, struct text *problem)
{
    struct name_list list = {.arena = arena};
    GENERAL_NAMES *alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int found = alternatives ? count_names(alternatives) : 0;
    if (found <= (int)TLS_IDENTITY_NAMES_MAX) {
        list.names = arena_new(arena, (size_t)(found > 0 ? found : 1) * sizeof(struct view));
        if (found > 0)
            add_alternatives(&list, alternatives);
        else if (!alternatives)
            add_common_name(&list, certificate);
    } else {
        text_appendf(problem, "it has more than %u names; share them among several certificates",
                     TLS_IDENTITY_NAMES_MAX);
    }
    GENERAL_NAMES_free(alternatives);
    *names = list.names;
    *count = list.count;
    return list.names != NULL;
}

bool tls_certificate_has_address(X509 *certificate, struct view host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = view_of(host.ptr + 1, host.len - 2);
    if (host.len >= sizeof(text))
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, address) == 1)
        return X509_check_ip(certificate, address, 4, 0) == 1;
    return inet_pton(AF_INET6, text, address) == 1 &&
           X509_check_ip(certificate, address, 16, 0) == 1;
}
