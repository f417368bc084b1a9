/* How the body of a message is delimited (RFC 9112 § 6.3): decided once for what comes in and once
 * for what goes out of it. Everything that is ambiguous is refused. */
#ifndef LB_HTTP_FRAMING_H
#define LB_HTTP_FRAMING_H

#include "lb/base/err.h"
#include "lb/http/head.h"

/* Decides framing and content_length of a request, once its fields are filed.
 * Fails: ERR_LENGTH, ERR_CODING. */
enum err framing_of_request(struct head *head);

/* The same for a response, whose body may be one up to the end of the connection;
 * `to_head_request`: it answers HEAD and has none. */
enum err framing_of_response(struct head *head, bool to_head_request);

/* How that response goes to the client: as it came, or chunked, or, for HTTP/1.0, up to the close.
 */
enum framing framing_to_client(const struct head *response, bool is_http10);

/* From the first line on that says where the body ends; all of the head where there is none. */
struct view framing_lines(const struct head *head);

#endif
