/* The operator log: one line per thing that happened, on standard error; plain text on a terminal,
 * with colours where those are wanted (colour.h), JSON otherwise (log_about.h). Only main files and lb/run speak; libraries return facts. A warning or error that
 * comes again within a minute is counted instead; lines that nobody reads are lost, and said later.
 */
#ifndef LB_BASE_LOG_H
#define LB_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct log_about;

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_PLAIN, LOG_FORMAT_JSON };

/* Sets the process's log sink. `program` is kept (borrowed for ever). Call once, before threads. */
void log_open(const char *program, enum log_level level, enum log_format format);

/* Changes level and format, or the level alone, while the program runs. Thread: any. */
void log_change(enum log_level level, enum log_format format);
void log_set_level(enum log_level level);
enum log_level log_current_level(void);

/* Whether lines are JSON at this moment. For signal handlers, too. */
bool log_is_json(void);

#define LOG_COPY_KIND 'L' /* the first byte of a copy; REPORT_LOG of lb/contract/report.h */

/* Sends each line that is written also to this SOCK_SEQPACKET socket, a message each: LOG_COPY_KIND and the line as
 * JSON, whatever the form on standard error, with its newline. Never waits: what has no room is counted, and said by the next
 * that has. -1: no more. Borrows the socket for ever. Thread: any. */
void log_copy_to(int socket);

/* Copies that had no room, in all. Thread: any. */
uint64_t log_uncopied_count(void);

/* Parses "debug", "info", "warn" or "error". Fails: false, `*out` unchanged. */
bool log_parse_level(const char *word, enum log_level *out);

/* Parses "auto", "plain" or "json". Fails: false, `*out` unchanged. */
bool log_parse_format(const char *word, enum log_format *out);

/* Their words. */
const char *log_level_word(enum log_level level);
const char *log_format_word(enum log_format format);

/* Says what was counted so far; for the end of the program. Thread: any. */
void log_close(void);

/* Writes one line, and for who reads JSON also what it is about (log_about.h; borrowed). Thread: any. */
void log_say(enum log_level level, const struct log_about *about, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Write one line about nothing in particular. The message needs no newline; control characters are escaped. Thread: any. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
