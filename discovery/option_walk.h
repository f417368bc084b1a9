/* Walks the command line, so that "--flag value" and "--flag=value" are the same, and says what is wrong
 * with a value. A variable of the environment is treated and named like a flag. Pure. */
#ifndef DISCOVERY_OPTION_WALK_H
#define DISCOVERY_OPTION_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

struct option_walk {
    int argc;
    char *const *argv;
    int next;
    struct view flag;     /* the name, without the value */
    const char *value;    /* after '=', or NULL; borrowed from argv */
    struct text *problem; /* sentences are appended here */
};

/* A value from the environment. */
struct option_walk option_walk_variable(const char *name, const char *value, struct text *problem);

/* The next argument, cut at its '='. Gives false after the last one. */
bool option_walk_next(struct option_walk *walk);

/* Neither NULL nor empty. */
bool option_walk_is_given(const char *value);

/* ---- all that follows fails with false and a sentence: what is wrong; what is `accepted` ------- */

bool option_walk_complain(struct option_walk *walk, const char *what, const char *accepted);
bool option_walk_complain_value(struct option_walk *walk, const char *what, const char *accepted);

/* Makes `value` what is there behind '=', or the next argument. */
bool option_walk_value(struct option_walk *walk, const char *accepted);

/* As that, where a value may be missing: then `value` is NULL. What begins with '-' is none. */
bool option_walk_optional_value(struct option_walk *walk, const char *accepted);

bool option_walk_no_value(struct option_walk *walk);
bool option_walk_switch(struct option_walk *walk, bool *is_on);

/* One to `bytes_max` bytes, none of them a control character or one of `without`. */
bool option_walk_word(struct option_walk *walk, const char *without, size_t bytes_max,
                      const char *accepted);

/* "10m", "1h30m", "90s" and, where that `is_bare` too, "90": whole seconds from `min_s` to `max_s`. */
bool option_walk_duration(struct option_walk *walk, bool is_bare, uint32_t min_s, uint32_t max_s,
                          uint32_t *seconds, const char *accepted);

/* Appends foreign text, which may be of any length and do anything to a terminal. */
void option_walk_append_quoted(struct view foreign, struct text *out);

#endif
