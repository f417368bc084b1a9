/* What a person pressed, out of the bytes that a terminal sends. Pure. */
#ifndef LB_CONSOLE_KEYS_H
#define LB_CONSOLE_KEYS_H

#include "lb/base/view.h"

/* Above those of ASCII, which stand for themselves. */
enum key { KEY_NONE = 0, KEY_UP = 256, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END };

/* Takes one from the front. An escape sequence that nobody knows is KEY_NONE. */
int keys_next(struct view *bytes);

#endif
