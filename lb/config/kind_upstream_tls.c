/* Words of how servers by https are spoken to, as lb/contract/service_option.c has them for labels too. */
#include "lb/contract/upstream_tls.h"

#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static const struct {
    const char *word;
    bool (*set)(struct upstream_tls *tls, struct view value);
    size_t offset;
    const char *accepted, *pattern; /* NULL: a name or address */
} rows[] = {
    {"backend-ca", upstream_tls_set_ca, offsetof(struct upstream_tls, ca),
     UPSTREAM_TLS_FILE_ACCEPTED " for example ca.pem",
     "^[^./\\x00- \\x7f,?][^/\\x00- \\x7f,?]{0,254}$"},
    {"backend-name", upstream_tls_set_name, offsetof(struct upstream_tls, name),
     UPSTREAM_TLS_NAME_ACCEPTED " for example app.example.com", NULL},
    {"backend-certificate", upstream_tls_set_certificate,
     offsetof(struct upstream_tls, certificate), UPSTREAM_TLS_FILE_ACCEPTED " for example lb.pem",
     "^[^./\\x00- \\x7f,?][^/\\x00- \\x7f,?]{0,254}$"},
};

static size_t row_of(const struct config_setting *setting)
{
    size_t row = 0;
    while (!view_eq(view_str(setting->word), view_str(rows[row].word)))
        row++;
    return row;
}

static const char *said(const struct config_setting *setting, const void *field)
{
    return (const char *)field + rows[row_of(setting)].offset;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return rows[row_of(setting)].set(field, text) ||
           config_value_refuse(setting, text, "cannot be used", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    text_append_str(out, said(setting, field));
}

static bool is_given(const struct config_setting *setting, const void *field)
{
    return said(setting, field)[0] != '\0';
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, rows[row_of(setting)].accepted);
}

static json_t *shape_of_name(void)
{
    struct text pattern = TEXT_INIT;
    text_append_str(&pattern, "^((?=.{1,255}\\.?$)[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?|");
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, "|\\[");
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, "\\])$");
    return config_shape_of(&pattern);
}

static json_t *schema(const struct config_setting *setting)
{
    const char *pattern = rows[row_of(setting)].pattern;
    return pattern ? config_shape_fixed(pattern) : shape_of_name();
}

const struct config_kind kind_upstream_tls = {
    .bytes = sizeof(struct upstream_tls),
    .parse = parse,
    .format = format,
    .is_given = is_given,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string",
};
