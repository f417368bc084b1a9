#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_socket.h"
#include "lb/config/config_string.h"

#define PREFIX     VIEW(CONFIG_SOCKET_PREFIX)
#define PREFIX_LEN (sizeof(CONFIG_SOCKET_PREFIX) - 1)

static const char *check(struct view text)
{
    return view_starts_with(text, PREFIX) ? config_socket_check(view_skip(text, PREFIX_LEN))
                                          : config_string_check(text);
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *socket =
        config_shape_fixed("^unix:/" CONFIG_SHAPE_PRINTABLE "*[^/\\u0000-\\u001f\\u007f]$");
    json_t *path = config_shape_fixed("^(?!unix:)" CONFIG_SHAPE_PRINTABLE "+$");
    json_object_set_new(socket, "maxLength", json_integer(PREFIX_LEN + CONFIG_SOCKET_MAX_LEN));
    json_object_set_new(path, "maxLength", json_integer(CONFIG_STRING_MAX_LEN));
    return json_pack("{s:[o, o]}", "anyOf", socket, path);
}

const struct config_kind kind_program = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "the path of a program, or unix: and that of a socket, for example "
                "unix:/run/lb/line.sock",
    .schema = schema,
    .json_type = "a string",
};
