#include "discovery/dialect/traefik_tls.h"

#include <stdio.h>

#include "discovery/dialect/certificate_names.h"
#include "lb/base/yes_no.h"

#define DOMAINS_MAX 64u
#define WORD_BYTES  64
#define NAME_BYTES  128

/* tls=true, or any word behind it, and not tls=false. */
static bool is_on(const struct traefik_item *router)
{
    return traefik_item_has(router, "tls") &&
           yes_no_read(view_str(traefik_item_get(router, "tls"))) != YES_NO_NO;
}

/* Traefik has both schemes where its operator has set TLS for an entry point: whoever names none is served by either. */
struct view traefik_tls_scheme(const struct traefik_item *router,
                               const struct traefik_entries *entries)
{
    if (is_on(router) || (entries->has_secured && !entries->has_plain))
        return VIEW("https");
    return entries->has_any && !entries->has_secured ? VIEW("http") : VIEW("");
}

/* ---- certificates ---------------------------------------------------------------------------- */

struct reading {
    struct claims *claims;
    const struct traefik_item *router;
    struct certificate_wish wish;
    const char *word; /* of the router's resolver, for people */
};

/* Whether tls.domains[N] is there: a certificate of its own. */
static bool read_domain(const struct reading *reading, unsigned number)
{
    struct certificate_names names = {.claims = reading->claims, .word = reading->word};
    char word[WORD_BYTES];
    struct view sans[TRAEFIK_LIST_MAX];
    snprintf(word, sizeof(word), "tls.domains[%u].main", number);
    const char *main_name = traefik_item_get(reading->router, word);
    snprintf(word, sizeof(word), "tls.domains[%u].sans", number);
    size_t count = traefik_item_list(reading->router, word, sans);
    if (main_name[0] != '\0')
        certificate_names_add(&names, view_str(main_name));
    for (size_t i = 0; i < count; i++)
        certificate_names_add(&names, sans[i]);
    certificate_names_wish(&names, &reading->wish);
    return main_name[0] != '\0' || count > 0;
}

/* Of hosts that the rule names, not those that it denies. */
static void read_rule(const struct reading *reading, const struct traefik_rule *rule)
{
    struct certificate_names names = {.claims = reading->claims, .word = reading->word};
    for (size_t i = 0; i < rule->count; i++)
        for (size_t k = 0; k < rule->alternatives[i].count; k++) {
            const struct traefik_condition *condition = &rule->alternatives[i].conditions[k];
            if (condition->matcher == TRAEFIK_HOST && !condition->is_negated)
                certificate_names_add(&names, view_str(condition->value));
        }
    if (names.count == 0)
        claims_remark(reading->claims,
                      "the router %s: its rule names no host that a certificate could be for; "
                      "tls.domains[0].main names one",
                      reading->router->name);
    certificate_names_wish(&names, &reading->wish);
}

static void tell_options(struct claims *claims, const struct traefik_item *router)
{
    const char *options = traefik_item_get(router, "tls.options");
    if (options[0] != '\0' && strcmp(options, "default") != 0)
        claims_remark(claims,
                      "the router %s: tls.options is not followed: --tls-policy is for all hosts, "
                      "and a CA of clients beside a certificate in --certificates asks for theirs",
                      router->name);
}

void traefik_tls_read(struct claims *claims, const struct traefik_item *router,
                      const struct traefik_rule *rule, struct view label)
{
    char word[NAME_BYTES];
    struct reading reading = {.claims = claims,
                              .router = router,
                              .wish = {.dialect = VIEW("traefik"), .label = label},
                              .word = word};
    unsigned number = 0;
    snprintf(word, sizeof(word), "the router %s: tls.certresolver", router->name);
    tell_options(claims, router);
    if (traefik_item_get(router, "tls.certresolver")[0] == '\0')
        return;
    while (number < DOMAINS_MAX && read_domain(&reading, number))
        number++;
    if (number == 0)
        read_rule(&reading, rule);
}
