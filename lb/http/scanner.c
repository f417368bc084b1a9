#include "lb/http/scanner.h"

#include <llhttp.h>

_Static_assert(sizeof(llhttp_t) <= SCANNER_STATE_BYTES, "llhttp has grown");
_Static_assert(offsetof(struct scanner, state) == 0, "self_of knows it");

static llhttp_t *llhttp_of(struct scanner_state *state)
{
    return (llhttp_t *)(void *)state->bytes;
}

static struct scanner *self_of(llhttp_t *llhttp)
{
    return (struct scanner *)(void *)llhttp;
}

static int refuse(struct scanner *scanner, enum err err)
{
    scanner->err = err;
    return HPE_USER;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* The latest field whose name has begun; NULL: there is none. */
static struct field *last_field(struct head *head)
{
    return head->field_count > 0 ? &head->fields[head->field_count - 1] : NULL;
}

/* Names and values come in pieces when the input does. A name that begins where the last one ends
 * is more of it: between two names there is a colon at least. */
static int on_name(llhttp_t *llhttp, const char *at, size_t len)
{
    struct scanner *scanner = self_of(llhttp);
    struct head *head = scanner->head;
    struct field *field = last_field(head);
    uint32_t offset = (uint32_t)(at - head->base);
    if (!field || field->name_at + field->name_len != offset) {
        if (head->field_count >= scanner->max_field_count)
            return refuse(scanner, ERR_HEAD_TOO_LARGE);
        field = &head->fields[head->field_count++];
        *field = (struct field){.name_at = offset};
    }
    if (field->name_len + len > UINT16_MAX)
        return refuse(scanner, ERR_HEAD_TOO_LARGE);
    field->name_len = (uint16_t)(field->name_len + len);
    return 0;
}

/* A value that goes on after a line end (obs-fold, RFC 9112 § 5.2) shows as a second span that
 * does not touch the first, and so does one that has no name. */
static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct scanner *scanner = self_of(llhttp);
    struct field *field = last_field(scanner->head);
    uint32_t offset = (uint32_t)(at - scanner->head->base);
    if (!field)
        return refuse(scanner, ERR_FIELD);
    if (field->value_len == 0)
        field->value_at = offset;
    else if (field->value_at + field->value_len != offset)
        return refuse(scanner, ERR_FIELD);
    field->value_len += (uint32_t)len;
    return 0;
}

static int stop_behind_head(llhttp_t *llhttp)
{
    (void)llhttp;
    return HPE_PAUSED;
}

static const llhttp_settings_t head_settings = {
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = stop_behind_head,
};

/* ---- chunks ---------------------------------------------------------------------------------- */

/* llhttp counts to 2^64 - 1; others stop at 2^63 - 1, and so does Content-Length here (RFC 9112
 * § 7.1: a recipient must not lose digits of a chunk size). */
static int on_chunk_line(llhttp_t *llhttp)
{
    self_of(llhttp)->is_chunk_begun = llhttp->content_length > 0;
    return llhttp->content_length <= INT64_MAX ? 0 : refuse(self_of(llhttp), ERR_CHUNK);
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    self_of(llhttp)->span = view_of(at, len);
    return 0;
}

static int on_trailer_name(llhttp_t *llhttp, const char *at, size_t len)
{
    struct scanner *scanner = self_of(llhttp);
    return trailers_name(&scanner->trailers, view_of(at, len), scanner->max_field_count)
               ? 0
               : refuse(scanner, ERR_CHUNK);
}

static int on_trailer_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct scanner *scanner = self_of(llhttp);
    return trailers_value(&scanner->trailers, view_of(at, len), scanner->input)
               ? 0
               : refuse(scanner, ERR_CHUNK);
}

static int on_trailer_complete(llhttp_t *llhttp)
{
    struct scanner *scanner = self_of(llhttp);
    return trailers_end_line(&scanner->trailers) ? 0 : refuse(scanner, ERR_CHUNK);
}

