#include "lb/config/config_endpoint.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

#define PORT_MAX 65535

/* A port alone is one of the default's host: of all addresses, or for those on this machine only.
 */
static struct view default_of(const struct config_setting *setting)
{
    struct view usual =
        setting->group == CONFIG_GROUP_TLS ? VIEW("0.0.0.0:8443") : VIEW("0.0.0.0:8000");
    return setting->default_text ? view_str(setting->default_text) : usual;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct address *address = field;
    struct view host = default_of(setting);
    host = view_cut(&host, ':');
    *address = (struct address){0};
    if (setting->takes_off && view_eq(text, VIEW("off")))
        return true;
    const char *wrong = config_endpoint_parse_listen(text, host, address);
    if (wrong)
        *address = (struct address){0};
    return !wrong || config_value_refuse(setting, text, wrong, problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    char text[ADDRESS_TEXT_BYTES];
    const struct address *address = field;
    (void)setting;
    text_append_str(out,
                    address->socket.any.sa_family != 0 ? address_format(address, text) : "off");
}

/* Any free port is another one each time. */
static bool is_same(const void *one, const void *other)
{
    return address_port(one) != 0 && address_eq(one, other);
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, "IP:PORT, for example ");
    text_append(out, default_of(setting));
    text_append_str(out, setting->takes_off ? ", or off" : "");
}

static json_t *schema(const struct config_setting *setting)
{
    struct text alone = TEXT_INIT;
    json_t *port =
        json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", 0, "maximum", PORT_MAX);
    text_append_str(&alone, "^:?0*");
    config_pattern_append_range(0, PORT_MAX, &alone);
    text_append_char(&alone, '$');
    json_t *choices = json_pack("[o, o, o, o]", config_shape_ipv4_port("^", 0),
                                config_shape_ipv6_port("^", 0), config_shape_of(&alone), port);
    if (setting->takes_off)
        json_array_append_new(choices, json_pack("{s:s}", "const", "off"));
    return json_pack("{s:o}", "anyOf", choices);
}

const struct config_kind kind_listen = {
    .bytes = sizeof(struct address),
    .parse = parse,
    .format = format,
    .is_same = is_same,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string or a port",
    .takes_number = true,
};
