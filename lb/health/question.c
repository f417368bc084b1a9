#include "lb/health/question.h"

#include <arpa/inet.h>

#include "lb/contract/passage_option.h"
#include "lb/http/head_writer.h"

/* Method, path, host and the given fields, where each "|" may become ": " and CRLF, and what is
 * added. */
#define ROOM_BYTES (CHECK_METHOD_BYTES + 2 * CHECK_STRING_BYTES + 5 * CHECK_STRING_BYTES + 256)

struct check question_check(const struct endpoint *endpoint)
{
    struct check check = endpoint->policy->check;
    check_choice_narrow(&check, endpoint->protocol);
    if (endpoint->check)
        check_merge(&check, endpoint->check);
    return check;
}

static bool is_elsewhere(const struct endpoint *endpoint, const struct check *check)
{
    return check->port > 0 && check->port != address_port(&endpoint->address);
}

bool question_is_by_tls(const struct endpoint *endpoint, const struct check *check,
                        enum check_mode mode)
{
    if (mode == CHECK_HTTPS)
        return true;
    if (!endpoint->is_by_tls || is_elsewhere(endpoint, check))
        return false;
    return mode == CHECK_HTTP || (mode == CHECK_TCP && check->mode != CHECK_TCP);
}

unsigned question_proxy_version(const struct endpoint *endpoint, const struct check *check)
{
    return is_elsewhere(endpoint, check) ? PROXY_VERSION_OFF : endpoint->policy->proxy_version;
}

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

static void put_given(const struct check *check, struct head_writer *writer)
{
    for (struct view rest = view_str(check->header); rest.len > 0;) {
        struct view value = view_cut(&rest, '|');
        struct view name = view_trim(view_cut(&value, ':'));
        head_writer_field(writer, name, view_trim(value));
    }
}

void question_write(const struct check *check, const struct address *target, struct text *out)
{
    char address[ADDRESS_TEXT_BYTES];
    const char *host = check->host[0] ? check->host : address_format(target, address);
    struct head_writer writer = head_writer_in_text(out, ROOM_BYTES);
    head_writer_request_line(&writer, view_str(check->method), VIEW(""), view_str(path_of(check)));
    head_writer_field(&writer, VIEW("Host"), view_str(host));
    if (!has_field(check, VIEW("User-Agent")))
        head_writer_field(&writer, VIEW("User-Agent"), VIEW("lb-health"));
    if (!has_field(check, VIEW("Accept")))
        head_writer_field(&writer, VIEW("Accept"), VIEW("*/*"));
    put_given(check, &writer);
    head_writer_field(&writer, VIEW("Connection"), VIEW("close"));
    head_writer_end_text(&writer, out);
}

void question_describe(const struct check *check, enum check_mode mode, struct text *out)
{
    bool is_http = mode == CHECK_HTTP || mode == CHECK_HTTPS;
    text_append_str(out, is_http ? check->method : check_mode_word(mode));
    if (is_http || check->port > 0)
        text_append_char(out, ' ');
    if (check->port > 0)
        text_appendf(out, ":%u", check->port);
    if (is_http)
        text_appendf(out, "%.60s", path_of(check));
}
