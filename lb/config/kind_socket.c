#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_socket.h"
#include "lb/config/config_string.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, config_socket_check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *path = config_shape_fixed("^/" CONFIG_SHAPE_PRINTABLE "*[^/\\u0000-\\u001f\\u007f]$");
    json_object_set_new(path, "maxLength", json_integer(CONFIG_SOCKET_MAX_LEN));
    return path;
}

const struct config_kind kind_socket = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "the path of a socket, for example /run/lb/handover.sock",
    .schema = schema,
    .json_type = "a string",
};
