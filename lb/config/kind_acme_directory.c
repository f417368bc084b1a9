/* Where an ACME server says what it can. */
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/contract/acme_url.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    bool is_http = view_starts_with(text, VIEW("http://"));
    const char *wrong = is_http ? "is no URL that can be trusted, as http is for this machine alone"
                                : "is neither a URL of https nor production or staging";
    return config_string_take(setting, text, acme_url_is_directory(text) ? NULL : wrong, field,
                              problem);
}

static json_t *schema(const struct config_setting *setting)
{
#define PLAIN "[!#-\\[\\]-~]" /* printable, but '"' and '\\' */
#define HOST  "[!#-.0-?A-\\[\\]-~]{1,511}"
    (void)setting;
    json_t *shape = config_shape_fixed(
        "^(production|staging|https://" HOST "(/" PLAIN "*)?|"
        "http://"
        "([Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]|\\[::1\\]|127(\\.[0-9]{1,3}){3})(:[0-9]*)?(/" PLAIN
        "*)?)$");
    json_object_set_new(shape, "maxLength", json_integer(ACME_URL_DIRECTORY_BYTES - 1));
    return shape;
}

const struct config_kind kind_acme_directory = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "production or staging, which are Let's Encrypt's, or a URL, for example "
                "https://ca.internal/directory",
    .schema = schema,
    .json_type = "a string",
};
