/* Paths as routes compare them (RFC 3986 § 6.2.2): what need not be escaped is not, hex digits are in
 * upper case, dot segments are gone, "//" stays. Escaped slashes stay escaped, so that they end no
 * segment; nor does a backslash. Pure. */
#ifndef LB_CONTRACT_URL_PATH_H
#define LB_CONTRACT_URL_PATH_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

enum url_path_change {
    URL_PATH_SAME,    /* it is as it was */
    URL_PATH_SPELLED, /* the same path, written otherwise */
    URL_PATH_MOVED,   /* dot segments are gone: another path than the bytes said */
    URL_PATH_REFUSED, /* ".." beside an escaped slash, a backslash or ";": servers differ in what it
                         means, and so it could leave its route */
};

/* Whether the path may be other than it is; false for nearly all. */
bool url_path_is_odd(struct view path);

/* A path without its query. `*out` is `path` or lies in `room`, which has as many bytes as `path`.
 * It is for comparing: bytes above 127 and the like are bare in it. */
enum url_path_change url_path_normalise(struct view path, char *room, struct view *out);

/* Room that url_path_escape needs at most. */
static inline size_t url_path_escape_bound(struct view path)
{
    return path.len * 3;
}

/* A normalised path as it may be sent. Gives its end. */
char *url_path_escape(struct view path, char *to);

/* Reads the path of a label, which may be written as people do ("/a b"). `out` is cleared. Fails:
 * false, `problem` gets what is wrong and the remedy. */
bool url_path_parse(struct view text, struct text *out, struct text *problem);

#endif
