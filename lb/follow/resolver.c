#include "lb/follow/resolver.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/follow/lookup.h"

#define ASKING_MAX   8u /* threads at the same time */
#define RETRY_MIN_MS 1000u
#define RETRY_MAX_MS 30000u /* where no interval says otherwise */
#define NEVER        UINT64_MAX

struct resolver_name {
    struct resolver *resolver;
    char *host;
    uint16_t port;
    char *service; /* NULL: the default one */
    enum protocol protocol;
    struct lookup *lookup;           /* NULL: nobody is asked now */
    struct name_query_answer answer; /* the addresses last known, and the last problem */
    uint64_t problem_since_ns;       /* wall clock; since when each answer has been a problem */
    bool is_literal;
    bool has_answered;
    bool is_failing; /* it has no address, or none that is ready */
    uint64_t asked_ms;
    uint64_t due_ms;
    unsigned retry_ms; /* while it fails; doubled each time */
};

static void look(struct resolver *resolver);

/* ---- names ----------------------------------------------------------------------------------- */

static void name_free(struct resolver_name *name)
{
    if (name->lookup) {
        lookup_abandon(name->lookup);
        name->resolver->asking_count--;
    }
    free(name->host);
    free(name->service);
    free(name);
}

static struct resolver_name *name_new(struct resolver *resolver,
                                      const struct config_backend *backend)
{
    struct resolver_name *name = memory_new(sizeof(*name));
    name->resolver = resolver;
    name->host = memory_copy(backend->host, strlen(backend->host));
    name->port = backend->port;
    name->retry_ms = RETRY_MIN_MS;
    name->is_literal =
        address_parse_ip(view_str(backend->host), backend->port, &name->answer.addresses[0]);
    name->has_answered = name->is_literal;
    name->answer.count = name->is_literal;
    name->due_ms = name->is_literal ? NEVER : 0;
    return name;
}

static void serve(struct resolver_name *name, const struct config_backend *backend)
{
    free(name->service);
    name->service =
        backend->service ? memory_copy(backend->service, strlen(backend->service)) : NULL;
    name->protocol = backend->protocol;
}

