/* The terminal as `lb top` needs it: another screen, no echo, no cursor; and as it was before, however
 * the program ends: by return, by exit(), by a signal that can be caught. One at a time. */
#ifndef LB_CONSOLE_SCREEN_H
#define LB_CONSOLE_SCREEN_H

#include "lb/base/text.h"

/* Takes the terminal of standard input and output. Input that is none is left alone. */
void screen_open(void);

/* Gives it back. Idempotent. */
void screen_close(void);

/* Whether it is taken. */
bool screen_is_open(void);

/* Draws lines from the top on over those that are there; afresh: on an empty screen, as after its size has changed.
 * Gives false where nobody reads any more. */
bool screen_draw(const struct text *lines, bool is_afresh);

/* How large the terminal behind a descriptor is: by the system, else COLUMNS and LINES, else as given. */
void screen_measure(int fd, unsigned *columns, unsigned *lines);

#endif
