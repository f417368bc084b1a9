#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_name.h"
#include "lb/config/config_value.h"

#define MIN_BYTES 16
#define MAX_BYTES 256

/* The characters of a token in the field Authorization (RFC 6750 § 2.1). */
static const char *check(struct view text)
{
    if (text.len < MIN_BYTES)
        return "is shorter than 16 characters";
    if (text.len > MAX_BYTES)
        return "is longer than 256 characters";
    for (size_t i = 0; i < text.len; i++)
        if (!config_name_has_char(text.ptr[i]) && !memchr("~+/=", text.ptr[i], 4))
            return "has a character that is not allowed";
    return NULL;
}

/* What is refused is not repeated in the message. */
static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    const char *wrong = check(text);
    if (wrong)
        return config_value_refuse(setting, VIEW("the token"), wrong, problem);
    config_string_replace(field, text);
    return true;
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return config_shape_fixed("^[A-Za-z0-9._~+/=-]{16,256}$");
}

const struct config_kind kind_secret = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "16 to 256 letters, digits or any of -._~+/=",
    .schema = schema,
    .json_type = "a string",
    .is_secret = true,
};
