#include "discovery/dialect/nginx_proxy_tls.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/dialect/nginx_proxy_upstream.h"
#include "discovery/dialect/variables.h"
#include "discovery/field.h"
#include "lb/base/yes_no.h"

#define LABEL_PREFIX   "com.github.nginx-proxy.nginx-proxy."
#define VERIFY_LABEL   LABEL_PREFIX "ssl_verify_client"
#define TRUST_LABEL    LABEL_PREFIX "trust-default-cert"
#define REDIRECT_LABEL LABEL_PREFIX "non-get-redirect"
#define USUAL_STATUS   "301"
#define USUAL_HSTS     "max-age=31536000"
#define SHOWN_BYTES    64

struct reading {
    const struct statement_source *source;
    struct claims *claims;
    struct route_wishes *wishes;
    struct view method; /* as it is written; empty: it is not */
};

struct view nginx_proxy_tls_find(const struct statement_source *source, const char *word)
{
    const char *variable = variables_find(source->environment, word);
    return yes_no_trim(view_str(variable[0] != '\0' ? variable : field_str(source->labels, word)));
}

static struct view find(const struct reading *reading, const char *word)
{
    return nginx_proxy_tls_find(reading->source, word);
}

/* Under its own name, else under that of a label; `*name` is the one that it has. */
static struct view find_either(const struct reading *reading, const char *word, const char *label,
                               const char **name)
{
    struct view labelled = find(reading, label);
    *name = labelled.len > 0 ? label : word;
    return labelled.len > 0 ? labelled : find(reading, word);
}

static void complain(struct reading *reading, const char *word, struct view value,
                     const char *accepted)
{
    statement_remark(reading->claims, word, value, accepted);
}

static void ask(struct reading *reading, enum route_option_kind kind, struct view value)
{
    if (value.len > 0)
        reading->wishes->values[kind] = value;
}

/* Whether it says so; nonsense is told, and says nothing. */
static bool is_denied(struct reading *reading, const char *word, struct view value)
{
    enum yes_no says = yes_no_read(value);
    if (value.len > 0 && says == YES_NO_NEITHER)
        complain(reading, word, value, "true or false is accepted");
    return says == YES_NO_NO;
}

/* ---- http and https -------------------------------------------------------------------------- */

static bool is_method(const struct reading *reading, const char *method)
{
    return view_eq(reading->method, view_str(method));
}

static void read_method(struct reading *reading)
{
    static const char word[] = "HTTPS_METHOD";
    reading->method = find(reading, word);
    if (reading->method.len > 0 && !is_method(reading, "redirect") &&
        !is_method(reading, "noredirect") && !is_method(reading, "nohttp") &&
        !is_method(reading, "nohttps")) {
        complain(reading, word, reading->method,
                 "redirect, noredirect, nohttp or nohttps is accepted");
        reading->method = view_of("", 0);
    }
    ask(reading, ROUTE_OPTION_HTTPS, reading->method);
}

/* HTTP that is served in any case is not forbidden. */
static void read_missing(struct reading *reading)
{
    static const char word[] = "ENABLE_HTTP_ON_MISSING_CERT";
    bool is_denied_there = is_denied(reading, word, find(reading, word));
    if (is_denied_there && !is_method(reading, "noredirect") && !is_method(reading, "nohttps"))
        ask(reading, ROUTE_OPTION_MISSING_CERTIFICATE, VIEW("refuse"));
}

/* The one of others than GET and HEAD may be another one. */
static void read_status(struct reading *reading)
{
    const char *word;
    struct view other = find_either(reading, "NON_GET_REDIRECT", REDIRECT_LABEL, &word);
    bool is_known =
        view_eq(other, VIEW("302")) || view_eq(other, VIEW("307")) || view_eq(other, VIEW("308"));
    struct text both = TEXT_INIT;
    text_append_str(&both, USUAL_STATUS);
    if (is_known)
        text_appendf(&both, " %.*s", (int)other.len, other.ptr);
    else if (other.len > 0 && !view_eq(other, VIEW(USUAL_STATUS)))
        complain(reading, word, other, "301, 302, 307 or 308 is accepted");
    if (!is_method(reading, "noredirect") && !is_method(reading, "nohttps"))
        ask(reading, ROUTE_OPTION_HTTPS_STATUS, claims_keep(reading->claims, text_view(&both)));
    text_fini(&both);
}

