/* The URL of a Consul agent, as lb-discovery takes it; the word alone is its default. */
#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"

#define HOST_MAX_LEN 253
#define PORT_MAX     65535
#define PATH_MAX_LEN 107 /* of a socket */

static bool take_prefix(struct view *text, struct view prefix)
{
    if (!view_starts_with(*text, prefix))
        return false;
    *text = view_skip(*text, prefix.len);
    return true;
}

static bool is_path(struct view path)
{
    return path.len > 1 && path.len <= PATH_MAX_LEN && path.ptr[0] == '/' &&
           !config_string_check(path);
}

static bool is_made_of(struct view text, size_t min, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = view_lower_char(text.ptr[i]);
        bool is_usual = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_usual && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return text.len >= min && text.len <= HOST_MAX_LEN;
}

/* Cuts the host off; IPv6 stands in brackets. */
static bool take_host(struct view *text)
{
    struct view host = *text;
    if (take_prefix(&host, VIEW("["))) {
        ptrdiff_t end = view_find(host, ']');
        if (end < 0 || !is_made_of(view_of(host.ptr, (size_t)end), 2, ":."))
            return false;
        *text = view_skip(host, (size_t)end + 1);
        return true;
    }
    host.len = 0;
    while (host.len < text->len && !strchr(":/", text->ptr[host.len]))
        host.len++;
    *text = view_skip(*text, host.len);
    return is_made_of(host, 1, "-._");
}

static bool is_agent(struct view text)
{
    static const struct view schemes[] = {VIEW("http://"), VIEW("https://"), VIEW("consul://"),
                                          VIEW("consul-tls://")};
    bool has_scheme = false;
    uint64_t port;
    if (take_prefix(&text, VIEW("unix://")) || take_prefix(&text, VIEW("consul-unix://")))
        return is_path(text);
    for (size_t i = 0; !has_scheme && i < sizeof(schemes) / sizeof(schemes[0]); i++)
        has_scheme = take_prefix(&text, schemes[i]);
    if (!take_host(&text))
        return false;
    if (text.len > 0 && text.ptr[text.len - 1] == '/')
        text.len--;
    if (!take_prefix(&text, VIEW(":")))
        return text.len == 0;
    return text.len <= 5 && text.len > 0 && text.ptr[0] != '0' &&
           view_parse_u64(text, PORT_MAX, &port);
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    bool is_good = !text.ptr || is_agent(text);
    return config_string_take(setting, text.ptr ? text : VIEW(""),
                              is_good ? NULL : "is no address of a Consul agent", field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    struct text place = TEXT_INIT;
    (void)setting;
    text_append_str(&place, "^((consul|consul-tls|http|https)://)?"
                            "([A-Za-z0-9._-]{1,253}|\\[[A-Za-z0-9:.]{2,253}\\])(:");
    config_pattern_append_range(1, PORT_MAX, &place);
    text_append_str(&place, ")?/?$");
    return json_pack("{s:[{s:b}, o, o]}", "anyOf", "const", 1, config_shape_of(&place),
                     config_shape_fixed("^(consul-)?unix:///[^\\u0000-\\u001f\\u007f]{1,106}$"));
}

const struct config_kind kind_agent = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "http://HOST:PORT, https://HOST:PORT, consul://HOST:PORT, "
                "consul-tls://HOST:PORT, unix:///PATH or HOST:PORT, "
                "for example consul://127.0.0.1:8500",
    .schema = schema,
    .json_type = "true or a string",
};
