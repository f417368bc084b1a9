#include "lb/base/colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_is_wanted(int fd)
{
    const char *refused = getenv("NO_COLOR"), *term = getenv("TERM");
    bool is_able = term && *term && strcmp(term, "dumb") != 0;
    return is_able && !(refused && *refused) && isatty(fd);
}
