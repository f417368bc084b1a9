#include "lb/contract/check.h"

#include <inttypes.h>

#include "lb/contract/escaped.h"

#define HOUR_MS 3600000u

static const char *const mode_words[CHECK_MODE_COUNT] = {
    [CHECK_AUTO] = "auto",   [CHECK_OFF] = "off",     [CHECK_TCP] = "tcp",
    [CHECK_HTTP] = "http",   [CHECK_HTTPS] = "https", [CHECK_POSTGRES] = "postgres",
    [CHECK_REDIS] = "redis", [CHECK_SMTP] = "smtp",   [CHECK_UDP] = "udp",
    [CHECK_DNS] = "dns"};

const char *check_mode_word(enum check_mode mode)
{
    return mode_words[mode];
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool set_mode(struct check *check, struct view value)
{
    for (unsigned i = CHECK_AUTO; i < CHECK_MODE_COUNT; i++) {
        if (view_eq(value, view_str(mode_words[i]))) {
            check->mode = (enum check_mode)i;
            return true;
        }
    }
    return false;
}

static bool are_chars_within(struct view value, unsigned char low, unsigned char high)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < low || (unsigned char)value.ptr[i] > high)
            return false;
    return true;
}

static bool set_string(char *field, size_t size, struct view value)
{
    if (value.len == 0 || value.len >= size)
        return false;
    memcpy(field, value.ptr, value.len);
    field[value.len] = '\0';
    return true;
}

static bool set_path(struct check *check, struct view value)
{
    bool has_fragment = view_find(value, '#') >= 0; /* no part of a target, RFC 9112 § 3.2.1 */
    return view_starts_with(value, VIEW("/")) && are_chars_within(value, 0x21, 0x7E) &&
           !has_fragment && set_string(check->path, sizeof(check->path), value);
}

static bool set_method(struct check *check, struct view value)
{
    return are_chars_within(value, 'A', 'Z') &&
           set_string(check->method, sizeof(check->method), value);
}

static bool set_text(struct check *check, struct view value)
{
    return are_chars_within(value, 0x20, 0xFF) && !memchr(value.ptr, 0x7F, value.len) &&
           set_string(check->text, sizeof(check->text), value);
}

static bool set_send(struct check *check, struct view value)
{
    return escaped_is_proper(value) && set_string(check->send, sizeof(check->send), value);
}

static bool set_expect(struct check *check, struct view value)
{
    return escaped_is_proper(value) && set_string(check->expect, sizeof(check->expect), value);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (view_lower_char(c) >= 'a' && view_lower_char(c) <= 'z');
}

static bool set_host(struct check *check, struct view value)
{
    static const char others[] = ".-_~%:[]!$&'()*+,;="; /* of an authority, RFC 3986 § 3.2 */
    for (size_t i = 0; i < value.len; i++)
        if (!is_alnum(value.ptr[i]) && !memchr(others, value.ptr[i], sizeof(others) - 1))
            return false;
    return set_string(check->host, sizeof(check->host), value);
}

static bool set_port(struct check *check, struct view value)
{
    uint64_t port;
    if (!view_parse_u64(value, UINT16_MAX, &port) || port == 0)
        return false;
    check->port = (unsigned)port;
    return true;
}

/* What frames a message or names its host is lb's own to say. */
static bool may_name_field(struct view name)
{
    static const char *const own[] = {"host",       "connection",        "content-length",
                                      "keep-alive", "transfer-encoding", "upgrade",
                                      "expect",     "trailer",           "te"};
    static const char others[] = "!#$%&'*+-.^_`~"; /* of a token, RFC 9110 § 5.6.2 */
    for (size_t i = 0; i < name.len; i++)
        if (!is_alnum(name.ptr[i]) && !memchr(others, name.ptr[i], sizeof(others) - 1))
            return false;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (view_eq_nocase(name, view_str(own[i])))
            return false;
    return name.len > 0;
}

static bool set_header(struct check *check, struct view value)
{
    for (struct view rest = value; rest.ptr;) {
        struct view field = view_cut(&rest, '|');
        struct view name = view_trim(view_cut(&field, ':'));
        if (!field.ptr || !may_name_field(name) || !are_chars_within(field, 0x20, 0xFF) ||
            memchr(field.ptr, 0x7F, field.len))
            return false;
    }
    return set_string(check->header, sizeof(check->header), value);
}

