#include "lb/http/head.h"

#include "lb/base/address.h"
#include "lb/http/chars.h"

static const struct {
    struct view name;
    bool is_hop_by_hop;
} known[FIELD_ID_COUNT] = {
#define XX(id, text, hop_by_hop) [FIELD_##id] = {{text, sizeof(text) - 1}, hop_by_hop},
    FIELD_MAP(XX)
#undef XX
};

/* Takes "HTTP/1." and one digit; what is above 1 is spoken to as 1 (RFC 9110 § 2.5). */
static bool parse_version(struct view text, unsigned *minor)
{
    if (text.len != 8 || !view_starts_with(text, VIEW("HTTP/1.")))
        return false;
    *minor = text.ptr[7] != '0';
    return chars_is_digit(text.ptr[7]);
}

/* "HTTP/" DIGIT "." DIGIT: well-formed, if not spoken here. */
static bool is_version(struct view text)
{
    return text.len == 8 && view_starts_with(text, VIEW("HTTP/")) && chars_is_digit(text.ptr[5]) &&
           text.ptr[6] == '.' && chars_is_digit(text.ptr[7]);
}

/* uri-host [ ":" port ] (RFC 9110 § 7.2): registered name, IPv4 or bracketed IPv6 literal. It may
 * be empty as a whole (RFC 9112 § 3.2). */
static bool is_authority(struct view text)
{
    struct address ip;
    uint64_t port;
    size_t at = 0;
    if (text.len > 0 && text.ptr[0] == '[') {
        at = (size_t)view_find(text, ']') + 1;
        if (!address_parse_ip(view_of(text.ptr, at), 0, &ip))
            return false;
    } else {
        while (at < text.len && chars_is_host(text.ptr[at]))
            at++;
    }
    if (at == text.len)
        return true;
    struct view digits = view_skip(text, at + 1);
    return at > 0 && text.ptr[at] == ':' &&
           (digits.len == 0 || view_parse_u64(digits, UINT16_MAX, &port));
}

static enum err parse_absolute_target(struct head *head)
{
    struct view scheme = head->target;
    ptrdiff_t colon = view_find(scheme, ':');
    if (colon < 0)
        return ERR_TARGET;
    scheme.len = (size_t)colon;
    struct view rest = view_skip(head->target, (size_t)colon);
    if (!(view_eq_nocase(scheme, VIEW("http")) || view_eq_nocase(scheme, VIEW("https"))) ||
        !view_starts_with(rest, VIEW("://")))
        return ERR_TARGET;
    rest = view_skip(rest, 3);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?')
        end++;
    head->form = TARGET_ABSOLUTE;
    head->authority = view_of(rest.ptr, end);
    head->path = view_skip(rest, end);
    return end > 0 && is_authority(head->authority) ? ERR_OK : ERR_TARGET;
}

static enum err parse_target(struct head *head)
{
    if (head_is_method(head, VIEW("CONNECT")))
        return ERR_METHOD;
    if (!chars_are_target(head->target))
        return ERR_TARGET;
    head->path = head->target;
    head->authority = view_of(head->target.ptr, 0);
    if (head->target.ptr[0] == '/') {
        head->form = TARGET_ORIGIN;
        return ERR_OK;
    }
    if (view_eq(head->target, VIEW("*"))) {
        head->form = TARGET_ASTERISK;
        return head_is_method(head, VIEW("OPTIONS")) ? ERR_OK : ERR_TARGET;
    }
    return parse_absolute_target(head);
}

enum err head_find_start_line(struct view bytes, unsigned empty_max, struct view *line,
                              uint32_t *used)
{
    size_t skipped = 0;
    *used = 0;
    while (empty_max > 0 && view_starts_with(view_skip(bytes, skipped), VIEW("\r\n")))
        skipped += 2;
    *line = view_skip(bytes, skipped);
    if (skipped > 2 * (size_t)empty_max)
        return ERR_START_LINE;
    ptrdiff_t newline = view_find(*line, '\n');
    if (newline < 0)
        return ERR_OK;
    if (newline < 1 || line->ptr[newline - 1] != '\r')
        return ERR_START_LINE;
    line->len = (size_t)newline - 1;
    *used = (uint32_t)(skipped + (size_t)newline + 1);
    return ERR_OK;
}

