#include "lb/proxy/retargeting.h"

#include "lb/contract/url_path.h"
#include "lb/http/retarget.h"
#include "lb/route/swapping.h"

void retargeting_take_head(struct exchange *exchange, struct block *head)
{
    if (exchange->asked)
        block_give(&exchange->env->loop->blocks, exchange->outgoing.head);
    else
        exchange->asked = exchange->outgoing.head;
    exchange->outgoing.head = head;
}

static void replace_head(struct exchange *exchange, const struct retarget *retarget)
{
    struct block *head = block_take(&exchange->env->loop->blocks, retarget_bound(retarget));
    retarget_write(retarget, head);
    retargeting_take_head(exchange, head);
}

/* A regex may not take the slash, and then nobody would answer; nor does a path that is replaced. */
static bool is_for_slash(const struct exchange *exchange, const struct rule *rule, struct view rest)
{
    struct view method = exchange->forwarded.method;
    return rest.len == 0 && rule->strip.ptr[rule->strip.len - 1] != '/' &&
           rule->path_class != RULE_PATH_EXACT && rule->path_class != RULE_PATH_REGEX &&
           !(rule->treatment && rule->treatment->swap) &&
           (view_eq(method, VIEW("GET")) || view_eq(method, VIEW("HEAD")));
}

/* Where what is cut ends within a segment, as with /app of /app../x, the rest may be one that leads up. */
static bool leads_up(struct view rest)
{
    return view_starts_with(rest, VIEW("..")) && (rest.len == 2 || strchr("/;%", rest.ptr[2]));
}

/* All but the head are as they may be sent: the normalised path, escaped, where it differs in more
 * than its spelling, or is cut. */
static enum err edit(struct exchange *exchange, const struct rule *rule,
                     const struct retargeting *retargeting)
{
    struct view rest = retargeting->path;
    bool is_cut = rule->strip.len > 0 && view_starts_with(rest, rule->strip);
    if (is_cut)
        rest = view_skip(rest, rule->strip.len);
    if (is_cut && is_for_slash(exchange, rule, rest))
        return ERR_SLASH;
    if (leads_up(rest))
        return ERR_TARGET;
    bool has_slash = rest.len > 0 && rest.ptr[0] == '/';
    bool ends_in_slash = rule->add.len > 0 && rule->add.ptr[rule->add.len - 1] == '/';
    if (has_slash && ends_in_slash)
        rest = view_skip(rest, 1);
    const struct retarget retarget = {
        .head = block_view(exchange->outgoing.head),
        .target = exchange->forwarded.target,
        .path = {rule->add, has_slash || ends_in_slash ? VIEW("") : VIEW("/"), rest},
        .query = retargeting->query,
        .prefix = is_cut ? rule->strip : VIEW("")};
    replace_head(exchange, &retarget);
    return ERR_OK;
}

/* The paths of rules are compared as they are normalised; sent they are as they may be sent. */
static enum err edit_escaped(struct exchange *exchange, const struct rule *rule,
                             const struct retargeting *retargeting)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    struct retargeting sent = *retargeting;
    struct rule escaped = *rule;
    struct block *room =
        block_take(blocks, url_path_escape_bound(sent.path) + url_path_escape_bound(rule->strip) +
                               url_path_escape_bound(rule->add));
    char *strip = url_path_escape(sent.path, room->bytes);
    char *add = url_path_escape(rule->strip, strip);
    char *end = url_path_escape(rule->add, add);
    sent.path = view_of(room->bytes, (size_t)(strip - room->bytes));
    escaped.strip = view_of(strip, (size_t)(add - strip));
    escaped.add = view_of(add, (size_t)(end - add));
    enum err err = edit(exchange, &escaped, &sent);
    block_give(blocks, room);
    return err;
}

static enum err err_of_swapping(const struct exchange *exchange, enum swapping_way way)
{
    if (way == SWAPPING_IN_DOUBT && exchange->env->on_doubt)
        exchange->env->on_doubt(exchange->rule->name);
    if (way == SWAPPING_IN_DOUBT)
        return ERR_IN_DOUBT;
    return way == SWAPPING_TOO_LONG ? ERR_TARGET_TOO_LONG : ERR_TARGET;
}

static enum err swap_and_edit(struct exchange *exchange, const struct rule *rule,
                              const struct retargeting *retargeting)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    struct block *room = block_take(blocks, SWAPPING_ROOM_BYTES);
    struct retargeting swapped = *retargeting;
    enum swapping_way way = swapping_find(rule->treatment->swap, retargeting->path,
                                          exchange->env->scratch, room->bytes, &swapped.path);
    enum err err = way == SWAPPING_MADE ? edit_escaped(exchange, rule, &swapped)
                                        : err_of_swapping(exchange, way);
    block_give(blocks, room);
    return err;
}

enum err retargeting_apply(struct exchange *exchange, const struct rule *rule,
                           const struct retargeting *retargeting)
{
    if (rule->treatment && rule->treatment->swap)
        return swap_and_edit(exchange, rule, retargeting);
    if (rule->strip.len > 0 || rule->add.len > 0 || retargeting->is_moved)
        return edit_escaped(exchange, rule, retargeting);
    return ERR_OK;
}

void retargeting_append_slash(const struct exchange *exchange, struct text *out)
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
