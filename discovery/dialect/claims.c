#include "discovery/dialect/claims.h"

#include <inttypes.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/share_out.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"
#include "lb/contract/route_check.h"

#define REMARKS_SHOWN_MAX 6
#define POOL_HASH_BYTES   17u /* behind the beginning of a name that is too long */

const char *claims_find_protocol(struct view word)
{
    for (unsigned i = 0; i < PROTOCOL_COUNT; i++)
        if (view_eq_nocase(word, view_str(protocol_word((enum protocol)i))))
            return protocol_word((enum protocol)i);
    return NULL;
}

bool claims_is_of_sites(const char *protocol)
{
    return strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0;
}

void claims_fini(struct claims *claims)
{
    for (size_t i = 0; i < claims->block_count; i++)
        free(claims->blocks[i]);
    free(claims->blocks);
    free(claims->routes);
    free(claims->servers);
    free(claims->listeners);
    free(claims->wishes);
    free(claims->certificates);
    text_fini(&claims->remark);
    text_fini(&claims->fault);
    *claims = (struct claims){0};
}

static void *keep_block(struct claims *claims, void *block)
{
    if (claims->block_count == claims->block_capacity) {
        claims->block_capacity = claims->block_capacity * 2 + 16;
        claims->blocks =
            memory_resize(claims->blocks, claims->block_capacity * sizeof(claims->blocks[0]));
    }
    claims->blocks[claims->block_count++] = block;
    return block;
}

struct view claims_keep(struct claims *claims, struct view bytes)
{
    if (bytes.len == 0)
        return view_of("", 0);
    return view_of(keep_block(claims, memory_copy(bytes.ptr, bytes.len)), bytes.len);
}

void *claims_room(struct claims *claims, size_t size)
{
    return keep_block(claims, memory_new(size));
}

void claims_remark(struct claims *claims, const char *format, ...)
{
    struct text sentence = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&sentence, format, args);
    va_end(args);
    if (!strstr(text_str(&claims->remark), text_str(&sentence)) &&
        claims->remark_count++ < REMARKS_SHOWN_MAX) {
        text_append_str(&claims->remark, claims->remark.len > 0 ? "; " : "");
        text_append(&claims->remark, text_view(&sentence));
    }
    text_fini(&sentence);
}

char *claims_take_remark(struct claims *claims)
{
    if (claims->remark_count == 0)
        return NULL;
    if (claims->remark_count > REMARKS_SHOWN_MAX)
        text_appendf(&claims->remark, "; and so on, %zu more",
                     claims->remark_count - REMARKS_SHOWN_MAX);
    claims->remark_count = 0;
    char *remark = clean_copy(text_view(&claims->remark), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&claims->remark);
    return remark;
}

void claims_fail(struct claims *claims, const char *sentence)
{
    if (claims->fault.len == 0)
        text_append_str(&claims->fault, sentence);
}

char *claims_take_fault(struct claims *claims)
{
    if (claims->fault.len == 0)
        return NULL;
    char *fault = clean_copy(text_view(&claims->fault), LIMITS_SENTENCE_BYTES_MAX);
    text_fini(&claims->fault);
    return fault;
}

/* As the name of the service is told with its servers. */
static struct view keep_clean(struct claims *claims, struct view text)
{
    if (clean_is_clean(text, LIMITS_NAME_BYTES_MAX))
        return text;
    return view_str(keep_block(claims, clean_copy(text, LIMITS_NAME_BYTES_MAX)));
}

static void store(struct claims *claims, const struct route *route)
{
    if (claims->route_count == claims->route_capacity) {
        claims->route_capacity = claims->route_capacity * 2 + 4;
        claims->routes =
            memory_resize(claims->routes, claims->route_capacity * sizeof(claims->routes[0]));
    }
    claims->routes[claims->route_count++] = *route;
}

/* False: it is told why not. */
static bool may_be(struct claims *claims, const struct route *route)
{
    struct text problem = TEXT_INIT;
    struct route named = *route;
    if (named.service.len == 0)
        named.service = VIEW("named later");
    bool is_right = route_check(&named, &problem);
    if (!is_right)
        claims_remark(claims, "%.*s: %s", (int)route->label.len, route->label.ptr,
                      text_str(&problem));
    text_fini(&problem);
    return is_right;
}

static bool is_answer(const struct route *route)
{
    return route->answer_status > 0;
}

/* Without an answer its requests would go to a lesser route, past what it keeps out: the latest route
 * that is none makes room for it. False: there is none. */
static bool make_room(struct claims *claims)
{
    size_t at = claims->route_count;
    while (at > 0 && is_answer(&claims->routes[at - 1]))
        at--;
    if (at == 0)
        return false;
    memmove(&claims->routes[at - 1], &claims->routes[at],
            (claims->route_count - at) * sizeof(claims->routes[0]));
    claims->route_count--;
    return true;
}