enum err head_parse_request_line(struct head *head, struct view line)
{
    ptrdiff_t first = view_find(line, ' ');
    head->reason = view_of(line.ptr, 0);
    if (first <= 0)
        return ERR_START_LINE;
    head->method = view_of(line.ptr, (size_t)first);
    for (size_t i = 0; i < head->method.len; i++)
        if (!chars_is_token(head->method.ptr[i]))
            return ERR_START_LINE;
    struct view rest = view_skip(line, (size_t)first + 1);
    ptrdiff_t second = view_find(rest, ' ');
    if (second <= 0)
        return ERR_START_LINE;
    head->target = view_of(rest.ptr, (size_t)second);
    struct view version = view_skip(rest, (size_t)second + 1);
    if (!is_version(version))
        return ERR_START_LINE;
    if (!parse_version(version, &head->minor_version))
        return ERR_VERSION;
    return parse_target(head);
}

enum err head_parse_status_line(struct head *head, struct view line)
{
    uint64_t status;
    if (line.len < 12 || !parse_version(view_of(line.ptr, 8), &head->minor_version) ||
        line.ptr[8] != ' ' || !view_parse_u64(view_of(line.ptr + 9, 3), 999, &status) ||
        status < 100)
        return ERR_UPSTREAM_INVALID;
    head->status = (unsigned)status;
    struct view rest = view_skip(line, 12);
    if (rest.len > 0 && rest.ptr[0] != ' ')
        return ERR_UPSTREAM_INVALID;
    head->method = head->target = head->path = head->authority = view_of(line.ptr, 0);
    head->reason = rest.len > 0 ? view_skip(rest, 1) : rest;
    for (size_t i = 0; i < head->reason.len; i++)
        if (!chars_is_field_value(head->reason.ptr[i]))
            return ERR_UPSTREAM_INVALID;
    return ERR_OK;
}

void head_move(struct head *head, const char *from, const char *to)
{
    struct view *views[] = {&head->method, &head->target, &head->path, &head->authority,
                            &head->reason};
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        views[i]->ptr = to + (views[i]->ptr - from);
}

static bool are_eight_alike(const char *name, const char *lower)
{
    uint64_t a, b;
    memcpy(&a, name, sizeof(a));
    memcpy(&b, lower, sizeof(b));
    return (a | UINT64_C(0x2020202020202020)) == b;
}

/* Whether a token (RFC 9110 § 5.6.2) is that name of letters, digits and '-' in lower case, as long
 * as itself: no other character of a token becomes one of these by the bit that tells cases apart.
 */
static bool is_name(struct view token, struct view name)
{
    if (name.len >= sizeof(uint64_t)) {
        size_t tail = name.len - sizeof(uint64_t);
        for (size_t at = 0; at < tail; at += sizeof(uint64_t))
            if (!are_eight_alike(token.ptr + at, name.ptr + at))
                return false;
        return are_eight_alike(token.ptr + tail, name.ptr + tail);
    }
    for (size_t i = 0; i < name.len; i++)
        if ((token.ptr[i] | 0x20) != name.ptr[i])
            return false;
    return true;
}

/* Both are as long as the token. */
static enum field_id pick(struct view token, enum field_id one, enum field_id other)
{
    if (is_name(token, known[one].name))
        return one;
    return is_name(token, known[other].name) ? other : FIELD_OTHER;
}

/* Most fields of a request are none of these and are known to be by their length. */
enum field_id head_field_id(struct view name)
{
    switch (name.len) {
    case 2:
        return pick(name, FIELD_TE, FIELD_TE);
    case 3:
        return pick(name, FIELD_VIA, FIELD_VIA);
    case 4:
        return pick(name, FIELD_HOST, FIELD_DATE);
    case 5:
        return pick(name, FIELD_PROXY, FIELD_PROXY);
    case 6:
        return pick(name, FIELD_EXPECT, FIELD_EXPECT);
    case 7:
        return pick(name, FIELD_TRAILER, FIELD_UPGRADE);
    case 9:
        return pick(name, FIELD_X_REAL_IP, FIELD_FORWARDED);
    case 10:
        return pick(name, FIELD_CONNECTION, FIELD_KEEP_ALIVE);
    case 12:
        return pick(name, FIELD_X_REQUEST_ID, FIELD_MAX_FORWARDS);
    case 14:
        return pick(name, FIELD_CONTENT_LENGTH, FIELD_HTTP2_SETTINGS);
    case 15:
        return pick(name, FIELD_X_FORWARDED_FOR, FIELD_X_FORWARDED_FOR);
    case 16:
        return view_lower_char(name.ptr[0]) == 'p'
                   ? pick(name, FIELD_PROXY_CONNECTION, FIELD_PROXY_CONNECTION)
                   : pick(name, FIELD_X_FORWARDED_HOST, FIELD_X_FORWARDED_PORT);
    case 17:
        return pick(name, FIELD_TRANSFER_ENCODING, FIELD_X_FORWARDED_PROTO);
    default:
        return FIELD_OTHER;
    }
}

