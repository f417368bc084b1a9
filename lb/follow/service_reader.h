/* What a line asks of a service as a whole. */
#ifndef LB_FOLLOW_SERVICE_READER_H
#define LB_FOLLOW_SERVICE_READER_H

#include <jansson.h>

#include "lb/base/arena.h"
#include "lb/base/text.h"
#include "lb/contract/service_option.h"

/* Reads the options of `service`, an object of the line; values live in the arena. What is not known or
 * cannot be used may be that of a later version: it is passed over (of a guard it stays, see
 * service_option_is_guard), and a sentence on it is appended to `passed_over`. False: there are none. */
bool service_reader_read(const json_t *service, struct arena *arena, struct service_options *out,
                         struct text *passed_over);

/* Appends `service "app": SUBJECT: why`, unless there is much already. */
void service_reader_note(const char *service, const char *subject, struct view why,
                         struct text *passed_over);

/* Appends what of the options counts for requests of HTTP alone, for a service that gets none. */
void service_reader_note_http(const char *service, const struct service_options *options,
                              struct text *passed_over);

#endif
