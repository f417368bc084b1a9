#include "lb/http/start_line.h"

#include "lb/http/authority.h"
#include "lb/http/chars.h"

#define EMPTY_LINES_MAX 4u /* before a request line, RFC 9112 § 2.2 */

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
    return end > 0 && authority_is_valid(head->authority) ? ERR_OK : ERR_TARGET;
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

/* Finds the start line at the front of `bytes`, behind up to `empty_max` empty ones (RFC 9112
 * § 2.2). Gives it without its line end, and in `*used` how many bytes all that takes; 0: it is not
 * complete and `*line` is what there is of it. */
static enum err find(struct view bytes, unsigned empty_max, struct view *line, uint32_t *used)
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

enum err start_line_parse_request(struct head *head, struct view line)
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

enum err start_line_parse_status(struct head *head, struct view line)
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

enum err start_line_parse(struct head *head, bool is_request, uint32_t max_target_bytes,
                          struct view bytes, struct start_line *out)
{
    struct view line;
    enum err err = find(bytes, is_request ? EMPTY_LINES_MAX : 0, &line, &out->len);
    out->is_begun = !(line.len == 0 || (line.len == 1 && line.ptr[0] == '\r'));
    if (err)
        return err;
    if (out->len == 0)
        return !out->is_begun || chars_is_token(line.ptr[0]) ? ERR_OK : ERR_START_LINE;
    if (!is_request)
        return start_line_parse_status(head, line);
    err = start_line_parse_request(head, line);
    if (!err && max_target_bytes > 0 && head->target.len > max_target_bytes)
        err = ERR_TARGET_TOO_LONG;
    return err;
}
