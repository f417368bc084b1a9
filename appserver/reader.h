/* Input bytes to requests. The owner puts bytes in and pulls events out; in between the current
 * request stays where it is, so its views hold until reader_end_request(). */
#ifndef APPSERVER_READER_H
#define APPSERVER_READER_H

#include <stdbool.h>
#include <stddef.h>

#include <llhttp.h>

#include "appserver/body.h"
#include "appserver/request.h"

struct reader {
    struct request request;
    struct body body;
    bool keep_alive; /* as far as the request is concerned */
    int status;      /* after READER_REFUSED: what to answer, and why */
    const char *why;

    /* Private. The request lies at [start, parsed), its head first; up to `end` is input not
     * looked at yet. */
    char *input;
    size_t start;
    size_t head_end;
    size_t parsed;
    size_t end;
    bool in_body;
    llhttp_t parser;
};

enum reader_event {
    READER_MORE,    /* more input is needed */
    READER_HEAD,    /* `request` is known; reader_begin_body() comes next */
    READER_END,     /* the body is complete */
    READER_REFUSED, /* no request, and nothing after it can be understood */
};

void reader_init(struct reader *reader);
void reader_fini(struct reader *reader);

/* Where to put more bytes, and how many at most: none while the owner is behind. */
char *reader_room(const struct reader *reader, size_t *len);
void reader_add(struct reader *reader, size_t len);

/* True when there is neither a request nor a part of one. */
bool reader_is_idle(const struct reader *reader);

/* True when there is input that reader_next() has not looked at. */
bool reader_has_input(const struct reader *reader);

enum reader_event reader_next(struct reader *reader);

/* After READER_HEAD: what to do with the body, see body.h. When it is kept, the request's head is
 * kept before it. Fails: false, as READER_REFUSED, when the body is announced as too large. */
bool reader_begin_body(struct reader *reader, bool sum, bool keep);

/* Forgets the request; what follows it is the next one. */
void reader_end_request(struct reader *reader);

/* All input after the head, for who speaks another protocol now. Borrowed until the next call. */
struct view reader_take_raw(struct reader *reader);

#endif