/* Behind each chunk but the last, another may begin. */
static int stop_behind_chunk(llhttp_t *llhttp)
{
    self_of(llhttp)->is_at_chunk = !(llhttp->flags & F_TRAILING);
    return HPE_PAUSED;
}

static int on_message_complete(llhttp_t *llhttp)
{
    self_of(llhttp)->is_complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t chunk_settings = {
    .on_header_field = on_trailer_name,
    .on_header_value = on_trailer_value,
    .on_header_value_complete = on_trailer_complete,
    .on_chunk_header = on_chunk_line,
    .on_body = on_body,
    .on_chunk_complete = stop_behind_chunk,
    .on_message_complete = on_message_complete,
};

/* ---- runs ------------------------------------------------------------------------------------ */

void scanner_prepare(struct scanner_state *state, bool is_request)
{
    llhttp_t *llhttp = llhttp_of(state);
    llhttp_init(llhttp, is_request ? HTTP_REQUEST : HTTP_RESPONSE, &head_settings);
    struct view line = is_request ? VIEW("POST / HTTP/1.1\r\n") : VIEW("HTTP/1.1 200 OK\r\n");
    llhttp_execute(llhttp, line.ptr, line.len);
}

void scanner_begin(struct scanner *scanner, const struct scanner_state *state, struct head *head)
{
    scanner->state = *state;
    scanner->head = head;
    head->field_count = 0;
}

static enum err error_of(const struct scanner *scanner, llhttp_errno_t code)
{
    switch (code) {
    case HPE_USER:
        return scanner->err;
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_TRANSFER_ENCODING: /* chunks do not come last */
        return ERR_LENGTH;
    default:
        return ERR_FIELD;
    }
}

enum scanner_result scanner_fields(struct scanner *scanner, struct view bytes, const char **at)
{
    llhttp_t *llhttp = llhttp_of(&scanner->state);
    llhttp_errno_t code = llhttp_execute(llhttp, bytes.ptr, bytes.len);
    if (code == HPE_OK)
        return SCANNER_MORE;
    *at = llhttp_get_error_pos(llhttp);
    if (code == HPE_PAUSED)
        return SCANNER_STOPPED;
    scanner->err = error_of(scanner, code);
    return SCANNER_FAILED;
}

/* llhttp knows no HTAB behind the word "chunked", so it is told. */
void scanner_begin_chunks(struct scanner *scanner)
{
    llhttp_t *llhttp = llhttp_of(&scanner->state);
    llhttp->flags |= F_CHUNKED;
    llhttp->settings = (void *)(uintptr_t)&chunk_settings; /* llhttp only reads them */
    scanner->is_complete = false;
}

bool scanner_is_stopped(const struct scanner *scanner)
{
    return llhttp_get_errno((const llhttp_t *)(const void *)scanner->state.bytes) == HPE_PAUSED;
}

enum scanner_result scanner_chunks(struct scanner *scanner, struct view input, size_t *used)
{
    llhttp_t *llhttp = llhttp_of(&scanner->state);
    scanner->input = input;
    scanner->span = view_of(NULL, 0);
    scanner->is_at_chunk = scanner->is_chunk_begun = false;
    if (llhttp_get_errno(llhttp) == HPE_PAUSED)
        llhttp_resume(llhttp);
    trailers_begin_input(&scanner->trailers, input);
    llhttp_errno_t code = llhttp_execute(llhttp, input.ptr, input.len);
    trailers_end_input(&scanner->trailers, input);
    *used = code == HPE_OK ? input.len : (size_t)(llhttp_get_error_pos(llhttp) - input.ptr);
    if (code == HPE_PAUSED)
        return SCANNER_STOPPED;
    return code == HPE_OK ? SCANNER_MORE : SCANNER_FAILED;
}

const char *scanner_library_version(void)
{
#define TEXT_OF(x, y, z) #x "." #y "." #z
#define TEXT_OF2(...)    TEXT_OF(__VA_ARGS__)
    return TEXT_OF2(LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH);
}
