/* What all fields of a head mean together: framing, persistence, what is asked for and what goes no
 * further, once they are filed. Refuses what is ambiguous (RFC 9112 § 6.3, § 3.2; RFC 9110
 * § 7.6.1).
 */
#ifndef LB_HTTP_MEANING_H
#define LB_HTTP_MEANING_H

#include "lb/base/err.h"
#include "lb/http/head.h"

/* Fails: the request's error word. */
enum err meaning_of_request(struct head *head);

/* `to_head_request`: it answers HEAD and has no body. Fails: ERR_LENGTH, ERR_CODING, ERR_OPTIONS.
 */
enum err meaning_of_response(struct head *head, bool to_head_request);

#endif
