#include "lb/http/start_line.h"

#include "lb/http/chars.h"

#define EMPTY_LINES_MAX 4u /* before a request line, RFC 9112 § 2.2 */

enum err start_line_parse(struct head *head, bool is_request, uint32_t max_target_bytes,
                          struct view bytes, struct start_line *out)
{
    struct view line;
    enum err err = head_find_start_line(bytes, is_request ? EMPTY_LINES_MAX : 0, &line, &out->len);
    out->is_begun = !(line.len == 0 || (line.len == 1 && line.ptr[0] == '\r'));
    if (err)
        return err;
    if (out->len == 0)
        return !out->is_begun || chars_is_token(line.ptr[0]) ? ERR_OK : ERR_START_LINE;
    if (!is_request)
        return head_parse_status_line(head, line);
    err = head_parse_request_line(head, line);
    if (!err && max_target_bytes > 0 && head->target.len > max_target_bytes)
        err = ERR_TARGET_TOO_LONG;
    return err;
}
