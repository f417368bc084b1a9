/* What an entry of the file says of how an endpoint is used: its share, its checks, its deadlines. Of
 * a service it holds for all of its endpoints, unless they say something else. Pure. */
#ifndef DISCOVERY_FILE_FILE_OPTIONS_H
#define DISCOVERY_FILE_FILE_OPTIONS_H

#include <jansson.h>

#include "discovery/file/file_place.h"
#include "lb/contract/check.h"
#include "lb/contract/capacity.h"
#include "lb/contract/waits.h"

struct file_options {
    unsigned weight;
    bool drains;
    bool has_check;
    struct check check;
    bool has_slow_start;
    unsigned slow_start_ms;
    struct waits waits;
    struct capacity capacity;
};

/* Lays what `json`, an object, says over `options`. Fails: false, and the place has the problem. */
bool file_options_read(const struct file_place *place, const json_t *json,
                       struct file_options *options);

#endif
