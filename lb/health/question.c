#include "lb/health/question.h"

#include <arpa/inet.h>

struct address question_target(const struct check *check, const struct address *address)
{
    struct address target = *address;
    if (check->port > 0 && target.socket.any.sa_family == AF_INET6)
        target.socket.v6.sin6_port = htons((uint16_t)check->port);
    else if (check->port > 0)
        target.socket.v4.sin_port = htons((uint16_t)check->port);
    return target;
}

static const char *path_of(const struct check *check)
{
    return check->path[0] ? check->path : "/";
}

/* Whether the fields that were given have one of that name, which then is not written twice. */
static bool has_field(const struct check *check, struct view name)
{
    for (struct view rest = view_str(check->header); rest.len > 0;) {
        struct view field = view_cut(&rest, '|');
        if (view_eq_nocase(view_trim(view_cut(&field, ':')), name))
            return true;
    }
    return false;
}

static void append_field(struct view name, struct view value, struct text *out)
{
    text_append(out, name);
    text_append_str(out, ": ");
    text_append(out, value);
    text_append_str(out, "\r\n");
}

static void append_given(const struct check *check, struct text *out)
{
    for (struct view rest = view_str(check->header); rest.len > 0;) {
        struct view value = view_cut(&rest, '|');
        struct view name = view_trim(view_cut(&value, ':'));
        append_field(name, view_trim(value), out);
    }
}

void question_write(const struct check *check, const struct address *target, struct text *out)
{
    char address[ADDRESS_TEXT_BYTES];
    const char *host = check->host[0] ? check->host : address_format(target, address);
    text_appendf(out, "%s %s HTTP/1.1\r\n", check->method, path_of(check));
    append_field(VIEW("Host"), view_str(host), out);
    if (!has_field(check, VIEW("User-Agent")))
        append_field(VIEW("User-Agent"), VIEW("lb-health"), out);
    if (!has_field(check, VIEW("Accept")))
        append_field(VIEW("Accept"), VIEW("*/*"), out);
    append_given(check, out);
    append_field(VIEW("Connection"), VIEW("close"), out);
    text_append_str(out, "\r\n");
}

void question_describe(const struct check *check, struct text *out)
{
    text_appendf(out, "%s ", check->method);
    if (check->port > 0)
        text_appendf(out, ":%u", check->port);
    text_appendf(out, "%.60s", path_of(check));
}
