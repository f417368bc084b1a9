/* What cmocka.h needs before it, in its order. */
#ifndef TESTS_UNIT_DISCOVERY_CMOCKA_ALL_H
#define TESTS_UNIT_DISCOVERY_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
