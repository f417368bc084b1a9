/* Names and passwords that stand in URLs ("http://me:secret@host/") and belong into no log. */
#ifndef LB_OBSERVE_USERINFO_H
#define LB_OBSERVE_USERINFO_H

#include "lb/base/view.h"

/* Gives `text` with the userinfo (RFC 3986 § 3.2.1) of every URL in it replaced by "***": `text`
 * itself where there is none, else what was put into `buffer`, cut to its size. Where it is not
 * clear whether something before an "@" is userinfo, it goes. */
struct view userinfo_mask(struct view text, char *buffer, size_t size_bytes);

#endif
