/* How a source tells its program what happens, without speaking itself. */
#ifndef DISCOVERY_REPORT_H
#define DISCOVERY_REPORT_H

enum report_kind {
    REPORT_TROUBLE, /* something does not work now */
    REPORT_REMARK,  /* somebody should look at something that works */
    REPORT_NEWS,    /* something works now */
    REPORT_DETAIL,  /* for those who look closely */
};

struct report {
    void *owner;
    /* `text` is one sentence, borrowed for the call. */
    void (*say)(void *owner, enum report_kind kind, const char *text);
    /* The source cannot be followed, and what would change that ("": nothing is known to);
     * `why` NULL: it is followed. */
    void (*obstruct)(void *owner, const char *why, const char *remedy);
};

void report_say(const struct report *report, enum report_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The source cannot be followed: says it as trouble, and tells it as the obstacle that there is. */
void report_obstruct(const struct report *report, const char *why, const char *remedy);

/* It is followed (again). */
void report_clear(const struct report *report);

#endif
