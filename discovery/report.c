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
