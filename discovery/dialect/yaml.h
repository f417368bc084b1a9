/* A small document that somebody wrote into a label or a variable, in YAML or in JSON: objects,
 * arrays and strings. The door to libyaml. Pure. */
#ifndef DISCOVERY_DIALECT_YAML_H
#define DISCOVERY_DIALECT_YAML_H

#include <jansson.h>

#include "lb/base/view.h"

#define YAML_BYTES_MAX   65536u
#define YAML_DEPTH_MAX   16u
#define YAML_NODES_MAX   4096u
#define YAML_ERROR_BYTES 160

/* One document. Every scalar is a string (8000 and true, too), but for null, ~ and nothing, which
 * are null. Gives. Fails: NULL with a sentence: what is no YAML, what has a key twice, anchors and
 * tags, and what is too large. */
json_t *yaml_parse(struct view text, char error[YAML_ERROR_BYTES]);

#endif
