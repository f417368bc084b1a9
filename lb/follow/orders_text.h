/* Orders as JSON, as they are kept for the next lb. Thread: control. */
#ifndef LB_FOLLOW_ORDERS_TEXT_H
#define LB_FOLLOW_ORDERS_TEXT_H

#include "lb/base/text.h"
#include "lb/follow/orders.h"

/* Takes those of the text in place of what `orders` has. Fails: false, `problem` says what is wrong with the text, and
 * nothing is taken. */
bool orders_text_read(struct view bytes, struct orders *orders, struct text *problem);

/* Appends an object and a newline. Pauses are not in it. */
void orders_text_write(const struct orders *orders, struct text *out);

#endif