/* A host costs its owner a few bytes, and each is a route that has all of them. */
static void count_options(struct claims *claims, struct route *route)
{
    size_t bytes = claims->option_bytes;
    for (unsigned i = 0; i < route->option_count; i++)
        bytes += route->options[i].value.len;
    if (bytes > CLAIMS_OPTIONS_BYTES)
        claims_hold(claims, route, "the options of its routes take more than 1 MiB together",
                    "what is beyond");
    else
        claims->option_bytes = bytes;
}

bool claims_add(struct claims *claims, const struct route *route)
{
    struct route clean = *route;
    count_options(claims, &clean);
    claims->has_more = claims->route_count == CLAIMS_ROUTES_MAX;
    if (claims->has_more)
        claims_remark(claims, "it claims more than %u routes", CLAIMS_ROUTES_MAX);
    if (claims->has_more && !is_answer(&clean))
        return false;
    clean.service = keep_clean(claims, clean.service);
    clean.label = keep_clean(claims, clean.label);
    bool is_in = may_be(claims, &clean) && (!claims->has_more || make_room(claims));
    if (is_in)
        store(claims, &clean);
    return is_in;
}

bool claims_are_full(const struct claims *claims)
{
    return claims->has_more;
}

static bool is_same_server(const struct claim_server *a, const struct claim_server *b)
{
    return a->port == b->port && a->is_site == b->is_site && view_eq(a->service, b->service) &&
           strcmp(a->protocol, b->protocol) == 0;
}

void claims_add_server(struct claims *claims, const struct claim_server *server)
{
    for (size_t i = 0; i < claims->server_count; i++)
        if (is_same_server(&claims->servers[i], server))
            return;
    if (claims->server_count == CLAIMS_SERVERS_MAX) {
        claims_remark(claims, "it serves in more than %u services", CLAIMS_SERVERS_MAX);
        return;
    }
    claims->servers =
        memory_resize(claims->servers, (claims->server_count + 1) * sizeof(claims->servers[0]));
    claims->servers[claims->server_count++] = *server;
}

static bool is_same_listener(const struct claim_listener *a, const struct claim_listener *b)
{
    return a->port == b->port && a->rule.port == b->rule.port &&
           view_eq(a->rule.listener, b->rule.listener) &&
           view_eq(a->rule.service, b->rule.service) && listener_rule_is_alike(&a->rule, &b->rule);
}

void claims_add_listener(struct claims *claims, const struct claim_listener *listener)
{
    for (size_t i = 0; i < claims->listener_count; i++)
        if (is_same_listener(&claims->listeners[i], listener))
            return;
    if (claims->listener_count == CLAIMS_LISTENERS_MAX) {
        claims_remark(claims, "it asks for more than %u listeners and names of servers",
                      CLAIMS_LISTENERS_MAX);
        return;
    }
    if (listener->rule.service.len > LISTENER_RULE_NAME_BYTES_MAX) {
        claims_remark(claims, "a service with a listener has a name of at most %u bytes",
                      LISTENER_RULE_NAME_BYTES_MAX);
        return;
    }
    claims->listeners = memory_resize(claims->listeners,
                                      (claims->listener_count + 1) * sizeof(claims->listeners[0]));
    struct claim_listener *kept = &claims->listeners[claims->listener_count++];
    *kept = *listener;
    kept->rule.service = keep_clean(claims, listener->rule.service);
    kept->rule.label = keep_clean(claims, listener->rule.label);
}

void claims_add_certificate(struct claims *claims, const struct certificate_wish *wish)
{
    if (claims->certificate_count == CLAIMS_CERTIFICATES_MAX) {
        claims_remark(claims, "it asks for more than %u certificates", CLAIMS_CERTIFICATES_MAX);
        return;
    }
    claims->certificates = memory_resize(claims->certificates, (claims->certificate_count + 1) *
                                                                   sizeof(claims->certificates[0]));
    claims->certificates[claims->certificate_count] = *wish;
    claims->certificates[claims->certificate_count++].label = keep_clean(claims, wish->label);
}

struct claim_wish *claims_find_wish(struct claims *claims, struct view service)
{
    struct view name = keep_clean(claims, service);
    for (size_t i = 0; i < claims->wish_count; i++)
        if (view_eq(claims->wishes[i].service, name))
            return &claims->wishes[i];
    if (claims->wish_count == CLAIMS_SERVERS_MAX) {
        claims_remark(claims, "it asks something of more than %u services", CLAIMS_SERVERS_MAX);
        return NULL;
    }
    claims->wishes =
        memory_resize(claims->wishes, (claims->wish_count + 1) * sizeof(claims->wishes[0]));
    claims->wishes[claims->wish_count] = (struct claim_wish){.service = name};
    return &claims->wishes[claims->wish_count++];
}

