/* A rule of a TCP or a UDP listener, as lb/contract/listener_rule.c has it for labels too. */
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/config/config.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_name.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

#define PORT_MAX 65535

static enum service_kind kind_of(const struct config_setting *setting)
{
    return service_kind_parse(view_str(setting->word));
}

static void fini(void *field)
{
    struct config_listener *listener = field;
    free(listener->text);
    *listener = (struct config_listener){0};
}

/* What is wrong, without what the contract advises to writers of labels. */
static void refuse(const struct config_setting *setting, struct view text, struct text *why,
                   struct text *problem)
{
    char *advice = strchr(why->bytes, ';');
    if (advice)
        *advice = '\0';
    config_value_refuse(setting, text, why->bytes, problem);
}

static bool read(enum service_kind kind, struct view text, struct listener_rule *rule,
                 struct text *why)
{
    if (!listener_rule_parse(text, kind, rule, why))
        return false;
    const char *wrong = rule->service.len > 0 ? config_name_check(rule->service) : NULL;
    if (wrong)
        text_appendf(why, "has a service whose name %s", wrong);
    return !wrong;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct config_listener next = {.text = memory_copy(text.ptr, text.len)};
    struct text why = TEXT_INIT;
    bool is_good = read(kind_of(setting), view_of(next.text, text.len), &next.rule, &why);
    fini(field);
    if (is_good) {
        *(struct config_listener *)field = next;
    } else {
        refuse(setting, text, &why, problem);
        fini(&next);
    }
    text_fini(&why);
    return is_good;
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    (void)setting;
    listener_rule_format(&((const struct config_listener *)field)->rule, out);
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, kind_of(setting) == SERVICE_TCP
                             ? "IP:PORT[/NAME][#ALPN][=SERVICE], for example 0.0.0.0:5432=db"
                             : "IP:PORT[=SERVICE], for example 0.0.0.0:53=dns");
}

#define NAME    "(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*"
#define ALPN    "[!-+.-<>-~-]{1,64}"
#define SERVICE "=[A-Za-z0-9._-]{1,128}"

static json_t *shape_behind(const char *before, bool is_v6, enum service_kind kind)
{
    struct text pattern = TEXT_INIT;
    text_append_str(&pattern, before);
    if (is_v6)
        config_pattern_append_ipv6(&pattern);
    else
        config_pattern_append_ipv4(&pattern);
    text_append_str(&pattern, is_v6 ? "\\]:0*" : ":0*");
    config_pattern_append_range(0, PORT_MAX, &pattern);
    text_append_str(&pattern, kind == SERVICE_TCP ? "((/" NAME ")?(#" ALPN ")?" SERVICE ")?$"
                                                  : "(" SERVICE ")?$");
    return config_shape_of(&pattern);
}

/* A port alone. */
static json_t *shape_of_port(enum service_kind kind)
{
    struct text pattern = TEXT_INIT;
    text_append_str(&pattern, "^:?0*");
    config_pattern_append_range(0, PORT_MAX, &pattern);
    text_append_str(&pattern, kind == SERVICE_TCP ? "((/" NAME ")?(#" ALPN ")?" SERVICE ")?$"
                                                  : "(" SERVICE ")?$");
    return config_shape_of(&pattern);
}

/* No name of a server ends in a number: that is an IP address. */
static json_t *schema(const struct config_setting *setting)
{
    enum service_kind kind = kind_of(setting);
    json_t *port =
        json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", 0, "maximum", PORT_MAX);
    return json_pack("{s:[o, o, o, o], s:o}", "anyOf", shape_behind("^", false, kind),
                     shape_behind("^\\[", true, kind), shape_of_port(kind), port, "not",
                     config_shape_fixed("^[^#]*[/.][0-9]+[#=]"));
}

const struct config_kind kind_listener = {
    .bytes = sizeof(struct config_listener),
    .parse = parse,
    .format = format,
    .fini = fini,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string or a port",
    .takes_number = true,
};
