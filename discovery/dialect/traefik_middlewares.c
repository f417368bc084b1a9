#include "discovery/dialect/traefik_middlewares.h"

#include <stdio.h>

#include "discovery/dialect/traefik_guard.h"
#include "discovery/dialect/traefik_headers.h"
#include "discovery/dialect/traefik_limit.h"
#include "discovery/dialect/traefik_path.h"
#include "discovery/dialect/traefik_redirect.h"
#include "discovery/dialect/traefik_words.h"

#define CHAIN_DEPTH_MAX 8
#define MIDDLEWARES_MAX 64u

struct reading {
    const struct traefik_catalog *catalog;
    struct traefik_treatment *out;
    unsigned depth, count;
};

static void read_list(struct reading *reading, const struct traefik_item *item, const char *word);

/* ---- one ------------------------------------------------------------------------------------ */

static const struct {
    const char *type;
    void (*read)(struct traefik_treatment *treatment, const struct traefik_item *item);
} readers[] = {
    {"addprefix", traefik_path_add},
    {"basicauth", traefik_guard_auth},
    {"buffering", traefik_limit_body},
    {"headers", traefik_headers_read},
    {"ipallowlist", traefik_guard_allow},
    {"ipwhitelist", traefik_guard_allow},
    {"ratelimit", traefik_limit_rate},
    {"redirectregex", traefik_redirect_regex},
    {"redirectscheme", traefik_redirect_scheme},
    {"replacepath", traefik_path_replace},
    {"replacepathregex", traefik_path_replace_regex},
    {"retry", traefik_limit_retries},
    {"stripprefix", traefik_path_strip},
    {"stripprefixregex", traefik_path_strip_regex},
};

/* Where people look for what lb has instead. */
static const char *hint_of(struct view type)
{
    static const struct {
        const char *type, *hint;
    } hints[] = {
        {"compress", ": lb does not compress; what the backend has compressed passes as it is"},
        {"circuitbreaker", ": lb takes servers that fail out of rotation by itself"},
        {"errors", ": lb.error-pages names pages of lb's own"},
        {"inflightreq", ": lb.max-inflight limits the requests of each server"},
    };
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
        if (view_eq(type, view_str(hints[i].type)))
            return hints[i].hint;
    return "";
}

static void pass_over(struct reading *reading, const struct traefik_item *item, struct view type)
{
    if (traefik_words_effect(type) == TRAEFIK_PASSES)
        claims_remark(reading->out->claims, "the middleware %s (%.*s) is not supported%s",
                      item->name, (int)type.len, type.ptr, hint_of(type));
    else
        traefik_treatment_refuse(
            reading->out, CLAIMS_DENIED_STATUS,
            "the middleware %s (%.*s) is not supported, and nothing is served without it",
            item->name, (int)type.len, type.ptr);
}

static void follow(struct reading *reading, const struct traefik_item *item, struct view type)
{
    size_t i = 0;
    while (i < sizeof(readers) / sizeof(readers[0]) && !view_eq(type, view_str(readers[i].type)))
        i++;
    if (traefik_words_effect(type) == TRAEFIK_CHAINS)
        read_list(reading, item, "chain.middlewares");
    else if (i < sizeof(readers) / sizeof(readers[0]))
        readers[i].read(reading->out, item);
    else
        pass_over(reading, item, type);
}

/* One has one type; of several Traefik refuses all. */
static void read_one(struct reading *reading, const struct traefik_item *item)
{
    struct view rest = view_str(item->options[0].word);
    struct view type = view_cut(&rest, '.');
    for (size_t i = 1; i < item->count; i++) {
        rest = view_str(item->options[i].word);
        if (!view_eq(view_cut(&rest, '.'), type))
            traefik_treatment_refuse(reading->out, CLAIMS_DENIED_STATUS,
                                     "the middleware %s is of two types", item->name);
    }
    follow(reading, item, type);
}

/* ---- several -------------------------------------------------------------------------------- */

/* NAME or NAME@docker; what other providers have is not known here. */
static void read_named(struct reading *reading, struct view name)
{
    struct view provider = name;
    struct view bare = view_cut(&provider, '@');
    const struct traefik_entry *entry =
        provider.len == 0 || view_eq(provider, VIEW("docker"))
            ? traefik_catalog_find(reading->catalog, TRAEFIK_MIDDLEWARE, bare)
            : NULL;
    int shown = name.len < 64 ? (int)name.len : 64;
    if (++reading->count > MIDDLEWARES_MAX)
        traefik_treatment_refuse(reading->out, TRAEFIK_ERROR_STATUS,
                                 "it has more than %u middlewares", MIDDLEWARES_MAX);
    else if (!entry)
        traefik_treatment_refuse(reading->out, TRAEFIK_ERROR_STATUS,
                                 "no label of a container defines the middleware %.*s", shown,
                                 name.ptr);
    else if (entry->is_disputed)
        traefik_treatment_refuse(reading->out, TRAEFIK_ERROR_STATUS,
                                 "containers define the middleware %.*s differently", shown,
                                 name.ptr);
    else
        read_one(reading, entry->item);
}

static void read_list(struct reading *reading, const struct traefik_item *item, const char *word)
{
    struct view names[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, word, names);
    if (++reading->depth > CHAIN_DEPTH_MAX || count == TRAEFIK_LIST_MAX)
        traefik_treatment_refuse(reading->out, TRAEFIK_ERROR_STATUS,
                                 "its chains of middlewares are too long");
    for (size_t i = 0; i < count && reading->out->refused_status == 0; i++)
        read_named(reading, names[i]);
    reading->depth--;
}

void traefik_middlewares_read(const struct traefik_catalog *catalog,
                              const struct traefik_item *router, struct claims *claims,
                              struct traefik_treatment *out)
{
    struct reading reading = {.catalog = catalog, .out = out};
    *out = (struct traefik_treatment){.claims = claims, .add = {"", 0}, .scheme = {"", 0}};
    read_list(&reading, router, "middlewares");
}