void head_file_field(struct head *head, unsigned index)
{
    struct field *field = &head->fields[index];
    enum field_id id = head_field_id(head_field_name(head, field));
    field->id = (uint8_t)id;
    field->is_dropped = known[id].is_hop_by_hop;
    if (id != FIELD_OTHER && !head->field_at[id])
        head->field_at[id] = (uint16_t)(index + 1);
}

static bool is_white_space(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    return from == to;
}

bool head_are_lines_whole(const struct head *head)
{
    const char *end = head->base + head->len - 2;
    if (*end != '\r')
        return false;
    for (unsigned i = head->field_count; i-- > 0; end = head->base + head->fields[i].name_at) {
        const struct field *field = &head->fields[i];
        const char *colon = head->base + field->name_at + field->name_len;
        const char *value = head->base + field->value_at, *value_end = value + field->value_len;
        if (*colon != ':' || value_end + 2 > end || end[-2] != '\r' ||
            !is_white_space(colon + 1, value) || !is_white_space(value_end, end - 2))
            return false;
    }
    return true;
}

static unsigned count_fields(const struct head *head, enum field_id id)
{
    unsigned count = 0;
    for (unsigned i = 0; head->field_at[id] && i < head->field_count; i++)
        count += head->fields[i].id == id;
    return count;
}

/* Drops the fields that a Connection option names (RFC 9110 § 7.6.1), but never one that lb needs
 * or writes itself: a client must not be able to strip those. */
static void drop_named(struct head *head, struct view option)
{
    for (unsigned i = 0; i < head->field_count; i++) {
        struct field *field = &head->fields[i];
        if (field->id == FIELD_OTHER && view_eq_nocase(head_field_name(head, field), option))
            field->is_dropped = true;
    }
}

/* Fails: more options name fields than HEAD_OPTION_MAX. Each costs a look at all fields. */
static enum err read_connection(struct head *head, bool *wants_upgrade)
{
    bool close = false, keep_alive = false, upgrade = false;
    unsigned named_count = 0;
    for (unsigned i = 0; head->field_at[FIELD_CONNECTION] && i < head->field_count; i++) {
        if (head->fields[i].id != FIELD_CONNECTION)
            continue;
        struct view rest = head_field_value(head, &head->fields[i]);
        while (rest.ptr) {
            struct view option = view_trim(view_cut(&rest, ','));
            if (view_eq_nocase(option, VIEW("close")))
                close = true;
            else if (view_eq_nocase(option, VIEW("keep-alive")))
                keep_alive = true;
            else if (view_eq_nocase(option, VIEW("upgrade")))
                upgrade = true;
            else if (option.len > 0 && ++named_count > HEAD_OPTION_MAX)
                return ERR_OPTIONS;
            else if (option.len > 0)
                drop_named(head, option);
        }
    }
    head->is_keep_alive = !close && (head->minor_version == 1 || keep_alive);
    *wants_upgrade = upgrade;
    return ERR_OK;
}

bool head_list_next(struct head_list *list, struct view *element)
{
    const struct head *head = list->head;
    for (;;) {
        while (list->rest.ptr) {
            *element = view_trim(view_cut(&list->rest, ','));
            if (element->len > 0)
                return true;
        }
        while (list->seen_count < head->field_count &&
               head->fields[list->seen_count].id != list->id)
            list->seen_count++;
        if (list->seen_count == head->field_count)
            return false;
        list->rest = head_field_value(head, &head->fields[list->seen_count++]);
    }
}

bool head_next_protocol(struct head_list *list, struct view *protocol)
{
    while (head_list_next(list, protocol)) {
        struct view rest = *protocol, name = view_cut(&rest, '/'); /* and its version */
        if (!view_eq_nocase(view_trim(name), VIEW("h2c")))
            return true;
    }
    return false;
}

static bool takes_trailers(const struct head *head)
{
    struct head_list list = {.head = head, .id = FIELD_TE};
    struct view element;
    while (head->field_at[FIELD_TE] && head_list_next(&list, &element))
        if (view_eq_nocase(element, VIEW("trailers")))
            return true;
    return false;
}

static bool has_protocol(const struct head *head)
{
    struct head_list list = {.head = head, .id = FIELD_UPGRADE};
    struct view protocol;
    return head->field_at[FIELD_UPGRADE] && head_next_protocol(&list, &protocol);
}

