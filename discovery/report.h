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
};

void report_say(const struct report *report, enum report_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
