/* What waits because of one exchange. */
#ifndef LB_PROXY_HOLDING_H
#define LB_PROXY_HOLDING_H

#include <stddef.h>

/* Bytes of heads, kept and waiting bodies, in blocks and pipes; `exchange` is a struct exchange. */
size_t holding_of(const void *exchange);

#endif
