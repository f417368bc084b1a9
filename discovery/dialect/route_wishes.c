#include "discovery/dialect/route_wishes.h"

#include "discovery/clean.h"
#include "lb/base/edits.h"

#define NEAR_EDITS_SHORT 1 /* in words of up to five letters, where two leave little */
#define NEAR_EDITS_LONG  2
#define SHORT_BYTES      5
#define TINY_BYTES       4 /* one letter off is another word: mtls, tls */

static const bool is_comfort[ROUTE_OPTION_COUNT] = {
    [ROUTE_OPTION_AUTH_REALM] = true,       [ROUTE_OPTION_AUTH_KEEP] = true,
    [ROUTE_OPTION_RESPONSE_TIMEOUT] = true, [ROUTE_OPTION_BODY_TIMEOUT] = true,
    [ROUTE_OPTION_STREAM_TIMEOUT] = true,   [ROUTE_OPTION_RETRIES] = true,
    [ROUTE_OPTION_ACCESS_LOG] = true,       [ROUTE_OPTION_ERROR_PAGES] = true,
    [ROUTE_OPTION_MIRROR] = true,           [ROUTE_OPTION_HTTPS_STATUS] = true,
    [ROUTE_OPTION_HTTPS_PORT] = true,       [ROUTE_OPTION_HSTS] = true,
};

/* A variable of a compose file that is not set leaves nothing of them, and would let everybody in. */
bool route_wishes_keeps_out(enum route_option_kind kind)
{
    return kind == ROUTE_OPTION_ALLOW || kind == ROUTE_OPTION_AUTH ||
           kind == ROUTE_OPTION_AUTH_FILE || kind == ROUTE_OPTION_CLIENT_CERTIFICATE;
}

static bool is_given(const struct route_wishes *wishes, enum route_option_kind kind)
{
    struct view value = wishes->values[kind];
    return value.len > 0 || (value.ptr && route_wishes_keeps_out(kind));
}

bool route_wishes_is_needed(enum route_option_kind kind)
{
    return !is_comfort[kind];
}

