#include "lb/admin/admin_access.h"

#include "lb/base/address.h"
#include "lb/http/chars.h"

struct view admin_access_field(const struct head *head, struct view name)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (view_eq_nocase(head_field_name(head, &head->fields[i]), name))
            return head_field_value(head, &head->fields[i]);
    return view_of(NULL, 0);
}

static bool is_secret(struct view given, struct view secret)
{
    unsigned char differences = given.len != secret.len;
    for (size_t i = 0; i < given.len; i++)
        differences |= (unsigned char)(given.ptr[i] ^ secret.ptr[i % secret.len]);
    return differences == 0;
}

/* Whether the request has the token (RFC 6750 § 2.1: Authorization: Bearer TOKEN), compared in a
 * time that does not tell where it differs. `secret` NULL: none is asked for. */
static bool has_token(const struct head *head, const char *secret)
{
    if (!secret)
        return true;
    struct view value = admin_access_field(head, VIEW("authorization"));
    struct view scheme = view_cut(&value, ' ');
    return view_eq_nocase(scheme, VIEW("bearer")) && is_secret(view_trim(value), view_str(secret));
}

static struct view host_of(const struct head *head)
{
    const struct field *field = head_find(head, FIELD_HOST);
    if (head->authority.len > 0)
        return head->authority;
    return field ? head_field_value(head, field) : view_of(NULL, 0);
}

static struct view without_port(struct view host)
{
    size_t len = host.len;
    while (len > 0 && host.ptr[len - 1] >= '0' && host.ptr[len - 1] <= '9')
        len--;
    return len > 0 && host.ptr[len - 1] == ':' ? view_of(host.ptr, len - 1) : host;
}

/* A name can be made to lead anywhere by who owns it (DNS rebinding); an address cannot. */
static bool is_own_host(struct view host)
{
    struct address ip;
    struct view name = without_port(host);
    return view_eq_nocase(name, VIEW("localhost")) || address_parse_ip(name, 0, &ip);
}

static bool is_own_origin(struct view origin, struct view host)
{
    if (view_starts_with(origin, VIEW("http://")))
        origin = view_skip(origin, 7);
    else if (view_starts_with(origin, VIEW("https://")))
        origin = view_skip(origin, 8);
    else
        return false;
    return view_eq_nocase(origin, host);
}

static bool has_foreign_origin(const struct head *head)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (view_eq_nocase(head_field_name(head, &head->fields[i]), VIEW("origin")) &&
            !is_own_origin(head_field_value(head, &head->fields[i]), host_of(head)))
            return true;
    return false;
}

/* Fetch Metadata: a browser says so for which site it asks. To follow a link is nobody's fetch. */
static bool is_fetched_by_others(const struct head *head, bool changes)
{
    struct view site = admin_access_field(head, VIEW("sec-fetch-site"));
    struct view dest = admin_access_field(head, VIEW("sec-fetch-dest"));
    bool is_link = !changes && view_eq(dest, VIEW("document")) &&
                   view_eq(admin_access_field(head, VIEW("sec-fetch-mode")), VIEW("navigate"));
    return site.len > 0 && !view_eq(site, VIEW("same-origin")) && !view_eq(site, VIEW("none")) &&
           !is_link;
}

static bool is_proxied(const struct head *head)
{
    static const enum field_id signs[] = {FIELD_VIA, FIELD_FORWARDED, FIELD_X_REAL_IP};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (head_find(head, signs[i]))
            return true;
    struct view prefix = VIEW("x-forwarded-");
    for (unsigned i = 0; i < head->field_count; i++) {
        struct view name = head_field_name(head, &head->fields[i]);
        if (name.len > prefix.len && view_eq_nocase(view_of(name.ptr, prefix.len), prefix))
            return true;
    }
    return false;
}

/* A name without a dot is nobody's in DNS: `lb` in a container network, by which Prometheus asks.
 * No Host at all is no browser. */
static bool is_local_name(struct view host)
{
    struct view name = without_port(host);
    for (size_t i = 0; i < name.len; i++)
        if (!chars_is_host(name.ptr[i]) || name.ptr[i] == '.' || name.ptr[i] == '%')
            return false;
    return true;
}

static bool is_named(struct view host, const char *name)
{
    return name && view_eq_nocase(without_port(host), view_str(name));
}

static enum admin_access check_host(struct view host, const struct admin_rules *rules, bool changes)
{
    if (rules->secret || is_own_host(host) || is_named(host, rules->host))
        return ADMIN_ACCESS_OK;
    if (changes)
        return ADMIN_ACCESS_FOREIGN_HOST;
    return is_local_name(host) ? ADMIN_ACCESS_OK : ADMIN_ACCESS_FOREIGN_PAGE;
}

enum admin_access admin_access_check(const struct head *head, const struct admin_rules *rules,
                                     enum admin_demand demand)
{
    bool changes = demand == ADMIN_DEMAND_CHANGE;
    if (demand == ADMIN_DEMAND_HEALTH)
        return ADMIN_ACCESS_OK;
    if (is_proxied(head) && !rules->is_behind_proxy)
        return ADMIN_ACCESS_PROXIED;
    if (demand != ADMIN_DEMAND_NOTHING && !has_token(head, rules->secret))
        return ADMIN_ACCESS_NO_TOKEN;
    if ((changes && has_foreign_origin(head)) || is_fetched_by_others(head, changes))
        return ADMIN_ACCESS_FOREIGN_ORIGIN;
    if (changes && rules->is_read_only && !rules->secret && !rules->is_from_here)
        return ADMIN_ACCESS_NO_ORDERS;
    return check_host(host_of(head), rules, changes);
}
