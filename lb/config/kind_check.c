/* Words of how backends are checked, as lb/contract/check.c has them for labels too. */
#include "lb/contract/check.h"

#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

/* What check_set() calls it: what stands behind "check-". */
static struct view word_of(const struct config_setting *setting)
{
    return view_skip(view_str(setting->word), sizeof("check-") - 1);
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return check_set(field, word_of(setting), text) ||
           config_value_refuse(setting, text, "cannot be used", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    check_format(field, word_of(setting), out);
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, check_accepted(word_of(setting)));
}

static json_t *schema(const struct config_setting *setting)
{
#define CODE  "0*[2-5][0-9]{2}"
#define CODES "[ \\t]*" CODE "(-" CODE ")?[ \\t]*"
#define BYTES "^(?=.{1,255}$)([^\\x00-\\x1f\\x7f\\\\]|\\\\([rnt\\\\]|x[0-9A-Fa-f]{2}))*$"
#define FIELD "[ \\t]*[A-Za-z0-9!#$%&'*+.^_`~-]+[ \\t]*:[^\\x00-\\x1f\\x7f|]*"
    static const struct config_setting time = {.min = 10, .max = 3600000};
    static const struct {
        const char *word, *pattern;
    } others[] = {
        {"mode", "^(auto|off|tcp|http|https|postgres|redis|smtp|udp|dns)$"},
        {"path", "^/[!\"$-~]{0,254}$"},
        {"method", "^[A-Z]{1,15}$"},
        {"status", "^" CODES "(," CODES "){0,7}$"},
        {"text", "^" CONFIG_SHAPE_PRINTABLE "{1,255}$"},
        {"send", BYTES},
        {"expect", BYTES},
        {"host", "^[A-Za-z0-9._~%:\\[\\]!$&'()*+,;=-]{1,255}$"},
        {"header", "^(?=.{1,255}$)" FIELD "([|]" FIELD ")*$"},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (view_eq(word_of(setting), view_str(others[i].word)))
            return config_shape_fixed(others[i].pattern);
    return kind_duration.schema(&time);
}

static json_t *count_schema(const struct config_setting *setting)
{
    static const struct config_setting count = {.min = 1, .max = 100};
    static const struct config_setting port = {.min = 1, .max = UINT16_MAX};
    return kind_count.schema(view_eq(word_of(setting), VIEW("port")) ? &port : &count);
}

const struct config_kind kind_check = {
    .bytes = sizeof(struct check),
    .parse = parse,
    .format = format,
    .is_given = config_value_is_written,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string",
};

const struct config_kind kind_check_count = {
    .bytes = sizeof(struct check),
    .parse = parse,
    .format = format,
    .is_given = config_value_is_written,
    .append_accepted = append_accepted,
    .schema = count_schema,
    .json_type = "a whole number",
    .takes_number = true,
};
