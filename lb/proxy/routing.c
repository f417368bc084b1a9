#include "lb/proxy/routing.h"

#include "lb/contract/url_path.h"
#include "lb/proxy/client_address.h"
#include "lb/proxy/filtering.h"
#include "lb/proxy/retargeting.h"
#include "lb/proxy/sharing.h"

/* Longer paths are looked at in a block. */
#define PATH_ROOM_BYTES 1024u

/* ---- the question ---------------------------------------------------------------------------- */

/* A field of a head that is written: the message. */
static struct view next_field(const void *message, struct view name, unsigned *seen)
{
    struct view rest = *(const struct view *)message;
    view_cut(&rest, '\n'); /* the request line */
    for (unsigned i = 0; rest.ptr; i++) {
        struct view value = view_cut(&rest, '\n');
        if (i < *seen)
            continue;
        *seen = i + 1;
        if (!view_eq_nocase(view_cut(&value, ':'), name) || !value.ptr)
            continue;
        if (value.len > 0 && value.ptr[value.len - 1] == '\r')
            value.len--;
        return view_trim(value);
    }
    return view_of(NULL, 0);
}

static void find_client(const void *asker, struct address *room)
{
    client_address_find(asker, room);
}

/* A request on its way through the table. */
struct asking {
    struct exchange *exchange;
    const struct routes *routes;
    struct view path, query; /* as they came; the query with its "?", or empty */
    enum url_path_change change;
    struct question question;
    struct view head;
};

static void split_target(struct asking *asking)
{
    struct view target = asking->exchange->forwarded.target;
    ptrdiff_t at = view_find(target, '?');
    size_t len = at < 0 ? target.len : (size_t)at;
    asking->path = view_of(target.ptr, len);
    asking->query = view_skip(target, len);
}

/* All but the host and the path. */
static void pose(struct asking *asking)
{
    const struct exchange *exchange = asking->exchange;
    struct question *question = &asking->question;
    asking->head = block_view(exchange->asked ? exchange->asked : exchange->outgoing.head);
    question->method = exchange->forwarded.method;
    question->scheme = exchange->forwarded.scheme;
    question->query = view_skip(asking->query, asking->query.len > 0);
    question->client = exchange->front->peer.is_trusted ? NULL : &exchange->front->peer.address;
    question->find_client = find_client;
    question->asker = exchange;
    question->next_field = next_field;
    question->message = &asking->head;
    question->scratch = exchange->env->scratch;
}

/* ---- what is done to the request -------------------------------------------------------------- */

static enum err err_of_answer(unsigned status)
{
    if (status == 403)
        return ERR_FORBIDDEN;
    return status == 404 ? ERR_NO_ROUTE : ERR_NO_ENDPOINT;
}

static enum err find_target(struct asking *asking, uint32_t number,
                            const struct routes_target **target)
{
    const struct routes *routes = asking->routes;
    struct exchange *exchange = asking->exchange;
    if (routes->table->rules[number]->route.share_count > 0)
        return sharing_choose(exchange, routes, number, target);
    *target = &routes->targets[routes->table->service_of[number]];
    return ERR_OK;
}

static enum err apply(struct asking *asking, uint32_t number, const struct routes_target **target)
    __attribute__((noinline)); /* most rules are plain, and so are paths */

