#include "lb/route/treatment.h"

#include <stdalign.h>

#include "lb/base/hash.h"
#include "lb/contract/auth.h"
#include "lb/contract/header_edit.h"
#include "lb/contract/path_swap.h"
#include "lb/contract/ranges.h"
#include "lb/contract/size.h"
#include "lb/contract/url_path.h"

/* One on its way to be compiled. */
struct making {
    const struct compiling *compiling;
    struct treatment *out;
};

/* Gives whether it could be; only one regex too many keeps it from being. */
typedef bool take_option(struct view value, struct making *making);

/* ---- ranges ---------------------------------------------------------------------------------- */

static struct treatment_ranges ranges_of(struct view value, struct arena *arena)
{
    struct text ignored = TEXT_INIT;
    unsigned count = ranges_count(value, &ignored);
    struct cidr *cidrs = arena_new(arena, count * sizeof(*cidrs));
    struct view fault;
    text_fini(&ignored);
    for (unsigned i = 0; i < count; i++)
        ranges_next(&value, &cidrs[i], &fault);
    return (struct treatment_ranges){cidrs, count};
}

static bool take_allow(struct view value, struct making *making)
{
    making->out->allow = ranges_of(value, making->compiling->arena);
    return true;
}

static bool take_deny(struct view value, struct making *making)
{
    making->out->deny = ranges_of(value, making->compiling->arena);
    return true;
}

static bool are_in(const struct treatment_ranges *ranges, const struct address *client)
{
    for (unsigned i = 0; i < ranges->count; i++)
        if (cidr_contains(&ranges->cidrs[i], client))
            return true;
    return false;
}

bool treatment_admits(const struct treatment *treatment, const struct address *client)
{
    if (are_in(&treatment->deny, client))
        return false;
    return treatment->allow.count == 0 || are_in(&treatment->allow, client);
}

/* ---- who may come in --------------------------------------------------------------------------- */

/* The words around it ask for nothing by themselves. */
static const struct treatment_auth *make_auth(const struct route *route, struct arena *arena)
{
    const struct route_option *options = route->options;
    struct view users = route_option_find(options, route->option_count, ROUTE_OPTION_AUTH);
    struct view files = route_option_find(options, route->option_count, ROUTE_OPTION_AUTH_FILE);
    struct view realm = route_option_find(options, route->option_count, ROUTE_OPTION_AUTH_REALM);
    struct text ignored = TEXT_INIT;
    if (!users.ptr && !files.ptr)
        return NULL;
    struct treatment_auth *auth = arena_new(arena, sizeof(*auth));
    if (users.ptr)
        htpasswd_parse(&auth->users, users, ',', arena, &ignored);
    auth->files = files;
    auth->realm = realm.ptr ? realm : VIEW(AUTH_USUAL_REALM);
    auth->header = route_option_find(options, route->option_count, ROUTE_OPTION_AUTH_HEADER);
    auth->keeps =
        auth_keeps(route_option_find(options, route->option_count, ROUTE_OPTION_AUTH_KEEP));
    text_fini(&ignored);
    return auth;
}

/* ---- rates ----------------------------------------------------------------------------------- */

static bool take_rate(struct view value, struct making *making)
{
    struct text likeness = TEXT_INIT, ignored = TEXT_INIT;
    rate_parse(value, &making->out->rate, &ignored);
    route_append_likeness(making->out->route, &likeness);
    making->out->rate_number = hash_view(HASH_INIT, text_view(&likeness));
    text_fini(&likeness);
    text_fini(&ignored);
    return true;
}

/* ---- redirects and paths --------------------------------------------------------------------- */

static bool take_pattern(struct view regex, const struct compiling *compiling,
                         const struct pattern **out)
{
    *out = regex.len > 0
               ? regexes_get_capturing(compiling->regexes, compiling->regexes_before, regex)
               : NULL;
    return *out || regex.len == 0;
}

static bool take_redirect(struct view value, struct making *making)
{
    struct treatment_redirect *redirect = arena_new(making->compiling->arena, sizeof(*redirect));
    struct text ignored = TEXT_INIT;
    redirect_parse(value, &redirect->to, &ignored);
    text_fini(&ignored);
    making->out->redirect = redirect;
    return take_pattern(redirect->to.regex, making->compiling, &redirect->pattern);
}

