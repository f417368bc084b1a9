/* Which form lines of the access log have: one of the known ones, or a template of the operator's.
 */
#ifndef LB_OBSERVE_ACCESS_FORMAT_H
#define LB_OBSERVE_ACCESS_FORMAT_H

#include "lb/base/text.h"
#include "lb/observe/access_field.h"

#define ACCESS_FORMAT_PARTS_MAX 128

enum access_form {
    ACCESS_FORM_JSON,       /* nested objects with the names of ECS */
    ACCESS_FORM_COMBINED,   /* as Apache and nginx */
    ACCESS_FORM_LOGSTALGIA, /* Logstalgia's custom format; the container is the "pid" */
    ACCESS_FORM_HAPROXY,    /* as option httplog and tcplog */
    ACCESS_FORM_AUTO,       /* until it is settled */
    ACCESS_FORM_SHORT,      /* for people at a terminal */
    ACCESS_FORM_TEMPLATE,
};

/* Words of ours, then what a field has. */
struct access_part {
    struct view words;
    const struct access_field *field; /* NULL: nothing follows */
};

struct access_format {
    enum access_form form;
    struct access_part parts[ACCESS_FORMAT_PARTS_MAX]; /* of a template */
    unsigned part_count;
    bool is_coloured; /* the short one */
};

/* Reads "auto", "short", "json", "combined", "logstalgia", "haproxy", or a template, which is any text with "%{". In
 * a template "%{NAME}" stands for a field of access_field.h. Borrows `text` for the life of
 * `format`. Fails: false, and `problem` says what is wrong and what is accepted. */
bool access_format_parse(struct access_format *format, struct view text, struct text *problem);

/* Once it is known where lines go: "auto" becomes the short form on a terminal, and JSON elsewhere; the short
 * one has colours where those are wanted. */
void access_format_settle(struct access_format *format, bool is_terminal, bool wants_colours);

#endif
