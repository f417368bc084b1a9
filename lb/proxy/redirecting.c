#include "lb/proxy/redirecting.h"

#include "lb/http/field_line.h"
#include "lb/proxy/telling.h"
#include "lb/route/relocation.h"

/* lb's own word, or that of a trusted proxy: its first, as that is what the client came by. */
static struct view scheme_of(const struct exchange *exchange)
{
    struct view lines = field_line_first(block_view(exchange->outgoing.head)), said = VIEW("");
    field_line_next(&lines, VIEW("X-Forwarded-Proto"), &said);
    said = view_trim(view_cut(&said, ','));
    bool is_secure = view_eq_nocase(said, VIEW("https")) || view_eq_nocase(said, VIEW("wss"));
    return is_secure ? VIEW("https") : VIEW("http");
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
    return err_of_status(redirect_status_for(status, exchange->forwarded.method));
}

enum err redirecting_find(struct exchange *exchange, const struct treatment_redirect *redirect)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    const struct relocation of = {.scheme = scheme_of(exchange),
                                  .host = exchange->forwarded.host,
                                  .target = exchange->forwarded.target,
                                  .scratch = exchange->env->scratch};
    struct block *room = block_take(blocks, relocation_bound(&of));
    struct view location = VIEW("");
    enum relocation_way way = relocation_find(redirect, &of, room->bytes, &location);
    enum err err = err_of_way(exchange, way, redirect->to.status, location);
    block_give(blocks, room);
    return err;
}