enum route_option_kind route_wishes_first(const struct route_wishes *wishes)
{
    unsigned first = ROUTE_OPTION_COUNT;
    for (unsigned kind = ROUTE_OPTION_COUNT; kind-- > 0;)
        if (is_given(wishes, (enum route_option_kind)kind) &&
            (first == ROUTE_OPTION_COUNT || !is_comfort[kind] || is_comfort[first]))
            first = kind;
    return (enum route_option_kind)first;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static void complain(struct claims *claims, struct route *route, const char *prefix,
                     const struct route_option *option, const char *problem)
{
    struct text sentence = TEXT_INIT;
    text_appendf(&sentence, "%s%s", prefix, problem);
    if (is_comfort[option->kind])
        claims_remark(claims, "%s; its route goes without", text_str(&sentence));
    else
        claims_hold(claims, route, text_str(&sentence), "its route");
    text_fini(&sentence);
}

/* False: it cannot be followed, and that is told. */
static bool check(struct claims *claims, struct route *route, const char *prefix,
                  const struct route_option *option)
{
    struct text problem = TEXT_INIT;
    bool is_good = clean_is_clean(option->value, option->value.len);
    if (is_good)
        is_good = route_option_check(option, &problem);
    else
        text_appendf(&problem, "%s has a character inside that cannot be seen",
                     route_option_word(option->kind));
    if (!is_good)
        complain(claims, route, prefix, option, text_str(&problem));
    text_fini(&problem);
    return is_good;
}

void route_wishes_take(const struct route_wishes *wishes, const char *prefix, struct claims *claims,
                       struct route *route)
{
    struct route_option options[ROUTE_OPTION_COUNT];
    unsigned count = 0;
    for (unsigned kind = 0; kind < ROUTE_OPTION_COUNT && !route->yields; kind++) {
        struct route_option option = {(enum route_option_kind)kind, wishes->values[kind]};
        if (is_given(wishes, option.kind) && check(claims, route, prefix, &option))
            options[count++] = option;
    }
    if (count == 0 || route->answer_status > 0)
        return;
    struct route_option *kept = claims_room(claims, count * sizeof(kept[0]));
    for (unsigned i = 0; i < count; i++)
        kept[i] = (struct route_option){options[i].kind, claims_keep(claims, options[i].value)};
    route->options = kept;
    route->option_count = count;
}

/* ---- words that are none -------------------------------------------------------------------- */

/* As other programs call it. */
static const struct {
    const char *word;
    enum route_option_kind kind;
} synonyms[] = {
    {"whitelist", ROUTE_OPTION_ALLOW},
    {"blacklist", ROUTE_OPTION_DENY},
    {"allowlist", ROUTE_OPTION_ALLOW},
    {"denylist", ROUTE_OPTION_DENY},
    {"allowed", ROUTE_OPTION_ALLOW},
    {"denied", ROUTE_OPTION_DENY},
    {"block", ROUTE_OPTION_DENY},
    {"htpasswd", ROUTE_OPTION_AUTH},
    {"basicauth", ROUTE_OPTION_AUTH},
    {"password", ROUTE_OPTION_AUTH},
    {"ratelimit", ROUTE_OPTION_RATE},
    {"throttle", ROUTE_OPTION_RATE},
    {"mtls", ROUTE_OPTION_CLIENT_CERTIFICATE},
    {"client-cert", ROUTE_OPTION_CLIENT_CERTIFICATE},
    {"client-auth", ROUTE_OPTION_CLIENT_CERTIFICATE},
    {"verify-client", ROUTE_OPTION_CLIENT_CERTIFICATE},
    {"body-limit", ROUTE_OPTION_MAX_BODY},
    {"rewrite", ROUTE_OPTION_REPLACE_PATH},
};

static bool is_border(struct view word, size_t at)
{
    return at == word.len || word.ptr[at] == '-' || word.ptr[at] == '_' || word.ptr[at] == '.';
}

/* Whether `part` stands in it, between dashes: rate in rate-limit. */
static bool has_part(struct view word, struct view part)
{
    for (size_t at = 0; at + part.len <= word.len; at++)
        if ((at == 0 || is_border(word, at - 1)) && is_border(word, at + part.len) &&
            view_starts_with(view_skip(word, at), part))
            return true;
    return false;
}

/* Two neighbours in each other's place: atuh. */
static bool is_swapped(struct view word, struct view known)
{
    size_t at = 0;
    if (word.len != known.len)
        return false;
    while (at < word.len && word.ptr[at] == known.ptr[at])
        at++;
    return at + 1 < word.len && word.ptr[at] == known.ptr[at + 1] &&
           word.ptr[at + 1] == known.ptr[at] &&
           view_eq(view_skip(word, at + 2), view_skip(known, at + 2));
}

static bool is_near(struct view word, struct view known)
{
    size_t allowed = known.len > SHORT_BYTES ? NEAR_EDITS_LONG : NEAR_EDITS_SHORT;
    return word.len <= known.len + NEAR_EDITS_LONG &&
           (edits_between(word, known) <= allowed || is_swapped(word, known));
}

typedef bool resemble(struct view word, struct view known);

static enum route_option_kind find(struct view word, resemble *resembles, bool among_comforts)
{
    unsigned kind = 0;
    while (kind < ROUTE_OPTION_COUNT &&
           (is_comfort[kind] != among_comforts ||
            !resembles(word, view_str(route_option_word((enum route_option_kind)kind)))))
        kind++;
    return (enum route_option_kind)kind;
}

enum route_option_kind route_wishes_guess_near(struct view word)
{
    return find(word, is_near, false);
}

static enum route_option_kind find_synonym(struct view word)
{
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        struct view known = view_str(synonyms[i].word);
        if ((known.len > TINY_BYTES && is_near(word, known)) || has_part(word, known))
            return synonyms[i].kind;
    }
    return ROUTE_OPTION_COUNT;
}

enum route_option_kind route_wishes_guess(struct view word)
{
    enum route_option_kind kind = route_wishes_guess_near(word);
    if (service_option_parse(word) < SERVICE_OPTION_COUNT)
        return ROUTE_OPTION_COUNT;
    if (kind < ROUTE_OPTION_COUNT || find(word, is_near, true) < ROUTE_OPTION_COUNT)
        return kind;
    kind = find(word, has_part, false);
    return kind < ROUTE_OPTION_COUNT ? kind : find_synonym(word);
}
