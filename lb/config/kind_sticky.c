/* The cookie of sticky services, as lb/contract/sticky_rule.c has it for labels too. */
#include "lb/contract/sticky_rule.h"

#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return sticky_rule_parse(text, field) ||
           config_value_refuse(setting, text, "is not what a cookie can have", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    (void)setting;
    sticky_rule_format(field, out);
}

#define BLANK  CONFIG_SHAPE_BLANK
#define NAME   "[Nn][Aa][Mm][Ee]=" CONFIG_SHAPE_NAME
#define SECURE "[Ss][Ee][Cc][Uu][Rr][Ee]"
#define SITES  "([Ll][Aa][Xx]|[Ss][Tt][Rr][Ii][Cc][Tt]|[Nn][Oo][Nn][Ee])"
#define SITE   "[Ss][Aa][Mm][Ee][Ss][Ii][Tt][Ee]=" SITES
#define AGE    "[Mm][Aa][Xx]-[Aa][Gg][Ee]=[0-9]+([Mm]?[Ss]|[Mm]|[Hh])"
#define DOMAIN "[Dd][Oo][Mm][Aa][Ii][Nn]=[A-Za-z0-9.-]{1,255}"
#define PATH   "[Pp][Aa][Tt][Hh]=/[!-:<-~]{0,254}"
#define WORD   "(" NAME "|" SECURE "|" SITE "|" AGE "|" DOMAIN "|" PATH ")"

/* That none comes twice it leaves to parse(). */
static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return config_shape_fixed("^" BLANK "*" WORD "(" BLANK "+" WORD ")*" BLANK "*$");
}

const struct config_kind kind_sticky = {
    .bytes = sizeof(struct sticky_rule),
    .parse = parse,
    .format = format,
    .is_given = config_value_is_written,
    .accepted = STICKY_RULE_ACCEPTED,
    .schema = schema,
    .json_type = "a string",
};
