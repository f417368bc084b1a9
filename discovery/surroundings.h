/* In what kind of place this process runs. */
#ifndef DISCOVERY_SURROUNDINGS_H
#define DISCOVERY_SURROUNDINGS_H

#include <stdbool.h>

/* By the mark that Docker or Podman leaves in the containers they make. */
bool surroundings_are_container(void);

#endif
