#include "discovery/dialect/traefik_treatment.h"

#include <stdio.h>

#include "discovery/dialect/traefik_words.h"
#include "lb/base/cidr.h"

#define CHAIN_DEPTH_MAX 8
#define ERROR_STATUS    404u /* as Traefik answers where a router is in error */
#define MIDDLEWARES_MAX 64u

struct reading {
    const struct traefik_catalog *catalog;
    struct claims *claims;
    struct traefik_treatment *out;
    unsigned depth, count;
};

static void refuse(struct reading *reading, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is said first stands. */
static void refuse(struct reading *reading, unsigned status, const char *format, ...)
{
    va_list args;
    if (reading->out->refused_status > 0)
        return;
    reading->out->refused_status = status;
    va_start(args, format);
    vsnprintf(reading->out->refused, sizeof(reading->out->refused), format, args);
    va_end(args);
}

/* ---- the ones that lb has ------------------------------------------------------------------- */

static void strip(struct reading *reading, const struct traefik_item *item)
{
    struct traefik_treatment *out = reading->out;
    struct view prefixes[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, "stripprefix.prefixes", prefixes);
    if (out->strip_count > 0 || out->add.len > 0 || count == 0 || count > TRAEFIK_STRIPS_MAX)
        refuse(
            reading, ERROR_STATUS,
            "the middleware %s: one stripPrefix, with up to %u prefixes and before addPrefix, is "
            "supported",
            item->name, TRAEFIK_STRIPS_MAX);
    for (size_t i = 0; i < count && out->strip_count < TRAEFIK_STRIPS_MAX; i++)
        out->strips[out->strip_count++] = claims_keep(reading->claims, prefixes[i]);
}

static void add(struct reading *reading, const struct traefik_item *item)
{
    struct view prefix = view_str(traefik_item_get(item, "addprefix.prefix"));
    struct text path = TEXT_INIT;
    if (prefix.len == 0)
        refuse(reading, ERROR_STATUS, "the middleware %s has no prefix", item->name);
    if (prefix.len > 0 && prefix.ptr[0] != '/')
        text_append_char(&path, '/');
    text_append(&path, prefix);
    while (path.len > 0 && path.bytes[path.len - 1] == '/')
        path.len--;
    text_append(&path, reading->out->add);
    reading->out->add = claims_keep(reading->claims, text_view(&path));
    text_fini(&path);
}

static bool add_range(struct reading *reading, struct view written)
{
    struct traefik_treatment *out = reading->out;
    char buffer[CIDR_TEXT_BYTES];
    struct cidr cidr;
    if (out->range_count == TRAEFIK_RANGES_MAX || !cidr_parse_masking(written, &cidr))
        return false;
    out->ranges[out->range_count++] =
        claims_keep(reading->claims, view_str(cidr_format(&cidr, buffer)));
    return true;
}

/* Only the peer's own address is looked at, by one list. */
static void allow(struct reading *reading, const struct traefik_item *item, const char *type)
{
    struct view ranges[TRAEFIK_LIST_MAX];
    char word[48];
    snprintf(word, sizeof(word), "%s.sourcerange", type);
    size_t count = traefik_item_list(item, word, ranges);
    snprintf(word, sizeof(word), "%s.ipstrategy", type);
    bool is_good = count > 0 && !reading->out->is_limited && !traefik_item_has(item, word);
    reading->out->is_limited = true;
    for (size_t i = 0; i < count && is_good; i++)
        is_good = add_range(reading, ranges[i]);
    if (!is_good)
        refuse(
            reading, CLAIMS_DENIED_STATUS,
            "the middleware %s: one list of ranges of addresses, without ipStrategy, is supported",
            item->name);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void read_list(struct reading *reading, const struct traefik_item *item, const char *word);

static void follow(struct reading *reading, const struct traefik_item *item,
                   enum traefik_effect effect, const char *type)
{
    switch (effect) {
    case TRAEFIK_STRIPS:
        strip(reading, item);
        break;
    case TRAEFIK_ADDS:
        add(reading, item);
        break;
    case TRAEFIK_ALLOWS:
        allow(reading, item, type);
        break;
    case TRAEFIK_CHAINS:
        read_list(reading, item, "chain.middlewares");
        break;
    case TRAEFIK_PASSES:
        claims_remark(reading->claims, "the middleware %s (%s) is not supported", item->name, type);
        break;
    default:
        refuse(reading, CLAIMS_DENIED_STATUS,
               "the middleware %s (%s) is not supported, and nothing is served without it",
               item->name, type);
    }
}

/* One has one type; of several Traefik refuses all. */
static void read_one(struct reading *reading, const struct traefik_item *item)
{
    struct view rest = view_str(item->options[0].word);
    struct view type = view_cut(&rest, '.');
    char word[32];
    snprintf(word, sizeof(word), "%.*s", (int)type.len, type.ptr);
    for (size_t i = 1; i < item->count; i++) {
        rest = view_str(item->options[i].word);
        if (!view_eq(view_cut(&rest, '.'), type))
            refuse(reading, CLAIMS_DENIED_STATUS, "the middleware %s is of two types", item->name);
    }
    follow(reading, item, traefik_words_effect(type), word);
}

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
        refuse(reading, ERROR_STATUS, "it has more than %u middlewares", MIDDLEWARES_MAX);
    else if (!entry)
        refuse(reading, ERROR_STATUS, "no label of a container defines the middleware %.*s", shown,
               name.ptr);
    else if (entry->is_disputed)
        refuse(reading, ERROR_STATUS, "containers define the middleware %.*s differently", shown,
               name.ptr);
    else
        read_one(reading, entry->item);
}

static void read_list(struct reading *reading, const struct traefik_item *item, const char *word)
{
    struct view names[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, word, names);
    if (++reading->depth > CHAIN_DEPTH_MAX || count == TRAEFIK_LIST_MAX)
        refuse(reading, ERROR_STATUS, "its chains of middlewares are too long");
    for (size_t i = 0; i < count && reading->out->refused_status == 0; i++)
        read_named(reading, names[i]);
    reading->depth--;
}

void traefik_treatment_read(const struct traefik_catalog *catalog,
                            const struct traefik_item *router, struct claims *claims,
                            struct traefik_treatment *out)
{
    struct reading reading = {.catalog = catalog, .claims = claims, .out = out};
    *out = (struct traefik_treatment){.add = {"", 0}};
    read_list(&reading, router, "middlewares");
}