static struct resolver_name *take_name(struct resolver *resolver, unsigned count,
                                       const struct config_backend *backend)
{
    for (unsigned i = 0; i < count; i++) {
        struct resolver_name *name = resolver->names[i];
        if (name && name->port == backend->port && strcmp(name->host, backend->host) == 0) {
            resolver->names[i] = NULL;
            return name;
        }
    }
    return name_new(resolver, backend);
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool is_any_known(const struct resolver *resolver)
{
    for (unsigned i = 0; i < resolver->count; i++)
        if (resolver->names[i]->answer.count > 0)
            return true;
    return false;
}

static bool have_all_answered(const struct resolver *resolver)
{
    for (unsigned i = 0; i < resolver->count; i++)
        if (!resolver->names[i]->has_answered)
            return false;
    return true;
}

static void tell(struct resolver *resolver)
{
    bool is_any = is_any_known(resolver), are_all = have_all_answered(resolver);
    if (resolver->is_replacing ? is_any && are_all : is_any || are_all) {
        bool is_replaced = resolver->is_replacing;
        resolver->is_replacing = false;
        resolver->on_change(resolver->owner, is_replaced);
    } else if (resolver->is_replacing && are_all) {
        log_error("no backend has an address: those that were there before stay until one has");
    }
}

static bool has_address(const struct name_query_answer *answer, const struct address *address)
{
    for (unsigned i = 0; i < answer->count; i++)
        if (address_eq(&answer->addresses[i], address))
            return true;
    return false;
}

/* In any order: resolvers turn their answers around. */
static bool has_same(const struct name_query_answer *a, const struct name_query_answer *b)
{
    for (unsigned i = 0; i < a->count; i++)
        if (!has_address(b, &a->addresses[i]))
            return false;
    return a->count == b->count;
}

static void say_addresses(const struct resolver_name *name)
{
    struct text list = TEXT_INIT;
    char address[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < name->answer.count; i++)
        text_appendf(&list, "%s%s", i > 0 ? ", " : "",
                     address_format(&name->answer.addresses[i], address));
    log_info("--backend %s:%u is %s", name->host, name->port, text_str(&list));
    text_fini(&list);
}

/* Once for each problem in a row. */
static void say_problem(const struct resolver_name *name, const char *problem)
{
    if (strcmp(problem, name->answer.problem) != 0)
        log_warn("--backend %s:%u: the host has no address: %s; %s", name->host, name->port,
                 problem,
                 name->answer.count > 0 ? "the last ones stay in use" : "it is asked for again");
}

/* Gives whether anything is another than before. */
static bool take_answer(struct resolver_name *name, const struct name_query_answer *answer)
{
    bool is_other = !name->has_answered;
    name->has_answered = true;
    if (answer->count > 0) {
        bool has_changed = !has_same(answer, &name->answer) || name->answer.problem[0];
        is_other |= has_changed;
        name->answer = *answer;
        if (has_changed)
            say_addresses(name);
        return is_other;
    }
    say_problem(name, answer->problem);
    is_other |= strcmp(answer->problem, name->answer.problem) != 0;
    if (!name->answer.problem[0])
        name->problem_since_ns = clock_wall_ns();
    memcpy(name->answer.problem, answer->problem, sizeof(answer->problem));
    return is_other;
}

static unsigned retry_max_ms(const struct resolver *resolver)
{
    return resolver->interval_ms > 0 ? resolver->interval_ms : RETRY_MAX_MS;
}

static void set_due(struct resolver_name *name)
{
    const struct resolver *resolver = name->resolver;
    uint64_t now_ms = loop_now_ms(resolver->loop);
    bool is_failing = name->is_failing || name->answer.problem[0];
    unsigned max_ms = retry_max_ms(resolver);
    if (!is_failing) {
        name->retry_ms = RETRY_MIN_MS;
        name->due_ms = resolver->interval_ms > 0 ? now_ms + resolver->interval_ms : NEVER;
        return;
    }
    name->due_ms = now_ms + (name->retry_ms < max_ms ? name->retry_ms : max_ms);
    name->retry_ms = name->retry_ms < max_ms / 2 ? name->retry_ms * 2 : max_ms;
}

static void on_answer(void *owner, const struct name_query_answer *answer)
{
    struct resolver_name *name = owner;
    struct resolver *resolver = name->resolver;
    name->lookup = NULL;
    resolver->asking_count--;
    bool is_other = take_answer(name, answer);
    set_due(name);
    if (is_other)
        tell(resolver);
    look(resolver);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void ask(struct resolver_name *name)
{
    struct resolver *resolver = name->resolver;
    name->asked_ms = loop_now_ms(resolver->loop);
    name->due_ms = NEVER;
    resolver->asking_count++;
    name->lookup = lookup_start(&resolver->loop->uv, name->host, name->port, on_answer, name);
}

static void on_uv_due(uv_timer_t *timer)
{
    look(list_entry(timer, struct resolver, timer));
}

/* Asks for what is due, and waits for the next. */
static void look(struct resolver *resolver)
{
    uint64_t now_ms = loop_now_ms(resolver->loop), next_ms = NEVER;
    if (resolver->is_closed)
        return;
    for (unsigned i = 0; i < resolver->count; i++) {
        struct resolver_name *name = resolver->names[i];
        if (name->due_ms <= now_ms && !name->lookup && resolver->asking_count < ASKING_MAX)
            ask(name);
        else if (name->due_ms > now_ms && name->due_ms < next_ms)
            next_ms = name->due_ms;
    }
    if (next_ms == NEVER)
        uv_timer_stop(&resolver->timer);
    else
        uv_timer_start(&resolver->timer, on_uv_due, next_ms - now_ms, 0);
}

void resolver_init(struct resolver *resolver, struct loop *loop,
                   void (*on_change)(void *owner, bool is_replaced), void *owner)
{
    *resolver = (struct resolver){.loop = loop, .on_change = on_change, .owner = owner};
    uv_timer_init(&loop->uv, &resolver->timer);
}

void resolver_follow(struct resolver *resolver, const struct config *config)
{
    unsigned before_count = resolver->count;
    struct resolver_name **names =
        memory_new(config->backend_count * sizeof(struct resolver_name *));
    for (unsigned i = 0; i < config->backend_count; i++) {
        names[i] = take_name(resolver, before_count, &config->backends[i]);
        serve(names[i], &config->backends[i]);
        if (!names[i]->is_literal && !names[i]->lookup)
            names[i]->due_ms = 0;
    }
    for (unsigned i = 0; i < before_count; i++)
        if (resolver->names[i])
            name_free(resolver->names[i]);
    free(resolver->names);
    resolver->names = names;
    resolver->count = config->backend_count;
    resolver->interval_ms = config->resolve_interval_ms;
    resolver->is_replacing = before_count > 0;
    look(resolver);
    tell(resolver);
}

static void describe_name(const struct resolver_name *name, struct backends *backends)
{
    char literal[ADDRESS_TEXT_BYTES];
    struct text text = TEXT_INIT;
    if (name->is_literal)
        text_append_str(&text, address_format(&name->answer.addresses[0], literal));
    else
        text_appendf(&text, "%s:%u", name->host, name->port);
    backends_add_name(backends, text_str(&text), name->answer.problem, name->problem_since_ns);
    backends_serve(backends, name->service, name->protocol);
    text_fini(&text);
}

void resolver_describe(const struct resolver *resolver, struct backends *backends)
{
    backends->is_complete = true;
    for (unsigned i = 0; i < resolver->count; i++) {
        const struct resolver_name *name = resolver->names[i];
        backends->is_complete &= name->answer.count > 0;
        if (name->has_answered)
            describe_name(name, backends);
        for (unsigned j = 0; j < name->answer.count; j++)
            backends_add(backends, &name->answer.addresses[j]);
    }
}

/* One that would be out, were not too many already, counts as out. */
static bool is_any_of(const struct pool_service *service, const struct name_query_answer *answer)
{
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        if (endpoint_is_usable(service->endpoints[i]) && !service->endpoints[i]->is_suspect &&
            has_address(answer, &service->endpoints[i]->address))
            return true;
    return false;
}

/* However the service is served. */
static bool is_any_ready(const struct pool *pool, const struct resolver_name *name,
                         const char *default_service)
{
    struct view service = view_str(name->service ? name->service : default_service);
    for (unsigned kind = 0; kind < SERVICE_KIND_COUNT; kind++)
        if (is_any_of(pool_find_kind(pool, service, (enum service_kind)kind), &name->answer))
            return true;
    return false;
}

void resolver_judge(struct resolver *resolver, const struct pool *pool, const char *service)
{
    bool is_any_due = false;
    for (unsigned i = 0; i < resolver->count; i++) {
        struct resolver_name *name = resolver->names[i];
        bool was_failing = name->is_failing;
        if (name->is_literal || name->answer.count == 0)
            continue;
        name->is_failing = !is_any_ready(pool, name, service);
        if (!name->is_failing || was_failing)
            continue;
        name->retry_ms = RETRY_MIN_MS;
        name->due_ms = name->asked_ms + RETRY_MIN_MS;
        is_any_due = true;
    }
    if (is_any_due)
        look(resolver);
}

void resolver_close(struct resolver *resolver)
{
    if (resolver->is_closed)
        return;
    resolver->is_closed = true;
    for (unsigned i = 0; i < resolver->count; i++)
        name_free(resolver->names[i]);
    resolver->count = 0;
    uv_close((uv_handle_t *)&resolver->timer, NULL);
}

void resolver_fini(struct resolver *resolver)
{
    free(resolver->names);
}
