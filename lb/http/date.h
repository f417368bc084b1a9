/* The value of Date (RFC 9110 § 5.6.7), made once for each second. Zeroed memory is ready. */
#ifndef LB_HTTP_DATE_H
#define LB_HTTP_DATE_H

#include <stdint.h>

#include "lb/base/view.h"

#define DATE_BYTES 29u /* Sun, 06 Nov 1994 08:49:37 GMT */

struct date {
    uint64_t until_ms; /* the text is true up to here, by the clock that the owner compares with */
    char text[DATE_BYTES];
};

/* Makes the text of `wall_ns`, nanoseconds since 1970. `now_ms`: the same moment by the owner's
 * clock. */
void date_make(struct date *date, uint64_t now_ms, uint64_t wall_ns);

static inline struct view date_text(const struct date *date)
{
    return view_of(date->text, DATE_BYTES);
}

#endif