/* None where HTTP is served beside HTTPS: browsers would not come by it any more. */
static void read_hsts(struct reading *reading)
{
    struct view says = find(reading, "HSTS");
    if (is_method(reading, "noredirect"))
        says = VIEW("off");
    if (!is_method(reading, "nohttps"))
        ask(reading, ROUTE_OPTION_HSTS, says.len > 0 ? says : VIEW(USUAL_HSTS));
}

/* ---- certificates ---------------------------------------------------------------------------- */

static void read_certificates(struct reading *reading)
{
    const char *word;
    struct view trust = find_either(reading, "TRUST_DEFAULT_CERT", TRUST_LABEL, &word);
    ask(reading, ROUTE_OPTION_CERTIFICATE, find(reading, "CERT_NAME"));
    if (is_denied(reading, word, trust))
        ask(reading, ROUTE_OPTION_DEFAULT_CERTIFICATE, VIEW("no"));
    ask(reading, ROUTE_OPTION_CLIENT_CERTIFICATE, find(reading, VERIFY_LABEL));
}

void nginx_proxy_tls_read(const struct statement_source *source, struct claims *claims,
                          struct route_wishes *wishes)
{
    struct reading reading = {.source = source, .claims = claims, .wishes = wishes};
    read_method(&reading);
    read_missing(&reading);
    read_status(&reading);
    read_hsts(&reading);
    read_certificates(&reading);
}

/* ---- others ---------------------------------------------------------------------------------- */

static bool is_told(const char *label)
{
    return view_starts_with(view_str(label), VIEW(LABEL_PREFIX)) &&
           !nginx_proxy_upstream_knows(view_str(label)) && strcmp(label, VERIFY_LABEL) != 0 &&
           strcmp(label, TRUST_LABEL) != 0 && strcmp(label, REDIRECT_LABEL) != 0;
}

static void tell_words(struct reading *reading)
{
    static const struct {
        const char *word;
        const char *so_anyway; /* the value that changes nothing; NULL: there is none */
        const char *remedy;
    } words[] = {
        {"SSL_POLICY", "Mozilla-Intermediate",
         " for one site: --tls-policy is for all of them, intermediate or modern"},
        {"EXTERNAL_HTTP_PORT", "80", ": --listen opens ports, and all sites are served on each"},
        {"EXTERNAL_HTTPS_PORT", "443",
         ": --listen-tls opens ports, and all sites are served on each; --https-port says where "
         "redirects lead"},
        {"SERVER_TOKENS", "off", ""}, /* lb sends no field Server, and so no version of its own */
        {"VIRTUAL_ROOT", NULL, ""},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct view value = find(reading, words[i].word);
        if (value.len > 0 && !view_eq_nocase(value, view_str(words[i].so_anyway)))
            claims_remark(reading->claims, "%s is not supported%s", words[i].word, words[i].remedy);
    }
}

/* lb answers challenges whose tokens are there, and no others, by HTTP on all hosts. */
static void tell_challenge(struct reading *reading)
{
    static const char word[] = "ACME_HTTP_CHALLENGE_LOCATION";
    struct view value = find(reading, word);
    if (value.len > 0 && !view_eq_nocase(value, VIEW("legacy")) && yes_no_read(value) != YES_NO_YES)
        complain(reading, word, value,
                 "true or legacy is accepted; a challenge whose token lb has is answered anyway, "
                 "and any other goes where its site does");
}

static void tell_labels(struct reading *reading)
{
    json_t *labels = (json_t *)(uintptr_t)reading->source->labels;
    for (void *i = json_object_iter(labels); i; i = json_object_iter_next(labels, i)) {
        const char *label = json_object_iter_key(i);
        if (!is_told(label))
            continue;
        char *shown = clean_copy(view_str(label), SHOWN_BYTES);
        claims_remark(reading->claims, "the label %s is not supported", shown);
        free(shown);
    }
}

void nginx_proxy_tls_tell_others(const struct statement_source *source, struct claims *claims)
{
    struct reading reading = {.source = source, .claims = claims};
    tell_words(&reading);
    tell_challenge(&reading);
    tell_labels(&reading);
}
