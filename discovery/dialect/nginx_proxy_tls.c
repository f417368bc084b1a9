#include "discovery/dialect/nginx_proxy_tls.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/dialect/nginx_proxy_upstream.h"
#include "discovery/dialect/variables.h"
#include "discovery/field.h"
#include "lb/base/yes_no.h"

#define LABEL_PREFIX "com.github.nginx-proxy.nginx-proxy."
#define VERIFY_LABEL LABEL_PREFIX "ssl_verify_client"
#define SHOWN_BYTES  64

struct reading {
    const struct statement_source *source;
    struct claims *claims;
    bool is_refused;
};

/* A variable before a label. */
static struct view find(const struct reading *reading, const char *word)
{
    const char *variable = variables_find(reading->source->environment, word);
    return yes_no_trim(
        view_str(variable[0] != '\0' ? variable : field_str(reading->source->labels, word)));
}

static void complain(struct reading *reading, const char *word, struct view value,
                     const char *accepted)
{
    char *sentence = statement_complain(word, value, accepted);
    claims_remark(reading->claims, "%s", sentence);
    free(sentence);
}

/* Without TLS it is as where there is no certificate: HTTP is served, whatever is asked for, but where
 * just that is forbidden. */
static void read_https(struct reading *reading)
{
    static const char word[] = "HTTPS_METHOD", on_missing[] = "ENABLE_HTTP_ON_MISSING_CERT";
    struct view method = find(reading, word), missing = find(reading, on_missing);
    bool is_without = view_eq(method, VIEW("nohttps")),
         is_both = view_eq(method, VIEW("noredirect"));
    bool is_redirect = view_eq(method, VIEW("redirect"));
    enum yes_no says = yes_no_read(missing);
    if (missing.len > 0 && says == YES_NO_NEITHER)
        complain(reading, on_missing, missing, "true or false is accepted");
    reading->is_refused = says == YES_NO_NO && !is_without && !is_both;
    if (reading->is_refused)
        complain(
            reading, on_missing, missing,
            "it forbids HTTP without a certificate, and TLS is not supported; nothing is served");
    else if (method.len > 0 && !is_without && !is_both && !is_redirect &&
             !view_eq(method, VIEW("nohttp")))
        complain(reading, word, method, "redirect, noredirect, nohttp or nohttps is accepted");
    else if (method.len > 0 && !is_without)
        complain(reading, word, method,
                 "TLS is not supported; HTTP is served, as nginx-proxy does without a certificate");
}

/* Who asks for them keeps everybody else out. */
static void read_client_certificates(struct reading *reading)
{
    struct view says = find(reading, VERIFY_LABEL);
    if (!view_eq(says, VIEW("on")))
        return;
    complain(reading, VERIFY_LABEL, says, "TLS is not supported; nothing is served without it");
    reading->is_refused = true;
}

static bool is_told(struct reading *reading, const char *label)
{
    struct view verify = find(reading, VERIFY_LABEL);
    bool is_verify = strcmp(label, VERIFY_LABEL) == 0;
    return view_starts_with(view_str(label), VIEW(LABEL_PREFIX)) &&
           !nginx_proxy_upstream_knows(view_str(label)) &&
           !(is_verify && (view_eq(verify, VIEW("on")) || view_eq(verify, VIEW("off"))));
}

bool nginx_proxy_tls_read(const struct statement_source *source, struct claims *claims)
{
    struct reading reading = {.source = source, .claims = claims};
    read_https(&reading);
    read_client_certificates(&reading);
    return !reading.is_refused;
}

/* lb sends no field Server, and so no version of its own. */
static bool is_so_anyway(const struct reading *reading, const char *word)
{
    return strcmp(word, "SERVER_TOKENS") == 0 && view_eq_nocase(find(reading, word), VIEW("off"));
}

static void tell_unsupported(struct reading *reading)
{
    static const char *const words[] = {
        "HSTS",         "SSL_POLICY",         "CERT_NAME",           "SERVER_TOKENS",
        "VIRTUAL_ROOT", "EXTERNAL_HTTP_PORT", "EXTERNAL_HTTPS_PORT", "ACME_HTTP_CHALLENGE_LOCATION",
    };
    json_t *labels = (json_t *)(uintptr_t)reading->source->labels;
    if (find(reading, "LETSENCRYPT_HOST").len > 0 || find(reading, "ACME_HOST").len > 0)
        claims_remark(reading->claims,
                      "certificates (LETSENCRYPT_HOST, ACME_HOST) are not supported");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (find(reading, words[i]).len > 0 && !is_so_anyway(reading, words[i]))
            claims_remark(reading->claims, "%s is not supported", words[i]);
    for (void *i = json_object_iter(labels); i; i = json_object_iter_next(labels, i)) {
        const char *label = json_object_iter_key(i);
        if (!is_told(reading, label))
            continue;
        char *shown = clean_copy(view_str(label), SHOWN_BYTES);
        claims_remark(reading->claims, "the label %s is not supported", shown);
        free(shown);
    }
}

void nginx_proxy_tls_tell_others(const struct statement_source *source, struct claims *claims)
{
    struct reading reading = {.source = source, .claims = claims};
    tell_unsupported(&reading);
}
