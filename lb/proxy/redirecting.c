#include "lb/proxy/redirecting.h"

#include <stdio.h>

#include "lb/proxy/telling.h"
#include "lb/route/relocation.h"

/* lb's own word, or that of a trusted proxy: its first, as that is what the client came by. */
static struct view scheme_of(const struct exchange *exchange)
{
    return condition_is_secure(exchange->forwarded.scheme) ? VIEW("https") : VIEW("http");
}

static enum err err_of_status(unsigned status)
{
    switch (status) {
    case 301:
        return ERR_MOVED;
    case 302:
        return ERR_FOUND;
    case 307:
        return ERR_ELSEWHERE;
    default:
        return ERR_MOVED_FOR_GOOD;
    }
}

static enum err refuse_in_doubt(const struct exchange *exchange)
{
    if (exchange->env->on_doubt)
        exchange->env->on_doubt(exchange->rule->name);
    return ERR_IN_DOUBT;
}

static enum err err_of_way(struct exchange *exchange, enum relocation_way way, unsigned status,
                           struct view location)
{
    switch (way) {
    case RELOCATION_NONE:
        return ERR_OK;
    case RELOCATION_IN_DOUBT:
        return refuse_in_doubt(exchange);
    case RELOCATION_UNSAFE:
        return ERR_TARGET;
    case RELOCATION_TOO_LONG:
        return ERR_TARGET_TOO_LONG;
    case RELOCATION_MADE:
        break;
    }
    telling_add(exchange, VIEW("Location"), location);
    return err_of_status(status);
}

static enum err find(struct exchange *exchange, const struct treatment_redirect *redirect,
                     struct view scheme, unsigned status)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    const struct relocation of = {.scheme = scheme,
                                  .host = exchange->forwarded.host,
                                  .target = exchange->forwarded.target,
                                  .scratch = exchange->env->scratch};
    struct block *room = block_take(blocks, relocation_bound(&of));
    struct view location = VIEW("");
    enum relocation_way way = relocation_find(redirect, &of, room->bytes, &location);
    enum err err = err_of_way(exchange, way, status, location);
    block_give(blocks, room);
    return err;
}

enum err redirecting_find(struct exchange *exchange, const struct treatment_redirect *redirect)
{
    return find(exchange, redirect, scheme_of(exchange),
                redirect_status_for(redirect->to.status, exchange->forwarded.method));
}

enum err redirecting_to_https(struct exchange *exchange, const struct https_rule *rule)
{
    char port[8];
    struct treatment_redirect redirect = {.to = {.scheme = VIEW("https")}};
    snprintf(port, sizeof(port), "%u", rule->port);
    if (rule->port != 0 && rule->port != HTTPS_RULE_USUAL_PORT)
        redirect.to.port = view_str(port);
    return find(exchange, &redirect, VIEW("http"),
                https_rule_status(rule, exchange->forwarded.method));
}
