/* The JSON file of --config as a layer. */
#ifndef LB_CONFIG_CONFIG_FILE_H
#define LB_CONFIG_CONFIG_FILE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_layer.h"

#define CONFIG_FILE_MAX_BYTES (1024 * 1024)

/* Reads the file that `named` (--config, LB_CONFIG) gives: one object, the words of the flags as
 * keys. Borrows. Fails: false; a message for each thing that is wrong is added to `faults`. */
bool config_file_read(const struct config_entry *named, struct config_layer *layer,
                      struct text *faults);

#endif
