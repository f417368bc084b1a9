#include <stdlib.h>

#include "lb/config/config_endpoint.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"

/* Removes `scheme` from the front of `*text`. */
static bool take_scheme(struct view *text, struct view scheme)
{
    if (!view_starts_with(*text, scheme))
        return false;
    *text = view_skip(*text, scheme.len);
    return true;
}

static bool is_engine(struct view text)
{
    struct config_backend server = {0};
    bool is_good = false;
    if (take_scheme(&text, VIEW("unix://")))
        is_good = text.len > 1 && text.ptr[0] == '/';
    else if (take_scheme(&text, VIEW("tcp://")) || take_scheme(&text, VIEW("http://")))
        is_good = !config_endpoint_parse_server(text, &server);
    free(server.host);
    return is_good;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    bool is_good = !text.ptr || is_engine(text);
    return config_string_take(setting, text, is_good ? NULL : "is no address of a Docker engine",
                              field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    json_t *choices = config_shape_host_port("^(tcp|http)://");
    (void)setting;
    json_array_insert_new(choices, 0, json_pack("{s:b}", "const", 1));
    json_array_append_new(choices, config_shape_fixed("^unix:///[^\\u0000]"));
    return json_pack("{s:o}", "anyOf", choices);
}

const struct config_kind kind_docker = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .fini = config_string_fini,
    .accepted = "unix:///PATH, tcp://HOST:PORT or http://HOST:PORT, "
                "for example unix:///var/run/docker.sock",
    .schema = schema,
    .json_type = "true or a string",
};