/* Why a Transfer-Encoding that is not "chunked" alone cannot be read: what is below chunks may be
 * known to others (RFC 9112 § 6.1); where they do not come last, or are not alone what tells the
 * end, nobody knows the end for sure (§ 6.3). */
static enum err coding_error(struct view value)
{
    bool is_end_known = true;
    while (value.ptr) {
        struct view coding = view_trim(view_cut(&value, ','));
        bool is_chunked = view_eq_nocase(coding, VIEW("chunked"));
        is_end_known = is_end_known && coding.len > 0 && is_chunked == !value.ptr;
    }
    return is_end_known ? ERR_CODING : ERR_LENGTH;
}

/* Transfer-Encoding: exactly one field, exactly "chunked"; Content-Length: one field of digits. */
static enum err read_framing(struct head *head)
{
    const struct field *coding = head_find(head, FIELD_TRANSFER_ENCODING);
    const struct field *length = head_find(head, FIELD_CONTENT_LENGTH);
    head->framing = FRAMING_NONE;
    head->content_length = 0;
    if (coding && (length || head->minor_version == 0))
        return ERR_LENGTH;
    if (coding) {
        if (count_fields(head, FIELD_TRANSFER_ENCODING) > 1)
            return ERR_LENGTH;
        if (!view_eq_nocase(head_field_value(head, coding), VIEW("chunked")))
            return coding_error(head_field_value(head, coding));
        head->framing = FRAMING_CHUNKED;
    } else if (length) {
        if (count_fields(head, FIELD_CONTENT_LENGTH) > 1 ||
            !view_parse_u64(head_field_value(head, length), INT64_MAX, &head->content_length))
            return ERR_LENGTH;
        head->framing = FRAMING_LENGTH;
    }
    return ERR_OK;
}

static enum err check_host(const struct head *head)
{
    unsigned count = count_fields(head, FIELD_HOST);
    if (count > 1 || (count == 0 && head->minor_version == 1))
        return ERR_HOST;
    if (count == 1 && !is_authority(head_field_value(head, head_find(head, FIELD_HOST))))
        return ERR_HOST;
    return ERR_OK;
}

/* Counts only for OPTIONS and TRACE; what is no number is ignored. */
static void read_max_forwards(struct head *head)
{
    const struct field *field = head_find(head, FIELD_MAX_FORWARDS);
    uint64_t value;
    head->has_max_forwards =
        field && (head_is_method(head, VIEW("OPTIONS")) || head_is_method(head, VIEW("TRACE"))) &&
        view_parse_u64(head_field_value(head, field), UINT32_MAX, &value);
    head->max_forwards = head->has_max_forwards ? (unsigned)value : 0;
}

enum err head_finish_request(struct head *head)
{
    enum err err = check_host(head);
    if (!err)
        err = read_framing(head);
    bool upgrade = false;
    if (!err)
        err = read_connection(head, &upgrade);
    if (err)
        return err;
    head->wants_upgrade = upgrade && head->minor_version == 1 && has_protocol(head);
    read_max_forwards(head);
    head->takes_trailers = takes_trailers(head);
    const struct field *expect = head_find(head, FIELD_EXPECT);
    head->expects_continue = false;
    if (expect && head->minor_version == 1) {
        if (!view_eq_nocase(head_field_value(head, expect), VIEW("100-continue")) ||
            count_fields(head, FIELD_EXPECT) > 1)
            return ERR_EXPECT;
        head->expects_continue = head->framing != FRAMING_NONE;
    }
    return ERR_OK;
}

enum err head_finish_response(struct head *head, bool to_head_request)
{
    bool upgrade;
    enum err err = read_framing(head);
    if (!err)
        err = read_connection(head, &upgrade);
    if (err)
        return err;
    head->expects_continue = false;
    head->wants_upgrade = false;
    if (to_head_request || head->status < 200 || head->status == 204 || head->status == 304)
        head->framing = FRAMING_NONE;
    else if (head->framing == FRAMING_NONE)
        head->framing = FRAMING_CLOSE;
    if (head->framing == FRAMING_CLOSE)
        head->is_keep_alive = false;
    return ERR_OK;
}

struct view head_framing_lines(const struct head *head)
{
    const struct field *coding = head_find(head, FIELD_TRANSFER_ENCODING);
    const struct field *line = head_find(head, FIELD_CONTENT_LENGTH);
    if (!line || (coding && coding->name_at < line->name_at))
        line = coding;
    return view_skip(view_of(head->base, head->len), line ? line->name_at : 0);
}
