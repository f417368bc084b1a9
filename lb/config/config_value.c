#include "lb/config/config_value.h"

#include <inttypes.h>
#include <limits.h>

#define QUOTED_MAX_BYTES 80
#define NAME_MAX_BYTES   128
#define SECRET_MIN_BYTES 16
#define SECRET_MAX_BYTES 256

/* Largest first: format takes the first that divides. */
static const struct config_unit time_units[] = {
    {VIEW("h"), 3600000}, {VIEW("m"), 60000}, {VIEW("s"), 1000}, {VIEW("ms"), 1}, {{NULL, 0}, 0}};
static const struct config_unit size_units[] = {{VIEW("g"), 1 << 30},
                                                {VIEW("m"), 1 << 20},
                                                {VIEW("k"), 1 << 10},
                                                {VIEW(""), 1},
                                                {{NULL, 0}, 0}};

const struct config_unit *config_value_units(const struct config_setting *setting)
{
    return setting->kind == CONFIG_KIND_DURATION ? time_units : size_units;
}

void config_value_append_quoted(struct view value, struct text *out)
{
    bool is_cut = value.len > QUOTED_MAX_BYTES;
    if (is_cut)
        value.len = QUOTED_MAX_BYTES;
    text_append_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c < 0x20 || c > 0x7E)
            text_appendf(out, "\\x%02x", c);
        else
            text_append_char(out, (char)c);
    }
    text_append_str(out, is_cut ? "…\"" : "\"");
}

static void append_range(const struct config_setting *setting, const char *noun, struct text *out)
{
    text_appendf(out, "give a %s from ", noun);
    config_value_format_number(setting, setting->min, out);
    text_append_str(out, " to ");
    config_value_format_number(setting, setting->max, out);
}

static void append_words(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, "give ");
    for (size_t i = 0; setting->words[i]; i++) {
        if (i > 0)
            text_append_str(out, setting->words[i + 1] ? ", " : " or ");
        text_append_str(out, setting->words[i]);
    }
}

void config_value_append_accepted(const struct config_setting *setting, struct text *out)
{
    switch (setting->kind) {
    case CONFIG_KIND_LISTEN:
        text_append_str(out, "give IP:PORT, for example 0.0.0.0:8000");
        break;
    case CONFIG_KIND_ADMIN:
        text_append_str(out, "give IP:PORT, for example 127.0.0.1:8001, or off");
        break;
    case CONFIG_KIND_DOCKER:
        text_append_str(out, "give unix:///PATH, tcp://HOST:PORT or http://HOST:PORT, "
                             "for example unix:///var/run/docker.sock");
        break;
    case CONFIG_KIND_BACKEND:
        text_append_str(out, "give HOST:PORT, for example 10.0.0.2:8484 or app.internal:8484");
        break;
    case CONFIG_KIND_CIDR:
        text_append_str(out, "give IP/LENGTH or IP, for example 10.0.0.0/8");
        break;
    case CONFIG_KIND_ERROR_PAGE:
        text_append_str(out, "give CODE=FILE with a code from 400 to 599, for example "
                             "503=/etc/lb/503.html");
        break;
    case CONFIG_KIND_COUNT:
        append_range(setting, "number", out);
        break;
    case CONFIG_KIND_DURATION:
        append_range(setting, "time", out);
        text_append_str(out, setting->min == 0 ? " or off, for example 10s" : ", for example 10s");
        break;
    case CONFIG_KIND_SIZE:
        append_range(setting, "size", out);
        text_append_str(out, ", for example 16k");
        break;
    case CONFIG_KIND_WORD:
        append_words(setting, out);
        break;
    case CONFIG_KIND_CHECK:
        text_appendf(out, "give %s", check_accepted(config_table_check_word(setting)));
        break;
    case CONFIG_KIND_NAME:
        text_append_str(out, "give letters, digits, '.', '_' or '-', for example appserver");
        break;
    case CONFIG_KIND_SECRET:
        text_append_str(out, "give 16 to 256 letters, digits or any of -._~+/=");
        break;
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_PATH:
        text_append_str(out, "give a path");
        break;
    case CONFIG_KIND_TEXT:
        append_words(setting, out);
        text_append_str(out, ", or printable text with %{NAME}");
        break;
    case CONFIG_KIND_ACTION:
        text_append_str(out, "give the flag alone");
        break;
    }
}

bool config_value_refuse(const struct config_setting *setting, struct view value, const char *wrong,
                         struct text *problem)
{
    config_value_append_quoted(value, problem);
    text_appendf(problem, " %s; ", wrong);
    config_value_append_accepted(setting, problem);
    return false;
}

/* ---- numbers ----------------------------------------------------------------------------------*/

static size_t count_digits(struct view text)
{
    size_t count = 0;
    while (count < text.len && text.ptr[count] >= '0' && text.ptr[count] <= '9')
        count++;
    return count;
}

