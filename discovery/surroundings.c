#include "discovery/surroundings.h"

#include <unistd.h>

bool surroundings_are_container(void)
{
    return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0;
}
