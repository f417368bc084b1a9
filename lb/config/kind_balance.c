/* How services are balanced, as lb/contract/balance_rule.c has it for labels too. */
#include "lb/contract/balance_rule.h"

#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return balance_rule_parse(text, field) ||
           config_value_refuse(setting, text, "is no way to balance", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    (void)setting;
    balance_rule_format(field, out);
}

#define BLANK    CONFIG_SHAPE_BLANK
#define STICKY   "[Ss][Tt][Ii][Cc][Kk][Yy]"
#define IN_TURN  "[Rr][Oo][Uu][Nn][Dd]-[Rr][Oo][Bb][Ii][Nn]"
#define BY_LOAD  "[Ll][Ee][Aa][Ss][Tt]-[Rr][Ee][Qq][Uu][Ee][Ss][Tt][Ss]"
#define HASH     "[Hh][Aa][Ss][Hh]"
#define CLIENT   "[Cc][Ll][Ii][Ee][Nn][Tt]"
#define PATH     "[Pp][Aa][Tt][Hh]"
#define HEADER   "[Hh][Ee][Aa][Dd][Ee][Rr]"
#define COOKIE   "[Cc][Oo][Oo][Kk][Ii][Ee]"
#define HASH_KEY "(" CLIENT "|" PATH "|(" HEADER "|" COOKIE ")" BLANK "+" CONFIG_SHAPE_NAME ")"
#define WAY      "(" IN_TURN "|" BY_LOAD "|" HASH BLANK "+" HASH_KEY ")"

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return config_shape_fixed("^" BLANK "*(" STICKY "|(" STICKY BLANK "+)?" WAY ")" BLANK "*$");
}

const struct config_kind kind_balance = {
    .bytes = sizeof(struct balance_rule),
    .parse = parse,
    .format = format,
    .accepted = BALANCE_RULE_ACCEPTED,
    .schema = schema,
    .json_type = "a string",
};
