#include "lb/proxy/routing.h"

#include "lb/contract/url_path.h"
#include "lb/http/retarget.h"
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
    asking->head = block_view(exchange->outgoing.head);
    question->method = exchange->forwarded.method;
    question->query = view_skip(asking->query, asking->query.len > 0);
    question->client = &exchange->front->peer.address;
    question->next_field = next_field;
    question->message = &asking->head;
    question->scratch = exchange->env->scratch;
}

/* ---- what is done to the path ----------------------------------------------------------------- */

static void replace_head(struct exchange *exchange, const struct retarget *retarget)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    struct block *head = block_take(blocks, retarget_bound(retarget));
    retarget_write(retarget, head);
    exchange->asked = exchange->outgoing.head;
    exchange->outgoing.head = head;
}

/* A regex may not take the slash, and then nobody would answer. */
static bool is_for_slash(const struct asking *asking, const struct rule *rule, struct view rest)
{
    struct view method = asking->question.method;
    return rest.len == 0 && rule->strip.ptr[rule->strip.len - 1] != '/' &&
           rule->path_class != RULE_PATH_EXACT && rule->path_class != RULE_PATH_REGEX &&
           (view_eq(method, VIEW("GET")) || view_eq(method, VIEW("HEAD")));
}

/* Where what is cut ends within a segment, as with /app of /app../x, the rest may be one that leads up. */
static bool leads_up(struct view rest)
{
    return view_starts_with(rest, VIEW("..")) && (rest.len == 2 || strchr("/;%", rest.ptr[2]));
}

/* `path` is the normalised one, escaped, where it differs in more than its spelling, or is cut. */
static enum err edit(struct asking *asking, const struct rule *rule, struct view path)
{
    struct view rest = path;
    bool is_cut = rule->strip.len > 0 && view_starts_with(path, rule->strip);
    if (is_cut)
        rest = view_skip(path, rule->strip.len);
    if (is_cut && is_for_slash(asking, rule, rest))
        return ERR_SLASH;
    if (leads_up(rest))
        return ERR_TARGET;
    bool has_slash = rest.len > 0 && rest.ptr[0] == '/';
    bool ends_in_slash = rule->add.len > 0 && rule->add.ptr[rule->add.len - 1] == '/';
    if (has_slash && ends_in_slash)
        rest = view_skip(rest, 1);
    const struct retarget retarget = {
        .head = asking->head,
        .target = asking->exchange->forwarded.target,
        .path = {rule->add, has_slash || ends_in_slash ? VIEW("") : VIEW("/"), rest},
        .query = asking->query,
        .prefix = is_cut ? rule->strip : VIEW("")};
    replace_head(asking->exchange, &retarget);
    return ERR_OK;
}

/* The paths of rules are compared as they are normalised; sent they are as they may be sent. */
static enum err edit_escaped(struct asking *asking, const struct rule *rule)
{
    struct block_pool *blocks = &asking->exchange->env->loop->blocks;
    struct rule escaped = *rule;
    struct view normal = asking->question.path;
    struct block *room =
        block_take(blocks, url_path_escape_bound(normal) + url_path_escape_bound(rule->strip) +
                               url_path_escape_bound(rule->add));
    char *strip = url_path_escape(normal, room->bytes);
    char *add = url_path_escape(rule->strip, strip);
    char *end = url_path_escape(rule->add, add);
    struct view path = view_of(room->bytes, (size_t)(strip - room->bytes));
    escaped.strip = view_of(strip, (size_t)(add - strip));
    escaped.add = view_of(add, (size_t)(end - add));
    enum err err = edit(asking, &escaped, path);
    block_give(blocks, room);
    return err;
}

static enum err err_of_answer(unsigned status)
{
    if (status == 403)
        return ERR_FORBIDDEN;
    return status == 404 ? ERR_NO_ROUTE : ERR_NO_ENDPOINT;
}

static bool changes_path(const struct asking *asking, const struct rule *rule)
{
    return asking->path.ptr[0] == '/' &&
           (rule->strip.len > 0 || rule->add.len > 0 || asking->change == URL_PATH_MOVED);
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
    const struct rule *rule = asking->routes->table->rules[number];
    if (rule->route.answer_status > 0)
        return err_of_answer(rule->route.answer_status);
    enum err err = changes_path(asking, rule) ? edit_escaped(asking, rule) : ERR_OK;
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
    *target = &routes->otherwise;
    return ERR_OK;
}

static enum err decide(struct asking *asking, const struct routes_target **target)
{
    const struct routes *routes = asking->routes;
    struct exchange *exchange = asking->exchange;
    struct view authority =
        exchange_is(exchange, EXCHANGE_NAMES_NO_HOST) ? VIEW("") : exchange->forwarded.host;
    uint32_t number = table_use_find(exchange->env->table_use, authority, &asking->question);
    if (number == ROUTE_TABLE_NONE)
        return decide_otherwise(asking, target);
    const struct rule *rule = routes->table->rules[number];
    note_rule(exchange, rule);
    if (route_table_is_in_doubt(routes->table, &asking->question, number))
        return refuse_in_doubt(exchange);
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
    if (exchange->asked) {
        block_give(&exchange->env->loop->blocks, exchange->outgoing.head);
        exchange->outgoing.head = exchange->asked;
        exchange->asked = NULL;
    }
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

void routing_append_location(const struct exchange *exchange, struct text *out)
{
    struct view target = exchange->forwarded.target;
    ptrdiff_t at = view_find(target, '?');
    struct view path = view_of(target.ptr, at < 0 ? target.len : (size_t)at);
    while (path.len > 0 && (path.ptr[0] == '/' || path.ptr[0] == '\\')) /* browsers: the same */
        path = view_skip(path, 1);
    text_append_char(out, '/'); /* two would name another host */
    text_append(out, path);
    text_append_char(out, '/');
    text_append(out, at < 0 ? VIEW("") : view_skip(target, (size_t)at));
}
