/* What every target has: libFuzzer's entry, and a check that also ends release builds. */
#ifndef TESTS_FUZZ_SUPPORT_TARGET_H
#define TESTS_FUZZ_SUPPORT_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "tests/sim/sim_check.h"

/* Called by libFuzzer, or by replay.c, once for each input. Always gives 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TARGET_CHECK(condition) SIM_CHECK(condition)

#endif