void claims_ask(struct claims *claims, struct claim_wish *wish, enum service_option_kind kind,
                struct view value, const char *prefix)
{
    struct text problem = TEXT_INIT;
    bool is_good = service_option_check(kind, value, &problem);
    if (!is_good && service_option_is_guard(kind)) {
        claims_remark(claims, "%s%s; its servers get no requests by https until that is mended",
                      prefix, text_str(&problem));
        value = VIEW(SERVICE_OPTION_UNUSABLE);
        is_good = true;
    }
    if (!is_good)
        claims_remark(claims, "%s%s; its service goes without", prefix, text_str(&problem));
    else if (wish->options.values[kind].len == 0)
        wish->options.values[kind] = claims_keep(claims, value);
    text_fini(&problem);
}

void claims_mean(struct claims *claims, struct claim_wish *wish, enum service_option_kind kind,
                 struct view value)
{
    if (wish->otherwise.values[kind].len == 0)
        wish->otherwise.values[kind] = claims_keep(claims, value);
}

void claims_weigh(struct claims *claims, struct claim_wish *wish, struct view value,
                  const char *prefix)
{
    uint64_t weight = 0;
    char *shown = clean_copy(value, 64);
    if (!view_parse_u64(value, SHARE_OUT_WEIGHT_MAX, &weight))
        claims_remark(claims, "%sweight \"%s\" is not followed: a number from 0 to %u is accepted",
                      prefix, shown, SHARE_OUT_WEIGHT_MAX);
    else if (!wish->has_weight) {
        wish->has_weight = true;
        wish->weight = (unsigned)weight;
    }
    free(shown);
}

void claims_hold(struct claims *claims, struct route *route, const char *sentence, const char *what)
{
    if (route->why.len == 0)
        route->why = claims_keep(claims, view_str(sentence));
    route->answer_status = CLAIMS_DENIED_STATUS;
    route->service = view_of("", 0);
    route->options = NULL;
    route->option_count = 0;
    claims_remark(claims, "%s; %s is answered by %u until that is mended", sentence, what,
                  CLAIMS_DENIED_STATUS);
}

/* To what may be told; two that begin alike stay two. */
static void shorten(struct text *name)
{
    uint64_t hash = hash_view(HASH_INIT, text_view(name));
    char *beginning = clean_copy(text_view(name), LIMITS_NAME_BYTES_MAX - POOL_HASH_BYTES);
    text_clear(name);
    text_appendf(name, "%s~%016" PRIx64, beginning, hash);
    free(beginning);
}

struct view claims_name_pool(struct claims *claims, struct view host, struct view path)
{
    struct text name = TEXT_INIT;
    text_append(&name, host);
    if (!view_eq(path, VIEW("/")) || host.len == 0)
        text_append(&name, path);
    if (!clean_is_clean(text_view(&name), LIMITS_NAME_BYTES_MAX))
        shorten(&name);
    struct view kept = claims_keep(claims, text_view(&name));
    text_fini(&name);
    return kept;
}

/* A copy of the conditions, with one more behind them. */
static const struct route_condition *with_client(struct claims *claims, const struct route *route,
                                                 struct view range)
{
    size_t count = route->condition_count;
    struct route_condition *all = claims_room(claims, (count + 1) * sizeof(all[0]));
    if (count > 0)
        memcpy(all, route->conditions, count * sizeof(all[0]));
    all[count] = (struct route_condition){.kind = ROUTE_CLIENT, .value = range};
    return all;
}

static struct view name_ranges(struct claims *claims, const struct view *ranges, size_t count)
{
    struct text why = TEXT_INIT;
    text_append_str(&why, "only clients from ");
    for (size_t i = 0; i < count; i++) {
        text_append_str(&why, i == 0 ? "" : ", ");
        text_append(&why, ranges[i]);
    }
    text_append_str(&why, " are let in");
    struct view kept = claims_keep(claims, text_view(&why));
    text_fini(&why);
    return kept;
}

bool claims_add_for_clients(struct claims *claims, const struct route *route,
                            const struct view *ranges, size_t count)
{
    struct route denied = *route;
    bool is_in = true;
    denied.service = view_of("", 0);
    denied.options = NULL;
    denied.option_count = 0;
    denied.answer_status = CLAIMS_FORBIDDEN_STATUS;
    denied.why = name_ranges(claims, ranges, count);
    for (size_t i = 0; i < count && is_in; i++) {
        struct route allowed = *route;
        allowed.conditions = with_client(claims, route, ranges[i]);
        allowed.condition_count++;
        is_in = claims_add(claims, &allowed);
    }
    return claims_add(claims, &denied) && is_in;
}