/* NULL, or what is wrong. A number too big for 64 bits is UINT64_MAX, which no range includes. */
static const char *parse_scaled(const struct config_setting *setting, struct view text,
                                uint64_t *out)
{
    size_t digits = count_digits(text);
    if (setting->kind == CONFIG_KIND_DURATION && setting->min == 0 && view_eq(text, VIEW("off"))) {
        *out = 0;
        return NULL;
    }
    if (digits == 0)
        return setting->kind == CONFIG_KIND_DURATION ? "is no time" : "is no size";
    struct view name = view_skip(text, digits);
    const struct config_unit *unit = config_value_units(setting);
    while (unit->scale > 0 && !view_eq_nocase(name, unit->name))
        unit++;
    if (unit->scale == 0 && setting->min == 0 && view_eq(text, VIEW("0"))) {
        *out = 0;
        return NULL;
    }
    if (unit->scale == 0 && name.len == 0)
        return "has no unit";
    if (unit->scale == 0)
        return setting->kind == CONFIG_KIND_DURATION ? "has a unit other than ms, s, m, h"
                                                     : "has a unit other than k, m, g";
    uint64_t number;
    if (view_parse_u64(view_of(text.ptr, digits), UINT64_MAX / unit->scale, &number))
        *out = number * unit->scale;
    else
        *out = UINT64_MAX;
    return NULL;
}

static const char *parse_count(struct view text, uint64_t *out)
{
    if (text.len == 0 || count_digits(text) != text.len)
        return "is no whole number";
    if (!view_parse_u64(text, UINT64_MAX, out))
        *out = UINT64_MAX;
    return NULL;
}

static bool parse_word(const struct config_setting *setting, struct view text, uint64_t *out,
                       struct text *problem)
{
    for (size_t i = 0; setting->words[i]; i++) {
        if (view_eq(text, view_str(setting->words[i]))) {
            *out = i;
            return true;
        }
    }
    return config_value_refuse(setting, text, "is not known", problem);
}

bool config_value_parse_number(const struct config_setting *setting, struct view text,
                               uint64_t *out, struct text *problem)
{
    uint64_t value = 0;
    if (setting->kind == CONFIG_KIND_WORD)
        return parse_word(setting, text, out, problem);
    const char *wrong = setting->kind == CONFIG_KIND_COUNT ? parse_count(text, &value)
                                                           : parse_scaled(setting, text, &value);
    if (wrong && strcmp(wrong, "has no unit") == 0) {
        config_value_append_quoted(text, problem);
        text_appendf(problem, " %s; add a unit, for example 10s", wrong);
        return false;
    }
    if (!wrong && value < setting->min)
        wrong = "is too small";
    if (!wrong && value > setting->max)
        wrong = "is too big";
    if (wrong)
        return config_value_refuse(setting, text, wrong, problem);
    *out = value;
    return true;
}

void config_value_format_number(const struct config_setting *setting, uint64_t value,
                                struct text *out)
{
    if (setting->kind == CONFIG_KIND_WORD) {
        text_append_str(out, setting->words[value]);
        return;
    }
    if (setting->kind == CONFIG_KIND_COUNT || value == 0) {
        text_appendf(out, setting->kind == CONFIG_KIND_DURATION ? "%" PRIu64 "s" : "%" PRIu64,
                     value);
        return;
    }
    const struct config_unit *unit = config_value_units(setting);
    while (value % unit->scale != 0)
        unit++;
    text_appendf(out, "%" PRIu64 "%.*s", value / unit->scale, (int)unit->name.len, unit->name.ptr);
}

/* ---- strings ----------------------------------------------------------------------------------*/

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

static const char *check_name(struct view text)
{
    if (text.len > NAME_MAX_BYTES)
        return "is longer than 128 bytes";
    for (size_t i = 0; i < text.len; i++)
        if (!is_name_char(text.ptr[i]))
            return "has a character that is not allowed";
    return NULL;
}

/* The characters of a token in the field Authorization (RFC 6750 § 2.1). */
static const char *check_secret(struct view text)
{
    if (text.len < SECRET_MIN_BYTES)
        return "is shorter than 16 characters";
    if (text.len > SECRET_MAX_BYTES)
        return "is longer than 256 characters";
    for (size_t i = 0; i < text.len; i++)
        if (!is_name_char(text.ptr[i]) && !memchr("~+/=", text.ptr[i], 4))
            return "has a character that is not allowed";
    return NULL;
}

static const char *check_text(struct view text)
{
    if (text.len >= PATH_MAX)
        return "is longer than 4095 bytes";
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return "has a control character";
    return NULL;
}

bool config_value_check_string(const struct config_setting *setting, struct view text,
                               struct text *problem)
{
    const char *wrong = NULL;
    if (setting->kind == CONFIG_KIND_SECRET) {
        wrong = check_secret(text); /* which is not repeated in a message */
        return !wrong || config_value_refuse(setting, VIEW("the token"), wrong, problem);
    }
    if (text.len == 0)
        wrong = "is empty";
    else
        wrong = setting->kind == CONFIG_KIND_NAME ? check_name(text) : check_text(text);
    return !wrong || config_value_refuse(setting, text, wrong, problem);
}