static bool take_swap(struct view value, struct making *making)
{
    struct treatment_swap *swap = arena_new(making->compiling->arena, sizeof(*swap));
    struct text normal = TEXT_INIT;
    struct path_swap from;
    struct text ignored = TEXT_INIT;
    path_swap_parse(value, &from, &ignored);
    if (from.path.len > 0)
        url_path_parse(from.path, &normal, &ignored);
    swap->path = arena_copy(making->compiling->arena, text_view(&normal));
    text_fini(&ignored);
    swap->regex = from.regex;
    swap->replacement = from.replacement;
    text_fini(&normal);
    making->out->swap = swap;
    return take_pattern(from.regex, making->compiling, &swap->pattern);
}

/* ---- edits of heads -------------------------------------------------------------------------- */

/* Lines of fields before the one that goes. */
static void drop_lines(struct text *lines, struct view name)
{
    struct text kept = TEXT_INIT;
    struct view rest = text_view(lines);
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n'), value = line;
        if (!view_eq_nocase(view_cut(&value, ':'), name)) {
            text_append(&kept, line);
            text_append_char(&kept, '\n');
        }
    }
    text_clear(lines);
    text_append(lines, text_view(&kept));
    text_fini(&kept);
}

static void append_line(const struct header_edit *edit, struct text *lines)
{
    text_append(lines, edit->name);
    text_append_str(lines, ": ");
    text_append(lines, edit->value);
    text_append_str(lines, "\r\n");
}

static struct treatment_edits edits_of(struct view value, struct arena *arena)
{
    struct view *cut_names = arena_new(arena, HEADER_EDITS_MAX * sizeof(*cut_names));
    struct treatment_edits edits = {.are_given = true, .cut_names = cut_names};
    struct text lines = TEXT_INIT;
    struct header_edit edit;
    while (header_edit_next(&value, &edit)) {
        if (edit.kind != HEADER_EDIT_ADD) {
            drop_lines(&lines, edit.name);
            cut_names[edits.cut_count++] = edit.name;
        }
        if (edit.kind != HEADER_EDIT_REMOVE)
            append_line(&edit, &lines);
    }
    edits.lines = arena_copy(arena, text_view(&lines));
    text_fini(&lines);
    return edits;
}

static bool take_request_edits(struct view value, struct making *making)
{
    making->out->request_edits = edits_of(value, making->compiling->arena);
    return true;
}

