#include "lb/run/admin_access.h"

#include "lb/base/address.h"

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

enum admin_access admin_access_check(const struct head *head, const char *secret, bool changes)
{
    if (!has_token(head, secret))
        return ADMIN_ACCESS_NO_TOKEN;
    if (changes && has_foreign_origin(head))
        return ADMIN_ACCESS_FOREIGN_ORIGIN;
    if (changes && !secret && !is_own_host(host_of(head)))
        return ADMIN_ACCESS_FOREIGN_HOST;
    return ADMIN_ACCESS_OK;
}
