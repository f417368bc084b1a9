#include "lb/admin/paths.h"

#include "lb/admin/admin_access.h"

/* ---- paths ----------------------------------------------------------------------------------- */

static int digit_of(char c)
{
    c = view_lower_char(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes (RFC 3986 § 2.1). Fails: false, for a broken escape, for NUL and for nothing. */
static bool decode(struct view part, struct text *out)
{
    text_clear(out);
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == '%') {
            bool is_whole = i + 2 < part.len;
            int high = is_whole ? digit_of(part.ptr[i + 1]) : -1;
            int low = is_whole ? digit_of(part.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return false;
        text_append_char(out, c);
    }
    return out->len > 0;
}

static bool matches(const char *pattern, struct view path, struct text *name)
{
    struct view rest = view_str(pattern);
    while (rest.ptr && path.ptr) {
        struct view wanted = view_cut(&rest, '/'), part = view_cut(&path, '/');
        bool is_any = view_eq(wanted, VIEW("*"));
        if (is_any ? !decode(part, name) : !view_eq(wanted, part))
            return false;
    }
    return !rest.ptr && !path.ptr;
}

struct view paths_query(const struct request *request, struct view key)
{
    struct view rest = request->query;
    while (rest.ptr) {
        struct view value = view_cut(&rest, '&');
        struct view name = view_cut(&value, '=');
        if (view_eq(name, key))
            return value;
    }
    return view_of(NULL, 0);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void refuse_path(const struct path *table, struct admin_answer *answer)
{
    struct text list = TEXT_INIT;
    for (const struct path *row = table; row->method; row++)
        text_appendf(&list, "%s%s %s", list.len > 0 ? ", " : "", row->method, row->pattern);
    admin_refuse(answer, 404, "not_found", "There is no such page. There is: %s.", text_str(&list));
    text_fini(&list);
}

static void refuse_method(const char *allowed, struct admin_answer *answer)
{
    const char *list = strcmp(allowed, "GET") == 0 ? "GET, HEAD" : allowed;
    text_appendf(&answer->fields, "Allow: %s\r\n", list);
    admin_refuse(answer, 405, "method_not_allowed", "This page answers to %s.", list);
}

static void refuse_access(enum admin_access access, struct admin_answer *answer)
{
    switch (access) {
    case ADMIN_ACCESS_NO_TOKEN:
        text_append_str(&answer->fields, "WWW-Authenticate: Bearer realm=\"lb admin\"\r\n");
        admin_refuse(answer, 401, "no_token",
                     "Send the token of --admin-token-file: Authorization: Bearer TOKEN.");
        break;
    case ADMIN_ACCESS_FOREIGN_ORIGIN:
        admin_refuse(answer, 403, "foreign_origin",
                     "A page of another site may neither give orders to lb nor read what it says.");
        break;
    case ADMIN_ACCESS_FOREIGN_HOST:
        admin_refuse(answer, 403, "foreign_host",
                     "Without a token, orders are taken only under an IP address or localhost: "
                     "use that as the host, or start lb with --admin-token-file.");
        break;
    case ADMIN_ACCESS_FOREIGN_PAGE:
        admin_refuse(answer, 403, "foreign_host",
                     "Without a token this is told only under an IP address, localhost, a name "
                     "without a dot, or that of --admin-host: use one of them as the host.");
        break;
    case ADMIN_ACCESS_NO_ORDERS:
        admin_refuse(answer, 403, "no_orders",
                     "With --admin-open read orders are taken only from lb's own machine or "
                     "container: docker exec lb lb ctl …, or start lb with --admin-token-file.");
        break;
    case ADMIN_ACCESS_PROXIED:
        admin_refuse(answer, 403, "through_a_proxy",
                     "This came through a proxy (Via, Forwarded, X-Forwarded-*, X-Real-IP), and "
                     "lb's admin pages are not for its clients. Where a proxy of yours stands in "
                     "front of them on purpose, start lb with --admin-behind-proxy on.");
        break;
    case ADMIN_ACCESS_OK:
        break;
    }
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static const struct path *find_row(const struct path *table, struct view path, struct view method,
                                   struct text *name, const char **allowed)
{
    if (view_eq(method, VIEW("HEAD")))
        method = VIEW("GET");
    for (const struct path *row = table; row->method; row++) {
        if (!matches(row->pattern, path, name))
            continue;
        if (view_eq(method, view_str(row->method)))
            return row;
        *allowed = row->method;
    }
    return NULL;
}

void paths_respond(const struct path *table, const struct admin_rules *rules, void *owner,
                   const struct head *head, struct admin_answer *answer)
{
    struct request request = {.head = head, .query = head->path};
    struct view path = view_cut(&request.query, '?');
    const char *allowed = NULL;
    const struct path *row = find_row(table, path, head->method, &request.name, &allowed);
    enum admin_demand demand = ADMIN_DEMAND_READ;
    if (row && strcmp(row->method, "GET") != 0)
        demand = ADMIN_DEMAND_CHANGE;
    else if (row && row->kind != PATH_GUARDED)
        demand = row->kind == PATH_EMPTY ? ADMIN_DEMAND_NOTHING : ADMIN_DEMAND_HEALTH;
    enum admin_access access = admin_access_check(head, rules, demand);
    if (access != ADMIN_ACCESS_OK)
        refuse_access(access, answer);
    else if (row)
        row->handle(owner, &request, answer);
    else if (allowed)
        refuse_method(allowed, answer);
    else
        refuse_path(table, answer);
    text_fini(&request.name);
}