static bool take_response_edits(struct view value, struct making *making)
{
    making->out->response_edits = edits_of(value, making->compiling->arena);
    return true;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool take_max_body(struct view value, struct making *making)
{
    making->out->has_max_body = size_parse(value, &making->out->max_body_bytes);
    return true;
}

static bool take_wait(enum wait wait, struct view value, struct making *making)
{
    making->out->has_waits = waits_parse(value, &making->out->wait_ms[wait]);
    return true;
}

static bool take_response_wait(struct view value, struct making *making)
{
    return take_wait(WAIT_RESPONSE, value, making);
}

static bool take_body_wait(struct view value, struct making *making)
{
    return take_wait(WAIT_BODY, value, making);
}

static bool take_stream_wait(struct view value, struct making *making)
{
    return take_wait(WAIT_STREAM, value, making);
}

static bool take_error_pages(struct view value, struct making *making)
{
    making->out->error_pages = value;
    return true;
}

static bool take_retries(struct view value, struct making *making)
{
    uint64_t count = 0;
    view_parse_u64(value, ROUTE_OPTION_RETRIES_MAX, &count);
    making->out->retries_max = (unsigned)count;
    return true;
}

static bool take_access_log(struct view value, struct making *making)
{
    making->out->is_unlogged = view_eq(value, VIEW("off"));
    return true;
}

/* ---- https ----------------------------------------------------------------------------------- */

#define TAKE_HTTPS(name, take)                                                                     \
    static bool name(struct view value, struct making *making)                                     \
    {                                                                                              \
        struct text ignored = TEXT_INIT;                                                           \
        take(value, &making->out->https, &ignored);                                                \
        text_fini(&ignored);                                                                       \
        return true;                                                                               \
    }
TAKE_HTTPS(take_https, https_rule_take_method)
TAKE_HTTPS(take_https_status, https_rule_take_status)
TAKE_HTTPS(take_https_port, https_rule_take_port)
TAKE_HTTPS(take_hsts, https_rule_take_hsts)
TAKE_HTTPS(take_certificate, https_rule_take_certificate)
TAKE_HTTPS(take_default_certificate, https_rule_take_default)
TAKE_HTTPS(take_missing_certificate, https_rule_take_missing)
TAKE_HTTPS(take_client_certificate, https_rule_take_client)

/* ---- all of them ----------------------------------------------------------------------------- */

/* Of those that are not here make_auth has the words of a sign-in, and the rule itself has the mirror. */
static take_option *const takers[ROUTE_OPTION_COUNT] = {
    [ROUTE_OPTION_ALLOW] = take_allow,
    [ROUTE_OPTION_DENY] = take_deny,
    [ROUTE_OPTION_RATE] = take_rate,
    [ROUTE_OPTION_REDIRECT] = take_redirect,
    [ROUTE_OPTION_MAX_BODY] = take_max_body,
    [ROUTE_OPTION_REPLACE_PATH] = take_swap,
    [ROUTE_OPTION_REQUEST_HEADERS] = take_request_edits,
    [ROUTE_OPTION_RESPONSE_HEADERS] = take_response_edits,
    [ROUTE_OPTION_RESPONSE_TIMEOUT] = take_response_wait,
    [ROUTE_OPTION_BODY_TIMEOUT] = take_body_wait,
    [ROUTE_OPTION_STREAM_TIMEOUT] = take_stream_wait,
    [ROUTE_OPTION_RETRIES] = take_retries,
    [ROUTE_OPTION_ERROR_PAGES] = take_error_pages,
    [ROUTE_OPTION_ACCESS_LOG] = take_access_log,
    [ROUTE_OPTION_HTTPS] = take_https,
    [ROUTE_OPTION_HTTPS_STATUS] = take_https_status,
    [ROUTE_OPTION_HTTPS_PORT] = take_https_port,
    [ROUTE_OPTION_HSTS] = take_hsts,
    [ROUTE_OPTION_CERTIFICATE] = take_certificate,
    [ROUTE_OPTION_DEFAULT_CERTIFICATE] = take_default_certificate,
    [ROUTE_OPTION_MISSING_CERTIFICATE] = take_missing_certificate,
    [ROUTE_OPTION_CLIENT_CERTIFICATE] = take_client_certificate,
};

bool treatment_compile(const struct route *route, const struct compiling *compiling,
                       const struct treatment **out)
{
    *out = NULL;
    if (route->option_count == 0)
        return true;
    struct making making = {compiling, arena_new(compiling->arena, sizeof(struct treatment))};
    *out = making.out;
    *making.out = (struct treatment){.route = route, .retries_max = WAITS_UNGIVEN};
    for (unsigned i = 0; i < WAIT_COUNT; i++)
        making.out->wait_ms[i] = WAITS_UNGIVEN;
    making.out->auth = make_auth(route, compiling->arena);
    for (unsigned i = 0; i < route->option_count; i++) {
        take_option *take = takers[route->options[i].kind];
        if (take && !take(route->options[i].value, &making))
            return false;
    }
    return true;
}

void treatment_hold_regexes(const struct treatment *treatment, struct regexes *own,
                            const struct regexes *all)
{
    if (!treatment)
        return;
    if (treatment->redirect && treatment->redirect->pattern)
        regexes_get_capturing(own, all, treatment->redirect->to.regex);
    if (treatment->swap && treatment->swap->pattern)
        regexes_get_capturing(own, all, treatment->swap->regex);
}

/* A range of two bytes takes a cidr: "::, ::". */
size_t treatment_bytes(const struct route *route)
{
    const size_t more = alignof(max_align_t);
    size_t bytes = 0;
    if (route->option_count > 0)
        bytes += sizeof(struct treatment) + sizeof(struct treatment_auth) + 2 * more;
    for (unsigned i = 0; i < route->option_count; i++) {
        size_t len = route->options[i].value.len;
        switch (route->options[i].kind) {
        case ROUTE_OPTION_ALLOW:
        case ROUTE_OPTION_DENY:
            bytes += (len / 3 + 1) * sizeof(struct cidr) + more;
            break;
        case ROUTE_OPTION_AUTH:
            bytes += htpasswd_bytes(route->options[i].value, ',');
            break;
        case ROUTE_OPTION_REDIRECT:
            bytes += sizeof(struct treatment_redirect) + more;
            break;
        case ROUTE_OPTION_REPLACE_PATH:
            bytes += sizeof(struct treatment_swap) + 3 * len + 2 * more;
            break;
        case ROUTE_OPTION_REQUEST_HEADERS:
        case ROUTE_OPTION_RESPONSE_HEADERS:
            bytes += HEADER_EDITS_MAX * (sizeof(struct view) + 4) + len + 2 * more;
            break;
        default:
            break;
        }
    }
    return bytes;
}
