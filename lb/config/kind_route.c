/* What becomes of requests that no route matches: a word, a status, or the name of a service. */
#include "lb/config/config_kind.h"
#include "lb/config/config_name.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"

static bool is_number(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

static const char *check(struct view text)
{
    bool is_status = view_eq(text, VIEW("404")) || view_eq(text, VIEW("503"));
    if (is_number(text) && !is_status)
        return "is a number, but no status that lb answers so";
    return config_name_check(text);
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *shape = config_shape_fixed("^(404|503|[0-9]*[A-Za-z._-][A-Za-z0-9._-]*)$");
    json_object_set_new(shape, "maxLength", json_integer(CONFIG_NAME_MAX_LEN));
    return shape;
}

const struct config_kind kind_route = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "404, 503, auto or the name of a service: letters, digits, '.', '_' or '-', for "
                "example appserver",
    .schema = schema,
    .json_type = "a string",
};