static bool parse_range(struct view part, struct check_range *out)
{
    uint64_t low, high;
    struct view first = view_cut(&part, '-');
    if (!view_parse_u64(first, 599, &low) || low < 200)
        return false;
    high = low;
    if (part.ptr && (!view_parse_u64(part, 599, &high) || high < low))
        return false;
    *out = (struct check_range){(unsigned)low, (unsigned)high};
    return true;
}

static bool set_status(struct check *check, struct view value)
{
    struct check_range ranges[CHECK_STATUS_MAX];
    unsigned count = 0;
    while (value.ptr) {
        struct view part = view_trim(view_cut(&value, ','));
        if (count == CHECK_STATUS_MAX || !parse_range(part, &ranges[count++]))
            return false;
    }
    if (count == 0)
        return false;
    memcpy(check->statuses, ranges, count * sizeof(ranges[0]));
    check->status_count = count;
    return true;
}

bool check_parse_time_within(struct view value, unsigned min_ms, unsigned max_ms, unsigned *out_ms)
{
    static const struct {
        struct view name;
        uint64_t scale;
    } units[] = {{VIEW("ms"), 1}, {VIEW("s"), 1000}, {VIEW("m"), 60000}, {VIEW("h"), HOUR_MS}};
    size_t digits = 0;
    uint64_t number;
    while (digits < value.len && value.ptr[digits] >= '0' && value.ptr[digits] <= '9')
        digits++;
    if (digits == 0)
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!view_eq_nocase(view_skip(value, digits), units[i].name))
            continue;
        if (!view_parse_u64(view_of(value.ptr, digits), max_ms / units[i].scale, &number) ||
            number * units[i].scale < min_ms)
            return false;
        *out_ms = (unsigned)(number * units[i].scale);
        return true;
    }
    return false;
}

static bool check_parse_time(struct view value, unsigned *out_ms)
{
    return check_parse_time_within(value, 10, HOUR_MS, out_ms);
}

static bool parse_count(struct view value, unsigned *out)
{
    uint64_t number;
    if (!view_parse_u64(value, 100, &number) || number == 0)
        return false;
    *out = (unsigned)number;
    return true;
}

static bool set_interval(struct check *check, struct view value)
{
    return check_parse_time(value, &check->interval_ms);
}

static bool set_timeout(struct check *check, struct view value)
{
    return check_parse_time(value, &check->timeout_ms);
}

static bool set_rise(struct check *check, struct view value)
{
    return parse_count(value, &check->rise);
}

static bool set_fall(struct check *check, struct view value)
{
    return parse_count(value, &check->fall);
}

/* ---- the words ------------------------------------------------------------------------------- */

#define TIME_ACCEPTED  "a time from 10ms to 1h, for example 5s"
#define COUNT_ACCEPTED "a number from 1 to 100"

#define BYTES_ACCEPTED                                                                             \
    "1 to 255 bytes without control characters, which are written \\r, \\n, \\t or \\x00 to "      \
    "\\xFF, and \\\\ for \\"

#define STRING(field) offsetof(struct check, field), sizeof(((struct check *)0)->field)

static const struct word {
    const char *word;
    bool (*set)(struct check *check, struct view value);
    const char *accepted;
    size_t at, size; /* of a string; size 0: it is none */
} words[] = {
    {"mode", set_mode, "auto, off, tcp, http, https, postgres, redis, smtp, udp or dns", 0, 0},
    {"path", set_path, "a path that begins with / and has no spaces, of at most 255 bytes",
     STRING(path)},
    {"method", set_method, "a method in capital letters, for example GET or HEAD", STRING(method)},
    {"host", set_host, "a host name or address, with a port where it needs one", STRING(host)},
    {"port", set_port, "a port from 1 to 65535", 0, 0},
    {"header", set_header,
     "header fields, for example X-Forwarded-Proto: https, with | between several", STRING(header)},
    {"status", set_status, "status codes or ranges of them, for example 200-399 or 200,204", 0, 0},
    {"text", set_text, "1 to 255 bytes without control characters", STRING(text)},
    {"send", set_send, BYTES_ACCEPTED, STRING(send)},
    {"expect", set_expect, BYTES_ACCEPTED, STRING(expect)},
    {"interval", set_interval, TIME_ACCEPTED, 0, 0},
    {"timeout", set_timeout, TIME_ACCEPTED, 0, 0},
    {"rise", set_rise, COUNT_ACCEPTED, 0, 0},
    {"fall", set_fall, COUNT_ACCEPTED, 0, 0},
};

