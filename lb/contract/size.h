/* Sizes as people write them: 512, 64k, 10m, 2g. Pure. */
#ifndef LB_CONTRACT_SIZE_H
#define LB_CONTRACT_SIZE_H

#include <stdbool.h>

#include "lb/base/view.h"

#define SIZE_BYTES_MAX (UINT64_C(1) << 50)

/* "off" and "0" give 0: no limit. Fails: false. */
bool size_parse(struct view value, uint64_t *out_bytes);

#endif
