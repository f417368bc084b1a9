#include "lb/http/framing.h"

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
enum err framing_of_request(struct head *head)
{
    const struct field *coding = head_find(head, FIELD_TRANSFER_ENCODING);
    const struct field *length = head_find(head, FIELD_CONTENT_LENGTH);
    head->framing = FRAMING_NONE;
    head->content_length = 0;
    if (coding && (length || head->minor_version == 0))
        return ERR_LENGTH;
    if (coding) {
        if (head_has_several(head, FIELD_TRANSFER_ENCODING))
            return ERR_LENGTH;
        if (!view_eq_nocase(head_field_value(head, coding), VIEW("chunked")))
            return coding_error(head_field_value(head, coding));
        head->framing = FRAMING_CHUNKED;
    } else if (length) {
        if (head_has_several(head, FIELD_CONTENT_LENGTH) ||
            !view_parse_u64(head_field_value(head, length), INT64_MAX, &head->content_length))
            return ERR_LENGTH;
        head->framing = FRAMING_LENGTH;
    }
    return ERR_OK;
}

/* RFC 9110 § 6.4.1. */
static bool has_no_body(const struct head *head, bool to_head_request)
{
    return to_head_request || head->status < 200 || head->status == 204 || head->status == 304;
}

enum err framing_of_response(struct head *head, bool to_head_request)
{
    enum err err = framing_of_request(head);
    if (has_no_body(head, to_head_request))
        head->framing = FRAMING_NONE;
    else if (head->framing == FRAMING_NONE)
        head->framing = FRAMING_CLOSE;
    return err;
}

enum framing framing_to_client(const struct head *response, bool is_http10)
{
    if (response->framing == FRAMING_NONE || response->framing == FRAMING_LENGTH)
        return response->framing;
    return is_http10 ? FRAMING_CLOSE : FRAMING_CHUNKED;
}

struct view framing_lines(const struct head *head)
{
    const struct field *coding = head_find(head, FIELD_TRANSFER_ENCODING);
    const struct field *line = head_find(head, FIELD_CONTENT_LENGTH);
    if (!line || (coding && coding->name_at < line->name_at))
        line = coding;
    return view_skip(view_of(head->base, head->len), line ? line->name_at : 0);
}