static const struct word *find(struct view word)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (view_eq(word, view_str(words[i].word)))
            return &words[i];
    return NULL;
}

const char *check_word_at(unsigned index)
{
    return index < sizeof(words) / sizeof(words[0]) ? words[index].word : NULL;
}

const char *check_accepted(struct view word)
{
    const struct word *found = find(word);
    return found ? found->accepted : NULL;
}

bool check_set(struct check *check, struct view word, struct view value)
{
    const struct word *found = find(word);
    return found && value.len > 0 && found->set(check, value);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void format_time(unsigned ms, struct text *out)
{
    if (ms > 0 && ms % 60000 == 0)
        text_appendf(out, "%um", ms / 60000);
    else if (ms > 0 && ms % 1000 == 0)
        text_appendf(out, "%us", ms / 1000);
    else if (ms > 0)
        text_appendf(out, "%ums", ms);
}

static void format_status(const struct check *check, struct text *out)
{
    for (unsigned i = 0; i < check->status_count; i++) {
        const struct check_range *range = &check->statuses[i];
        text_appendf(out, i > 0 ? ",%u" : "%u", range->low);
        if (range->high != range->low)
            text_appendf(out, "-%u", range->high);
    }
}

static void format_count(unsigned count, struct text *out)
{
    if (count > 0)
        text_appendf(out, "%u", count);
}

void check_format(const struct check *check, struct view word, struct text *out)
{
    const struct word *found = find(word);
    if (!found)
        return;
    if (found->size > 0)
        text_append_str(out, (const char *)check + found->at);
    else if (found->set == set_mode && check->mode != CHECK_UNSET)
        text_append_str(out, mode_words[check->mode]);
    else if (found->set == set_port)
        format_count(check->port, out);
    else if (found->set == set_status)
        format_status(check, out);
    else if (found->set == set_interval)
        format_time(check->interval_ms, out);
    else if (found->set == set_timeout)
        format_time(check->timeout_ms, out);
    else if (found->set == set_rise)
        format_count(check->rise, out);
    else if (found->set == set_fall)
        format_count(check->fall, out);
}

/* ---- use ------------------------------------------------------------------------------------- */

static void lay_count(unsigned *field, unsigned over)
{
    if (over > 0)
        *field = over;
}

static void lay_strings(struct check *check, const struct check *over)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *given = (const char *)over + words[i].at;
        if (words[i].size > 0 && given[0])
            memcpy((char *)check + words[i].at, given, words[i].size);
    }
}

/* What asks without a mode of its own. */
static void lay_mode(struct check *check, const struct check *over)
{
    bool may_exchange = check->mode == CHECK_TCP || check->mode == CHECK_UDP;
    if (over->mode != CHECK_UNSET) {
        check->mode = over->mode;
    } else if (over->path[0]) {
        check->mode = CHECK_AUTO;
    } else if (check_has_exchange(over) && !may_exchange) {
        check->mode = CHECK_AUTO;
        check->path[0] = '\0';
    }
}

void check_merge(struct check *check, const struct check *over)
{
    lay_mode(check, over);
    lay_count(&check->interval_ms, over->interval_ms);
    lay_count(&check->timeout_ms, over->timeout_ms);
    lay_count(&check->rise, over->rise);
    lay_count(&check->fall, over->fall);
    lay_count(&check->port, over->port);
    lay_strings(check, over);
    if (over->status_count > 0) {
        check->status_count = over->status_count;
        memcpy(check->statuses, over->statuses, sizeof(check->statuses));
    }
}

bool check_takes_status(const struct check *check, unsigned status)
{
    for (unsigned i = 0; i < check->status_count; i++)
        if (status >= check->statuses[i].low && status <= check->statuses[i].high)
            return true;
    return false;
}
