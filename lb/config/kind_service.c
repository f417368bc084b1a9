/* The name of a service, of a list of them. */
#include "lb/config/config_kind.h"
#include "lb/config/config_name.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"

#define NAME  "[A-Za-z0-9._-]{1,128}"
#define BLANK "[ \\t]*"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, config_name_check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return config_shape_fixed("^" BLANK NAME BLANK "(," BLANK NAME BLANK ")*$");
}

const struct config_kind kind_service = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "names of services: letters, digits, '.', '_' or '-', with commas between, "
                "for example web,db",
    .schema = schema,
    .json_type = "a string",
};
