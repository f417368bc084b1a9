/* A service and its port: NAME=PORT, of a list of them. */
#include "lb/config/config_kind.h"
#include "lb/config/config_name.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"

#define PORT_MAX 65535

static const char *check(struct view text)
{
    struct view port = text, name = view_cut(&port, '=');
    const char *wrong = config_name_check(name);
    uint64_t number;
    if (wrong)
        return "has no name of a service before '='";
    if (!view_parse_u64(port, PORT_MAX, &number) || number == 0 || port.ptr[0] == '0')
        return "has no port from 1 to 65535 behind '='";
    return NULL;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, check(text), field, problem);
}

static void append_one(struct text *out)
{
    text_append_str(out, "[ \\t]*[A-Za-z0-9._-]{1,128}=");
    config_pattern_append_range(1, PORT_MAX, out);
    text_append_str(out, "[ \\t]*");
}

static json_t *schema(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    (void)setting;
    text_append_char(&pattern, '^');
    append_one(&pattern);
    text_append_str(&pattern, "(,");
    append_one(&pattern);
    text_append_str(&pattern, ")*$");
    return config_shape_of(&pattern);
}

const struct config_kind kind_service_port = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "NAME=PORT, for example web=8080",
    .schema = schema,
    .json_type = "a string",
};
