/* The plain forms of the access log. Foreign bytes that a reader could take for the form's own
 * marks, or that are not printable ASCII, are written as \xHH; "-" stands for what is not known. */
#ifndef LB_OBSERVE_ACCESS_TEXT_H
#define LB_OBSERVE_ACCESS_TEXT_H

#include "lb/observe/line.h"
#include "lb/observe/record.h"
#include "lb/observe/stamp.h"

/* Each appends one line without its line break. A connection or a flow has the status that nginx's stream
 * module would give it, and no request: "TCP LISTENER/SERVER-NAME" stands for one. */
void access_text_put_combined(struct line *line, const struct record *record,
                              const struct stamp *stamp);
void access_text_put_logstalgia(struct line *line, const struct record *record,
                                const struct stamp *stamp);

/* Parts that other forms use too. */
void access_text_put_url(struct line *line, struct view url, enum line_escape escape,
                         size_t max_bytes);
void access_text_put_request_line(struct line *line, const struct record *record); /* in quotes */
void access_text_put_retries(struct line *line, const struct record *record);

/* The client in the words of who is trusted, an IP address or not. */
struct view access_text_client(const struct record *record);

/* "request", "tunnel", "connection" or "flow"; and "http", "tcp" or "udp". Static. */
struct view access_text_kind(const struct record *record);
struct view access_text_protocol(const struct record *record);

/* The status that the client got; where it got none, the one that tells why, such as 499. */
unsigned access_text_status(const struct record *record);

#endif
