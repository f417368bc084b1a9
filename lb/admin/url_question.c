#include "lb/admin/url_question.h"

#include "lb/admin/paths.h"
#include "lb/base/shown.h"
#include "lb/http/authority.h"
#include "lb/http/chars.h"

/* `url "a b": …` */
static bool refuse(struct text *problem, const char *what, struct view given, const char *fault)
{
    text_appendf(problem, "%s \"", what);
    shown_append(problem, given);
    text_appendf(problem, "\": %s", fault);
    return false;
}

/* ---- the URL ---------------------------------------------------------------------------------- */

/* Leaves what is behind "http://", which may be left out. */
static const char *take_scheme(struct url_question *out, struct view *rest)
{
    out->question.scheme = VIEW("http");
    for (size_t i = 0; i + 2 < rest->len && rest->ptr[i] != '/'; i++) {
        if (memcmp(rest->ptr + i, "://", 3) != 0)
            continue;
        struct view scheme = view_of(rest->ptr, i);
        *rest = view_skip(*rest, i + 3);
        bool is_secure = view_eq_nocase(scheme, VIEW("https"));
        if (is_secure)
            out->question.scheme = VIEW("https");
        return is_secure || view_eq_nocase(scheme, VIEW("http"))
                   ? NULL
                   : "is of another scheme; lb serves http://, https://, tcp:// and udp://";
    }
    return NULL;
}

static const char *take_authority(struct url_question *out, struct view *rest)
{
    size_t len = 0, user = 0;
    for (; len < rest->len && rest->ptr[len] != '/' && rest->ptr[len] != '?'; len++)
        if (rest->ptr[len] == '@')
            user = len + 1;
    out->authority = view_of(rest->ptr + user, len - user);
    *rest = view_skip(*rest, len);
    if (out->authority.len == 0)
        return "has no host; write http://HOST/PATH";
    for (size_t i = 0; i < out->authority.len; i++)
        if ((unsigned char)out->authority.ptr[i] >= 0x80)
            return "has a host that is not ASCII; browsers send such names as A-labels, write "
                   "xn--...";
    return authority_is_valid(out->authority)
               ? NULL
               : "has no valid host; write http://HOST/PATH, an IPv6 address in brackets";
}

static const char *take_target(struct url_question *out, struct view rest)
{
    out->question.query = rest;
    out->path = view_cut(&out->question.query, '?');
    if (!out->question.query.ptr)
        out->question.query = VIEW("");
    if (!chars_are_target(rest))
        return "has a blank or a control character inside; write a blank as %20";
    if (out->path.len == 0)
        out->path = VIEW("/");
    return NULL;
}

static bool take_url(struct url_question *out, struct text *problem)
{
    struct view rest = text_view(&out->url);
    rest = view_cut(&rest, '#'); /* nobody sends what is behind it */
    const char *fault = take_scheme(out, &rest);
    if (!fault)
        fault = take_authority(out, &rest);
    if (!fault)
        fault = take_target(out, rest);
    return !fault || refuse(problem, "url", text_view(&out->url), fault);
}

/* ---- method, headers and client --------------------------------------------------------------- */

static bool is_token(struct view word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!chars_is_token(word.ptr[i]))
            return false;
    return word.len > 0;
}

static bool check_header(struct view header, struct text *problem)
{
    struct view value = header, name = view_cut(&value, ':');
    if (!value.ptr || !is_token(name))
        return refuse(problem, "header", header, "is no header; write 'NAME: VALUE'");
    for (size_t i = 0; i < value.len; i++)
        if (!chars_is_field_value(value.ptr[i]))
            return refuse(problem, "header", header, "has a control character inside");
    return true;
}

/* A field "Host" is the host, as with curl -H. */
static void take_host(struct url_question *out)
{
    for (unsigned i = 0; i < out->header_count; i++) {
        struct view value = text_view(&out->headers[i]);
        if (view_eq_nocase(view_cut(&value, ':'), VIEW("host")))
            out->authority = view_trim(value);
    }
}

static bool take_header(struct url_question *out, struct view value, struct text *problem)
{
    if (out->header_count == URL_QUESTION_HEADER_MAX)
        return refuse(problem, "header", value, "is one too many; give 32 at most");
    struct text *header = &out->headers[out->header_count++];
    paths_decode(value, header);
    return check_header(text_view(header), problem);
}

static bool take_client(struct url_question *out, struct view value, struct text *problem)
{
    struct text client = TEXT_INIT;
    bool is_good =
        paths_decode(value, &client) && address_parse_ip(text_view(&client), 0, &out->client);
    if (is_good)
        out->question.client = &out->client;
    else
        refuse(problem, "client", text_view(&client), "is no IP address");
    text_fini(&client);
    return is_good;
}

static bool take_method(struct url_question *out, struct view value, struct text *problem)
{
    return (paths_decode(value, &out->method) && is_token(text_view(&out->method))) ||
           refuse(problem, "method", text_view(&out->method),
                  "is no method; write for example POST");
}

static bool take_parameter(struct url_question *out, struct view name, struct view value,
                           struct text *problem)
{
    if (view_eq(name, VIEW("url")))
        return paths_decode(value, &out->url) ||
               refuse(problem, "url", value, "is empty, or not percent-encoded as it should be");
    if (view_eq(name, VIEW("method")))
        return take_method(out, value, problem);
    if (view_eq(name, VIEW("header")))
        return take_header(out, value, problem);
    if (view_eq(name, VIEW("client")))
        return take_client(out, value, problem);
    return refuse(problem, "parameter", name, "there is url, method, header and client");
}

/* ---- the whole -------------------------------------------------------------------------------- */

static struct view next_field(const void *message, struct view name, unsigned *seen)
{
    const struct url_question *question = message;
    if (*seen == 0) {
        *seen = 1;
        if (view_eq_nocase(name, VIEW("host")))
            return question->authority;
    }
    while (*seen <= question->header_count) {
        struct view value = text_view(&question->headers[(*seen)++ - 1]);
        struct view other = view_cut(&value, ':');
        if (view_eq_nocase(other, name) && !view_eq_nocase(other, VIEW("host")))
            return view_trim(value);
    }
    return view_of(NULL, 0);
}

static bool pose(struct url_question *out, struct text *problem)
{
    struct question *question = &out->question;
    take_host(out);
    question->host = host_name_of(out->authority, out->host);
    if (question->host.len == 0 || !authority_is_valid(out->authority))
        return refuse(problem, "host", out->authority, "is no host; write HOST or HOST:PORT");
    if (out->method.len == 0)
        text_append_str(&out->method, "GET");
    question->method = text_view(&out->method);
    out->change =
        url_path_normalise(out->path, text_room(&out->normal, out->path.len), &question->path);
    question->next_field = next_field;
    question->message = out;
    return true;
}

bool url_question_read(struct url_question *out, struct view query, struct text *problem)
{
    *out = (struct url_question){.change = URL_PATH_SAME};
    while (query.ptr) {
        struct view value = view_cut(&query, '&'), name = view_cut(&value, '=');
        if (name.len > 0 && !take_parameter(out, name, value, problem))
            return false;
    }
    if (out->url.len == 0)
        return refuse(problem, "url", VIEW(""), "is missing; give /explain?url=http://HOST/PATH");
    return take_url(out, problem) && pose(out, problem);
}

void url_question_fini(struct url_question *question)
{
    text_fini(&question->url);
    text_fini(&question->method);
    for (unsigned i = 0; i < question->header_count; i++)
        text_fini(&question->headers[i]);
    text_fini(&question->normal);
}
