#include "lb/base/bounds.h"

#include <stdio.h>
#include <stdlib.h>

void bounds_broken(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: a bound does not hold: %s\n", file, line, condition);
    abort();
}