static enum err apply(struct asking *asking, uint32_t number, const struct routes_target **target)
{
    struct exchange *exchange = asking->exchange;
    const struct rule *rule = asking->routes->table->rules[number];
    const struct retargeting retargeting = {.path = asking->question.path,
                                            .query = asking->query,
                                            .is_moved = asking->change == URL_PATH_MOVED};
    if (rule->route.answer_status > 0)
        return err_of_answer(rule->route.answer_status);
    enum err err = rule->treatment ? filtering_admit(exchange, rule->treatment) : ERR_OK;
    if (!err && asking->path.ptr[0] == '/')
        err = retargeting_apply(exchange, rule, &retargeting);
    if (!err && rule->treatment)
        filtering_edit_request(exchange);
    return err ? err : find_target(asking, number, target);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void note_rule(struct exchange *exchange, const struct rule *rule)
{
    exchange->rule = rule;
    exchange->rule_kept = table_use_again(exchange->env->table_use);
}

/* Nor does it go by a lesser route, which may be another's. */
static enum err refuse_in_doubt(const struct exchange *exchange) __attribute__((cold, noinline));

static enum err refuse_in_doubt(const struct exchange *exchange)
{
    if (exchange->env->on_doubt)
        exchange->env->on_doubt(exchange->rule->name);
    return ERR_IN_DOUBT;
}

/* No route is for it. */
static enum err decide_otherwise(const struct asking *asking, const struct routes_target **target)
{
    const struct routes *routes = asking->routes;
    if (routes->unrouted)
        return routes->unrouted;
    if (route_table_knows(routes->table, &asking->question))
        return ERR_NO_ROUTE;
    enum err err = routing_admit(asking->exchange);
    if (!err)
        *target = &routes->otherwise;
    return err;
}

static uint32_t find_rule(struct asking *asking)
{
    const struct exchange *exchange = asking->exchange;
    struct view authority =
        exchange_is(exchange, EXCHANGE_NAMES_NO_HOST) ? VIEW("") : exchange->forwarded.host;
    return table_use_find(exchange->env->table_use, authority, &asking->question);
}

static enum err decide(struct asking *asking, const struct routes_target **target)
{
    const struct routes *routes = asking->routes;
    struct exchange *exchange = asking->exchange;
    uint32_t number = find_rule(asking);
    if (number == ROUTE_TABLE_NONE)
        return decide_otherwise(asking, target);
    const struct rule *rule = routes->table->rules[number];
    note_rule(exchange, rule);
    if (route_table_is_in_doubt(routes->table, &asking->question, number))
        return refuse_in_doubt(exchange);
    enum err err = exchange->env->tls_server ? securing_admit(exchange, rule->treatment) : ERR_OK;
    if (err)
        return err;
    if (!rule->is_plain || asking->change == URL_PATH_MOVED)
        return apply(asking, number, target);
    *target = &routes->targets[routes->table->service_of[number]];
    return ERR_OK;
}

/* `room` has as many bytes as the path. */
static enum err decide_by_path(struct asking *asking, char *room,
                               const struct routes_target **target)
{
    asking->change = url_path_normalise(asking->path, room, &asking->question.path);
    return asking->change == URL_PATH_REFUSED ? ERR_TARGET : decide(asking, target);
}

static enum err decide_by_odd_path(struct asking *asking, const struct routes_target **target)
    __attribute__((noinline)); /* nearly no path is */

static enum err decide_by_odd_path(struct asking *asking, const struct routes_target **target)
{
    char room[PATH_ROOM_BYTES];
    if (asking->path.len <= sizeof(room))
        return decide_by_path(asking, room, target);
    struct block_pool *blocks = &asking->exchange->env->loop->blocks;
    struct block *block = block_take(blocks, asking->path.len);
    enum err err = decide_by_path(asking, block->bytes, target);
    block_give(blocks, block);
    return err;
}

enum err routing_by_table(struct exchange *exchange, const struct routes_target **target)
{
    struct asking asking;
    asking.exchange = exchange;
    asking.routes = &exchange->env->pool->routes;
    split_target(&asking);
    pose(&asking);
    if (url_path_is_odd(asking.path))
        return decide_by_odd_path(&asking, target);
    asking.change = URL_PATH_SAME;
    asking.question.path = asking.path;
    return decide(&asking, target);
}

/* The head is again as it was before a route had something done to its path. */
static void forget_route(struct exchange *exchange)
{
    filtering_forget(exchange);
    table_use_end(exchange->rule_kept);
    exchange->rule_kept = NULL;
    exchange->rule = NULL;
    sharing_forget(exchange);
}

enum err routing_late(void *exchange, const struct routes_target **target)
{
    forget_route(exchange);
    return routing_find(exchange, target);
}

/* By which rule it would go now. NULL: by none, or it is not known. */
static const struct rule *look(struct exchange *exchange, const struct routes *routes)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    struct asking asking = {.exchange = exchange, .routes = routes};
    uint32_t number = ROUTE_TABLE_NONE;
    split_target(&asking);
    pose(&asking);
    struct block *room = block_take(blocks, asking.path.len);
    if (url_path_normalise(asking.path, room->bytes, &asking.question.path) != URL_PATH_REFUSED)
        number = find_rule(&asking);
    bool is_known = number != ROUTE_TABLE_NONE &&
                    !route_table_is_in_doubt(routes->table, &asking.question, number);
    block_give(blocks, room);
    return is_known ? routes->table->rules[number] : NULL;
}

bool routing_is_moot(void *owner)
{
    struct exchange *exchange = owner;
    const struct routes *routes = &exchange->env->pool->routes;
    if (!exchange->rule || !routes->table)
        return exchange->rule || routes->table;
    return exchange->rule_kept->table != routes->table && look(exchange, routes) != exchange->rule;
}
