#include "discovery/report.h"

#include <stdarg.h>

#include "lb/base/text.h"

void report_say(const struct report *report, enum report_kind kind, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    report->say(report->owner, kind, text_str(&text));
    text_fini(&text);
}

void report_obstruct(const struct report *report, const char *why, const char *remedy)
{
    report_say(report, REPORT_TROUBLE, "%s%s%s", why, remedy[0] ? ". " : "", remedy);
    if (report->obstruct)
        report->obstruct(report->owner, why, remedy);
}

void report_clear(const struct report *report)
{
    if (report->obstruct)
        report->obstruct(report->owner, NULL, NULL);
}
