#include "discovery/dialect/nginx_proxy_acme.h"

#include "discovery/dialect/certificate_names.h"
#include "discovery/dialect/nginx_proxy_tls.h"
#include "lb/base/yes_no.h"

#define PREFIX_BYTES 48

struct reading {
    const struct statement_source *source;
    struct claims *claims;
};

/* ACME_WORD, else LETSENCRYPT_WORD, as it was called before; `name` gets which one it is. */
static struct view find(const struct reading *reading, const char *word, char name[PREFIX_BYTES])
{
    snprintf(name, PREFIX_BYTES, "ACME_%s", word);
    struct view value = nginx_proxy_tls_find(reading->source, name);
    if (value.len > 0)
        return value;
    snprintf(name, PREFIX_BYTES, "LETSENCRYPT_%s", word);
    return nginx_proxy_tls_find(reading->source, name);
}

static void complain(struct reading *reading, const char *word, struct view value,
                     const char *accepted)
{
    statement_remark(reading->claims, word, value, accepted);
}

/* ---- whether any is ordered ------------------------------------------------------------------ */

static bool can_be_answered(struct reading *reading)
{
    char word[PREFIX_BYTES];
    struct view challenge = find(reading, "CHALLENGE", word);
    if (challenge.len == 0 || view_eq_nocase(challenge, VIEW("HTTP-01")) ||
        view_eq_nocase(challenge, VIEW("TLS-ALPN-01")))
        return true;
    complain(reading, word, challenge,
             "lb-acme answers http-01 and tls-alpn-01 (--acme-challenge); no certificate is "
             "ordered, one that is made elsewhere belongs into --certificates");
    return false;
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void tell_others(struct reading *reading)
{
    static const struct {
        const char *word, *remedy;
    } words[] = {
        {"KEYSIZE", "--acme-key says it for all certificates"},
        {"CA_URI", "--acme-directory says it for all certificates"},
        {"EAB_KID", "--acme-eab-kid and --acme-eab-key-file say it for all certificates"},
        {"PREFERRED_CHAIN", "the chain is the authority's usual one"},
        {"CERT_PROFILE", "the profile is the authority's usual one"},
        {"RESTART_CONTAINER", "lb shows a new certificate without it"},
        {"PRE_HOOK", "nothing is run beside an order"},
        {"POST_HOOK", "nothing is run beside an order"},
        {"RENEW_AFTER", "lb-acme renews in time by itself"},
    };
    char name[PREFIX_BYTES];
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (find(reading, words[i].word, name).len > 0)
            claims_remark(reading->claims, "%s is not followed: %s", name, words[i].remedy);
    if (yes_no_read(find(reading, "TEST", name)) == YES_NO_YES)
        claims_remark(reading->claims,
                      "%s is not followed: --acme-directory staging says it for all certificates",
                      name);
    if (nginx_proxy_tls_find(reading->source, "ZEROSSL_API_KEY").len > 0)
        claims_remark(reading->claims, "ZEROSSL_API_KEY is not followed: --acme-eab-kid and "
                                       "--acme-eab-key-file say who lb is");
}

/* ---- wishes ---------------------------------------------------------------------------------- */

/* Empty where it is none, which is told. */
static struct view read_email(struct reading *reading)
{
    char word[PREFIX_BYTES];
    struct text problem = TEXT_INIT;
    struct view email = find(reading, "EMAIL", word);
    bool is_good = email.len > 0 && certificate_wish_check_email(email, &problem);
    if (email.len > 0 && !is_good)
        complain(reading, word, email, text_str(&problem));
    text_fini(&problem);
    return is_good ? claims_keep(reading->claims, email) : view_of("", 0);
}

static struct view without_dots(struct view name)
{
    while (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    return name;
}

static void read_names(struct reading *reading, const char *word, struct view list)
{
    char ignored[PREFIX_BYTES];
    bool is_single = yes_no_read(find(reading, "SINGLE_DOMAIN_CERTS", ignored)) == YES_NO_YES;
    struct certificate_names names = {.claims = reading->claims, .word = word};
    const struct certificate_wish wish = {.email = read_email(reading),
                                          .dialect = VIEW("nginx-proxy"),
                                          .label = claims_keep(reading->claims, view_str(word))};
    while (list.ptr) {
        struct view name = without_dots(yes_no_trim(view_cut(&list, ',')));
        if (name.len > 0)
            certificate_names_add(&names, name);
        if (is_single) {
            certificate_names_wish(&names, &wish);
            names.count = 0;
        }
    }
    certificate_names_wish(&names, &wish);
}

void nginx_proxy_acme_read(const struct statement_source *source, struct claims *claims)
{
    struct reading reading = {.source = source, .claims = claims};
    char word[PREFIX_BYTES];
    struct view list = find(&reading, "HOST", word);
    if (list.len == 0 || !can_be_answered(&reading))
        return;
    read_names(&reading, word, list);
    tell_others(&reading);
}
