#include "lb/gelf/gelf_line.h"

#define SECOND_NS        UINT64_C(1000000000)
#define LOGGER_BYTES_MAX 64

/* ---- JSON, as far as it takes to find a few texts ---------------------------------------------- */

static void skip_space(struct view *rest)
{
    while (rest->len > 0 && strchr(" \t\r\n", rest->ptr[0]) && rest->ptr[0] != '\0')
        *rest = view_skip(*rest, 1);
}

static bool take_char(struct view *rest, char c)
{
    skip_space(rest);
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = view_skip(*rest, 1);
    return true;
}

/* A string as it is written, without its quotes. */
static bool take_string(struct view *rest, struct view *out)
{
    if (!take_char(rest, '"'))
        return false;
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->ptr[i] == '\\') {
            i++;
        } else if (rest->ptr[i] == '"') {
            *out = view_of(rest->ptr, i);
            *rest = view_skip(*rest, i + 1);
            return true;
        }
    }
    return false;
}

static void skip_word(struct view *rest)
{
    while (rest->len > 0 && !strchr(",:{}[]\" \t\r\n", rest->ptr[0]))
        *rest = view_skip(*rest, 1);
}

/* An object or an array with all that is in it: brackets are counted, not matched. */
static bool skip_nested(struct view *rest)
{
    size_t depth = 0;
    struct view ignored;
    do {
        skip_space(rest);
        if (rest->len == 0)
            return false;
        char c = rest->ptr[0];
        if (c == '"') {
            if (!take_string(rest, &ignored))
                return false;
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        *rest = view_skip(*rest, 1);
    } while (depth > 0);
    return true;
}

/* `*text`: the value where it is a string, else empty. */
static bool take_value(struct view *rest, struct view *text)
{
    *text = view_of(NULL, 0);
    skip_space(rest);
    if (rest->len == 0)
        return false;
    if (rest->ptr[0] == '"')
        return take_string(rest, text);
    if (rest->ptr[0] == '{' || rest->ptr[0] == '[')
        return skip_nested(rest);
    size_t before = rest->len;
    skip_word(rest);
    return rest->len < before;
}

/* ---- what it says ------------------------------------------------------------------------------ */

static bool take_digits(struct view *rest, size_t count, uint64_t *out)
{
    if (rest->len < count || !view_parse_u64(view_of(rest->ptr, count), UINT64_MAX, out))
        return false;
    *rest = view_skip(*rest, count);
    return true;
}

static bool take_part(struct view *rest, char before, uint64_t min, uint64_t max, uint64_t *out)
{
    return take_char(rest, before) && take_digits(rest, 2, out) && *out >= min && *out <= max;
}

/* Days since 1970 of a day in the Gregorian calendar, years counted from March. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t y = month > 2 ? year : year - 1, m = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* ".123456" as nanoseconds; nothing is 0. */
static bool take_fraction(struct view *rest, uint64_t *nanosecond)
{
    *nanosecond = 0;
    if (rest->len == 0 || rest->ptr[0] != '.')
        return true;
    *rest = view_skip(*rest, 1);
    uint64_t unit = SECOND_NS / 10;
    size_t before = rest->len;
    for (; rest->len > 0 && rest->ptr[0] >= '0' && rest->ptr[0] <= '9'; unit /= 10) {
        *nanosecond += unit * (uint64_t)(rest->ptr[0] - '0');
        *rest = view_skip(*rest, 1);
    }
    return rest->len < before;
}

/* RFC 3339 in UTC, as lb and others write it. 0: it is nothing of the kind. */
static uint64_t read_time(struct view text)
{
    uint64_t year, month, day, hour, minute, second, nanosecond;
    if (!take_digits(&text, 4, &year) || year < 1970 || year > 2500 ||
        !take_part(&text, '-', 1, 12, &month) || !take_part(&text, '-', 1, 31, &day) ||
        !take_part(&text, 'T', 0, 23, &hour) || !take_part(&text, ':', 0, 59, &minute) ||
        !take_part(&text, ':', 0, 60, &second) || !take_fraction(&text, &nanosecond) ||
        !view_eq(text, VIEW("Z")))
        return 0;
    uint64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return seconds * SECOND_NS + nanosecond;
}

static enum gelf_level read_level(struct view word)
{
    static const struct {
        struct view word;
        enum gelf_level level;
    } levels[] = {
        {{"debug", 5}, GELF_LEVEL_DEBUG},       {{"trace", 5}, GELF_LEVEL_DEBUG},
        {{"info", 4}, GELF_LEVEL_INFO},         {{"warn", 4}, GELF_LEVEL_WARNING},
        {{"warning", 7}, GELF_LEVEL_WARNING},   {{"error", 5}, GELF_LEVEL_ERROR},
        {{"critical", 8}, GELF_LEVEL_CRITICAL}, {{"fatal", 5}, GELF_LEVEL_CRITICAL},
    };
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (view_eq_nocase(word, levels[i].word))
            return levels[i].level;
    return GELF_LEVEL_INFO;
}

static void take_level(struct gelf_line *out, struct view text)
{
    out->level = read_level(text);
}

static void take_logger(struct gelf_line *out, struct view text)
{
    if (text.len <= LOGGER_BYTES_MAX && view_find(text, '\\') < 0)
        out->logger = text;
}

static void take_time(struct gelf_line *out, struct view text)
{
    out->wall_ns = read_time(text);
}

struct wanted {
    struct view key;
    void (*take)(struct gelf_line *out, struct view text);
};

static const struct wanted wanted_at_top[] = {
    {{"@timestamp", 10}, take_time},
    {{"log.level", 9}, take_level},
    {{"log.logger", 10}, take_logger},
    {{NULL, 0}, NULL},
};

static const struct wanted wanted_in_log[] = {
    {{"level", 5}, take_level},
    {{"logger", 6}, take_logger},
    {{NULL, 0}, NULL},
};

static void take_text(const struct wanted *wanted, struct view key, struct view text,
                      struct gelf_line *out)
{
    for (; text.len > 0 && wanted->take; wanted++)
        if (view_eq(key, wanted->key))
            wanted->take(out, text);
}

static bool take_object(struct view *rest, const struct wanted *wanted, struct gelf_line *out);

static bool take_member(struct view *rest, const struct wanted *wanted, struct gelf_line *out)
{
    struct view key, text;
    if (!take_string(rest, &key) || !take_char(rest, ':'))
        return false;
    skip_space(rest);
    bool is_log = wanted == wanted_at_top && view_eq(key, VIEW("log"));
    if (is_log && rest->len > 0 && rest->ptr[0] == '{')
        return take_object(rest, wanted_in_log, out);
    if (!take_value(rest, &text))
        return false;
    take_text(wanted, key, text, out);
    return true;
}

static bool take_object(struct view *rest, const struct wanted *wanted, struct gelf_line *out)
{
    if (!take_char(rest, '{'))
        return false;
    if (take_char(rest, '}'))
        return true;
    do {
        if (!take_member(rest, wanted, out))
            return false;
    } while (take_char(rest, ','));
    return take_char(rest, '}');
}

struct gelf_line gelf_line_read(struct view line)
{
    struct gelf_line found = {.level = GELF_LEVEL_INFO};
    bool is_object = take_object(&line, wanted_at_top, &found);
    skip_space(&line);
    if (!is_object || line.len > 0)
        return (struct gelf_line){.level = GELF_LEVEL_INFO};
    return found;
}
