/* An address of mail, as in wishes for certificates. */
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/contract/certificate_wish.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct text ignored = TEXT_INIT;
    bool is_good = certificate_wish_check_email(text, &ignored);
    text_fini(&ignored);
    return config_string_take(setting, text, is_good ? NULL : "is no address of mail", field,
                              problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *shape = config_shape_fixed("^[^@\\s\",\\\\]+@[^@\\s\",\\\\]+$");
    json_object_set_new(shape, "maxLength", json_integer(CERTIFICATE_WISH_EMAIL_BYTES_MAX));
    return shape;
}

const struct config_kind kind_email = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "an address of mail, for example admin@example.com",
    .schema = schema,
    .json_type = "a string",
};
