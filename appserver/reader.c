#include "appserver/reader.h"

#include <stdlib.h>

#include "lb/base/memory.h"

#define INPUT_BYTES    65536
#define HEAD_MAX_BYTES 16384

static const char too_large[] = "a body that is sent back may have 1 MiB";

static int on_pause(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static int on_body(llhttp_t *parser, const char *bytes, size_t len)
{
    struct reader *reader = parser->data;
    return body_take(&reader->body, view_of(bytes, len)) ? HPE_OK : HPE_USER;
}

void reader_init(struct reader *reader)
{
    static const llhttp_settings_t settings = {
        .on_headers_complete = on_pause,
        .on_body = on_body,
        .on_message_complete = on_pause,
    };
    *reader = (struct reader){.input = memory_resize(NULL, INPUT_BYTES)};
    llhttp_init(&reader->parser, HTTP_REQUEST, &settings);
    reader->parser.data = reader;
}

void reader_fini(struct reader *reader)
{
    body_fini(&reader->body);
    free(reader->input);
}

char *reader_room(const struct reader *reader, size_t *len)
{
    *len = INPUT_BYTES - reader->end;
    return reader->input + reader->end;
}

void reader_add(struct reader *reader, size_t len)
{
    reader->end += len;
}

bool reader_is_idle(const struct reader *reader)
{
    return reader->start == reader->end;
}

bool reader_has_input(const struct reader *reader)
{
    return reader->parsed < reader->end;
}

/* Moves the current request to the front of the input. */
static void make_room(struct reader *reader)
{
    if (reader->start == 0)
        return;
    memmove(reader->input, reader->input + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->parsed -= reader->start;
    reader->start = 0;
}

static enum reader_event refuse(struct reader *reader, int status, const char *why)
{
    reader->status = status;
    reader->why = why;
    return READER_REFUSED;
}

static llhttp_errno_t parse_more(struct reader *reader)
{
    llhttp_errno_t result = llhttp_execute(&reader->parser, reader->input + reader->parsed,
                                           reader->end - reader->parsed);
    if (result == HPE_OK)
        reader->parsed = reader->end;
    else
        reader->parsed = (size_t)(llhttp_get_error_pos(&reader->parser) - reader->input);
    return result;
}

static enum reader_event take_head(struct reader *reader)
{
    if (reader->start > INPUT_BYTES / 2)
        make_room(reader); /* while nothing points into it yet */
    reader->head_end = reader->parsed;
    reader->keep_alive = llhttp_should_keep_alive(&reader->parser);
    struct view head = view_of(reader->input + reader->start, reader->parsed - reader->start);
    reader->status = request_parse(head, &reader->request, &reader->why);
    if (reader->parser.content_length > 0)
        reader->request.has_body = true;
    if (!llhttp_get_upgrade(&reader->parser))
        reader->request.upgrade = (struct view){0}; /* the Connection field did not name it */
    return reader->status == 0 ? READER_HEAD : READER_REFUSED;
}

static enum reader_event read_head(struct reader *reader)
{
    llhttp_errno_t result = parse_more(reader);
    if (reader->parsed - reader->start > HEAD_MAX_BYTES)
        return refuse(reader, 431, "a request's head may have 16 KiB");
    if (result == HPE_PAUSED)
        return take_head(reader);
    if (result != HPE_OK)
        return refuse(reader, 400, llhttp_get_error_reason(&reader->parser));
    make_room(reader);
    return READER_MORE;
}

static enum reader_event read_body(struct reader *reader)
{
    switch (parse_more(reader)) {
    case HPE_OK:
        reader->parsed = reader->end = reader->head_end;
        return READER_MORE;
    case HPE_PAUSED:
        return READER_END;
    case HPE_USER:
        return refuse(reader, 413, too_large);
    default:
        return refuse(reader, 400, llhttp_get_error_reason(&reader->parser));
    }
}

enum reader_event reader_next(struct reader *reader)
{
    if (reader->in_body && !reader->request.has_body)
        return READER_END;
    if (reader->parsed == reader->end)
        return READER_MORE;
    return reader->in_body ? read_body(reader) : read_head(reader);
}

bool reader_begin_body(struct reader *reader, bool sum, bool keep)
{
    if (keep && reader->parser.content_length > BODY_KEPT_MAX_BYTES) {
        refuse(reader, 413, too_large);
        return false;
    }
    body_begin(&reader->body, sum, keep);
    if (keep)
        text_append(&reader->body.text, reader->request.head);
    reader->in_body = true;
    llhttp_resume(&reader->parser);
    return true;
}

void reader_end_request(struct reader *reader)
{
    llhttp_reset(&reader->parser);
    reader->request = (struct request){0};
    reader->in_body = false;
    reader->start = reader->parsed;
    if (reader->start == reader->end)
        reader->start = reader->parsed = reader->end = 0;
}

struct view reader_take_raw(struct reader *reader)
{
    if (reader->parsed == reader->end)
        reader->parsed = reader->end = reader->head_end;
    struct view raw = view_of(reader->input + reader->parsed, reader->end - reader->parsed);
    reader->parsed = reader->end;
    return raw;
}
