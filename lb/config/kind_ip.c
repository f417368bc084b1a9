/* The IP address of a host, without a port. */
#include "lb/base/address.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"

static bool is_any(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&address->socket.v6.sin6_addr)
               : address->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static const char *check(struct view text)
{
    struct address address;
    if (text.len == 0 || text.ptr[0] == '[' || !address_parse_ip(text, 0, &address))
        return "is no IP address";
    return is_any(&address) ? "is the address of no host" : NULL;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    (void)setting;
    text_append_str(&pattern, "^(");
    config_pattern_append_ipv4(&pattern);
    text_append_char(&pattern, '|');
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, ")$");
    return config_shape_of(&pattern);
}

const struct config_kind kind_ip = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "an IP address, for example 192.0.2.10",
    .schema = schema,
    .json_type = "a string",
};
